import CressetBackend

// 16-bit types that a kernel does not have: computed in float32, and rounded once.

extension CPUBackend {
    /// Whether a kernel of this operand must work in float32: processors have no arithmetic for float16.
    @inline(__always)
    func isWidened(_ operand: Operand) -> Bool { operand.dtype == .float16 }

    /// The same for a kernel that takes values for each channel, which may have another type.
    func isWidened(_ operand: Operand, beside values: Operand?...) -> Bool {
        isWidened(operand) || values.contains { $0.map(isWidened) == true }
    }

    /// The same for products and convolutions, which some processors do not have for bfloat16 either.
    @inline(__always)
    func needsWidening(_ operand: Operand) -> Bool {
        operand.dtype == .float16 || operand.dtype == .bfloat16 && !OneDNN.supportsBFloat16
    }

    /// Calls `body` with float32 copies of all 16-bit operands, then rounds the results into the originals.
    ///
    /// - Parameters:
    ///   - inputs: What is read.
    ///   - results: What is written; nothing reads their old contents.
    ///   - body: The computation, on the copies in the same order.
    func inFloat32<R>(
        _ inputs: [Operand?], results: [Operand?], _ body: (_ inputs: [Operand?], _ results: [Operand?]) -> R
    ) -> R {
        let wideInputs = inputs.map { $0.map { $0.widened(by: self, copiesElements: true) } }
        let wideResults = results.map { $0.map { $0.widened(by: self, copiesElements: false) } }
        let value = body(wideInputs, wideResults)
        for case (let wide?, let original?) in zip(wideResults, results) where wide.dtype != original.dtype {
            copy(wide.withoutRepetition, to: original.withoutRepetition)
        }
        withExtendedLifetime(wideInputs) {}
        return value
    }

    /// A weight in float32; `keepsCopy`: the copy, and what is derived from it in turn, is kept until the weight changes.
    func widened(_ weight: Operand, keepsCopy: Bool) -> Operand {
        guard keepsCopy, weight.dtype != .float32, let storage = weight.storage else {
            return weight.widened(by: self, copiesElements: true)
        }
        let copy = storage.derivedValues.value(for: WidenedWeight.Key(view: StorageView(weight, in: storage))) {
            let copy = weight.widened(by: self, copiesElements: true)
            return WidenedWeight(storage: copy.storage!, shape: copy.shape, strides: copy.strides)
        }
        return Operand(
            pointer: copy.storage.pointer, dtype: .float32, shape: copy.shape, strides: copy.strides,
            storage: copy.storage)
    }
}

/// A weight's float32 copy.
private struct WidenedWeight: Sendable {
    struct Key: Hashable, Sendable {
        let view: StorageView
    }

    let storage: Storage
    let shape, strides: Shape
}

extension Operand {
    /// A float32 tensor with the same elements, in the same order of axes but without gaps; it repeats itself along the
    /// axes along which this one does. Itself if it is no 16-bit one.
    func widened(by backend: CPUBackend, copiesElements: Bool) -> Operand {
        guard dtype == .bfloat16 || dtype == .float16 else { return self }
        let once = withoutRepetition
        let storage = backend.allocate(once.shape, .float32)
        var wide = once
        (wide.pointer, wide.dtype, wide.storage) = (storage.pointer, .float32, storage)
        var step = 1
        for axis in shape.indices.sorted(by: { once.strides[$0] < once.strides[$1] }) {
            wide.strides[axis] = step
            step *= once.shape[axis]
        }
        if copiesElements && elementCount > 0 { backend.copy(once, to: wide) }
        for axis in shape.indices where strides[axis] == 0 { wide.strides[axis] = 0 }
        wide.shape = shape
        return wide
    }

    /// The elements that are there: axes along which nothing changes have length 1. A reduction of no elements has a result.
    fileprivate var withoutRepetition: Operand {
        var once = self
        for axis in shape.indices where strides[axis] == 0 && shape[axis] != 1 { once.shape[axis] = 1 }
        return once
    }
}
