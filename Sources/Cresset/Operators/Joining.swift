// Tensors put together and taken apart.

extension Tensor {
    /// The tensors one behind the other along `axis`; their other lengths are equal.
    ///
    /// A tensor of shape [0] is nothing and fits any other, as in PyTorch.
    public static func concatenated(_ tensors: [Tensor], axis: Int = 0) -> Tensor {
        guard let first = tensors.first(where: { $0.shape != [0] }) ?? tensors.first else {
            fail("concatenated", "there is nothing to concatenate")
        }
        let axis = first.axis(axis, "concatenated")
        var shape = first.shape
        shape[axis] = 0
        var dtype = first.dtype
        for tensor in tensors {
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
        return out.recorded("concatenated", tensors) { [starts] gradient in
            zip(tensors, starts).map { tensor, start in
                if tensor.shape == [0] { return Tensor.zeros(like: tensor) }
                return tensor.requiresGradient
                    ? gradient.narrowed(axis: axis, start: start, count: tensor.shape[axis]).to(tensor.dtype) : nil
            }
        }
    }

    /// The tensors, of one shape, along a new axis.
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
        guard length > 0 else { fail("split", "parts of length \(length)") }
        return split(lengths: n == 0 ? [0] : stride(from: 0, to: n, by: length).map { Swift.min(length, n - $0) }, axis: axis)
    }

    /// Parts of the lengths given along `axis`; they add up to its length.
    public func split(lengths: [Int], axis: Int = 0) -> [Tensor] {
        let axis = self.axis(axis, "split")
        guard lengths.reduce(0, +) == shape[axis] else {
            fail("split", "the lengths \(lengths) do not add up to \(shape[axis]), the length of axis \(axis)")
        }
        var start = 0
        return lengths.map { length in
            defer { start += length }
            return narrowed(axis: axis, start: start, count: length)
        }
    }
}
