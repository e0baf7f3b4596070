// Joining and splitting tensors.

extension Tensor {
    /// The tensors joined along `axis`; their other lengths are equal.
    ///
    /// A tensor of shape [0] counts as empty and fits any other, as in PyTorch.
    ///
    /// - Parameters:
    ///   - tensors: The parts, which may differ only in the length of the axis.
    ///   - axis: The axis; a negative one counts from the end.
    public static func concatenated(_ tensors: [Tensor], axis: Int = 0) -> Tensor {
        guard let first = tensors.first(where: { $0.shape != [0] }) ?? tensors.first else {
            fail("concatenated", "there is nothing to concatenate")
        }
        let axis = first.axis(axis, "concatenated")
        var shape = first.shape
        shape[axis] = 0
        var dtype = first.dtype
        for tensor in tensors {
            first.require(sameDevice: tensor, "concatenated")
            dtype = dtype.promoted(with: tensor.dtype)
            if tensor.shape == [0] { continue }
            guard tensor.rank == first.rank,
                shape.indices.allSatisfy({ $0 == axis || tensor.shape[$0] == first.shape[$0] })
            else {
                fail("concatenated", "shapes \(first.shape) and \(tensor.shape) differ in more than axis \(axis)")
            }
            shape[axis] += tensor.shape[axis]
        }
        let channelsLast = tensors.allSatisfy { $0.isChannelsLast && !$0.isContiguous }
        let out = uninitialized(
            shape, strides: channelsLast ? shape.channelsLastStrides : nil, dtype: dtype, device: first.device)
        var starts: [Int] = []
        var start = 0
        for tensor in tensors {
            starts.append(start)
            if tensor.shape == [0] { continue }
            let part = out.narrowed(axis: axis, start: start, count: tensor.shape[axis])
            out.backend.copy(tensor.operand, to: part.operand)
            start += tensor.shape[axis]
        }
        // The shapes of the parts, not the parts themselves, which need not live until the backward pass.
        let parts = tensors.indices.map {
            (tensors[$0].shape, tensors[$0].dtype, tensors[$0].requiresGradient, starts[$0])
        }
        let device = first.device
        return out.recorded("concatenated", tensors) { gradient in
            parts.map { shape, dtype, requiresGradient, start in
                if !requiresGradient { return nil }
                if shape == [0] { return .zeros([0], dtype: dtype, device: device) }
                return gradient.narrowed(axis: axis, start: start, count: shape[axis]).to(dtype)
            }
        }
    }

    /// The tensors, all of the same shape, along a new axis.
    ///
    /// - Parameters:
    ///   - tensors: The parts, all of the same shape.
    ///   - axis: The position of the new axis; a negative one counts from the end.
    public static func stacked(_ tensors: [Tensor], axis: Int = 0) -> Tensor {
        for tensor in tensors where tensor.shape != tensors[0].shape {
            fail("stacked", "shapes \(tensors[0].shape) and \(tensor.shape) differ")
        }
        guard let first = tensors.first else { fail("stacked", "there is nothing to stack") }
        let at = axis < 0 ? axis + first.rank + 1 : axis
        return concatenated(tensors.map { $0.unsqueezed(at: at) }, axis: at)
    }

    /// Parts of at most `length` along `axis`.
    public func split(_ length: Int, axis: Int = 0) -> [Tensor] {
        let n = shape[self.axis(axis, "split")]
        guard length > 0 else { fail("split", "the parts cannot have length \(length)") }
        return split(
            lengths: n == 0 ? [0] : stride(from: 0, to: n, by: length).map { Swift.min(length, n - $0) }, axis: axis)
    }

    /// Parts of the given lengths along `axis`; they add up to its length.
    ///
    /// - Parameters:
    ///   - lengths: The length of each part; they add up to the axis.
    ///   - axis: The axis; a negative one counts from the end.
    public func split(lengths: [Int], axis: Int = 0) -> [Tensor] {
        let axis = self.axis(axis, "split")
        guard lengths.reduce(0, +) == shape[axis] else {
            fail("split", "the lengths \(lengths) do not add up to \(shape[axis]), the length of axis \(axis)")
        }
        let x = detached()
        var start = 0
        let parts = lengths.map { length in
            defer { start += length }
            return x.narrowed(axis: axis, start: start, count: length)
        }
        return recordedParts("split", parts) { .concatenated($0, axis: axis) }
    }

    /// At most `count` parts of equal length along `axis`; the last may be shorter.
    public func chunked(_ count: Int, axis: Int = 0) -> [Tensor] {
        guard count > 0 else { fail("chunked", "\(count) parts") }
        let n = shape[self.axis(axis, "chunked")]
        return split(Swift.max(1, (n + count - 1) / count), axis: axis)
    }

    /// `count` parts along `axis` whose lengths differ by at most one.
    public func divided(into count: Int, axis: Int = 0) -> [Tensor] {
        guard count > 0 else { fail("divided", "\(count) parts") }
        let n = shape[self.axis(axis, "divided")]
        return split(lengths: (0..<count).map { n / count + ($0 < n % count ? 1 : 0) }, axis: axis)
    }

    /// The parts between the positions given along `axis`.
    ///
    /// - Parameters:
    ///   - positions: Where to cut.
    ///   - axis: The axis; a negative one counts from the end.
    public func divided(at positions: [Int], axis: Int = 0) -> [Tensor] {
        let axis = self.axis(axis, "divided")
        let n = shape[axis]
        let bounds = [0] + positions.map { Swift.min(Swift.max($0 < 0 ? $0 + n : $0, 0), n) } + [n]
        return zip(bounds, bounds.dropFirst()).map { narrowed(axis: axis, start: $0, count: Swift.max(0, $1 - $0)) }
    }

    /// The slices along `axis`, each without that axis.
    public func unstacked(axis: Int = 0) -> [Tensor] {
        let axis = self.axis(axis, "unstacked")
        let x = detached()
        let slices = (0..<shape[axis]).map { x.selected(axis: axis, index: $0) }
        return recordedParts("unstacked", slices) { .stacked($0, axis: axis) }
    }

    /// Connects the parts that make up this tensor; `join` undoes the division.
    ///
    /// One node for all: with separate nodes, every part would create a whole tensor of zeros in the backward pass.
    private func recordedParts(
        _ name: StaticString, _ parts: [Tensor], _ join: @escaping @Sendable ([Tensor]) -> Tensor
    ) -> [Tensor] {
        let (shapes, dtype, device) = (parts.map(\.shape), dtype, device)
        return Tensor.recorded(name, results: parts, [self]) { gradients in
            [join(zip(gradients, shapes).map { $0 ?? .zeros($1, dtype: dtype, device: device) })]
        }
    }

    /// The tensors broadcast to a common shape.
    ///
    /// - Parameter tensors: Tensors whose shapes broadcast.
    public static func broadcastTogether(_ tensors: [Tensor]) -> [Tensor] {
        var shape: Shape = []
        for tensor in tensors {
            shape = required { () throws(ShapeError) in
                try Shape.broadcast(shape, tensor.shape, operation: "broadcastTogether")
            }
        }
        return tensors.map { $0.broadcast(to: shape) }
    }

    /// Tensors of one axis spread over a grid: the n-th varies only along axis n.
    ///
    /// - Parameters:
    ///   - tensors: The coordinates along each axis, one-dimensional.
    ///   - firstIsColumn: Whether the first varies along axis 1 and the second along axis 0, as for x and y.
    public static func meshgrid(_ tensors: [Tensor], firstIsColumn: Bool = false) -> [Tensor] {
        guard tensors.allSatisfy({ $0.rank <= 1 }) else {
            fail("meshgrid", "shapes \(tensors.map(\.shape)): each must have one axis")
        }
        var order = Array(tensors.indices)
        if firstIsColumn && order.count >= 2 { order.swapAt(0, 1) }
        let lengths = Shape(order.map { tensors[$0].elementCount })
        return tensors.indices.map { i in
            var own = Shape(repeating: 1, count: lengths.count)
            own[order.firstIndex(of: i)!] = tensors[i].elementCount
            return tensors[i].reshaped(own).broadcast(to: lengths)
        }
    }

    /// All combinations of the elements of tensors of one axis, one per row.
    ///
    /// - Parameter tensors: One-dimensional tensors.
    public static func cartesianProduct(_ tensors: [Tensor]) -> Tensor {
        if tensors.count == 1 { return tensors[0] }
        return stacked(meshgrid(tensors).map { $0.flattened() }, axis: 1)
    }
}
