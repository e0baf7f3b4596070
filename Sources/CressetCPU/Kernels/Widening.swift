import CressetBackend

/// 16-bit types that a kernel does not have: computed in float32 and rounded.
extension CPUBackend {
    /// Whether a product or a convolution of this operand must be done in float32: float16 always, bfloat16 on
    /// processors where oneDNN does not support it.
    @inline(__always)
    func needsWidening(_ operand: Operand) -> Bool {
        operand.dtype == .float16 || operand.dtype == .bfloat16 && !OneDNN.supportsBFloat16
    }

    /// Calls `body` with float32 copies of all 16-bit operands, then rounds the results into the originals.
    func inFloat32(
        _ inputs: [Operand?], results: [Operand?], _ body: (_ inputs: [Operand?], _ results: [Operand?]) -> Void
    ) {
        let wideInputs = inputs.map { $0.map { $0.widened(by: self, copiesElements: true) } }
        let wideResults = results.map { $0.map { $0.widened(by: self, copiesElements: false) } }
        body(wideInputs, wideResults)
        for case (let wide?, let original?) in zip(wideResults, results) where wide.dtype != original.dtype {
            copy(wide, to: original)
        }
        withExtendedLifetime(wideInputs) {}
    }
}

extension Operand {
    /// A float32 tensor of the same shape; dense, and channels-last if this one is. Itself if it is no 16-bit one.
    fileprivate func widened(by backend: CPUBackend, copiesElements: Bool) -> Operand {
        guard dtype == .bfloat16 || dtype == .float16 else { return self }
        let storage = backend.allocate(shape, .float32)
        let wide = Operand(
            pointer: storage.pointer, dtype: .float32, shape: shape,
            strides: isChannelsLast ? shape.channelsLastStrides : shape.rowMajorStrides, storage: storage)
        if copiesElements { backend.copy(self, to: wide) }
        return wide
    }
}
