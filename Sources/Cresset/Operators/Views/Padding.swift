/// The values added around a tensor.
public enum TensorPadding: Sendable, Hashable {
    case constant(Double)
    /// The mirror image, excluding the elements at the edge.
    case reflect
    /// The element at the edge, repeated.
    case replicate
    /// The elements of the opposite end.
    case circular
}

extension Tensor {
    /// This tensor with elements added before and after axes.
    ///
    /// - Parameters:
    ///   - amounts: How many, in pairs (before, after), starting with the last axis; negative ones are cut off.
    ///   - mode: Their values.
    /// - Source: `torch.nn.functional.pad`. Traps if a mirror image would be longer than the axis.
    public func padded(_ amounts: [Int], _ mode: TensorPadding = .constant(0)) -> Tensor {
        guard amounts.count % 2 == 0, amounts.count / 2 <= rank else {
            fail(
                "padded", "amounts \(amounts) do not fit shape \(shape)",
                hint: "give a pair (before, after) for each axis, last axis first")
        }
        let pairs = (0..<amounts.count / 2).map {
            (axis: rank - 1 - $0, before: amounts[2 * $0], after: amounts[2 * $0 + 1])
        }
        if case .constant(let value) = mode { return padded(pairs, value) }
        // Cutting off comes first: the circle closes without the removed elements.
        if mode == .circular, amounts.contains(where: { $0 < 0 }) {
            return padded(amounts.map { Swift.min(0, $0) }).padded(amounts.map { Swift.max(0, $0) }, mode)
        }
        var result = self
        for (axis, before, after) in pairs where before != 0 || after != 0 {
            let indices = paddingIndices(shape[axis], before, after, mode, axis)
            result = result.indexSelect(axis: axis, indices: DeviceConstants.table(indices, on: device))
        }
        return result
    }

    private func paddingIndices(_ n: Int, _ before: Int, _ after: Int, _ mode: TensorPadding, _ axis: Int) -> [Int] {
        let most = mode == .reflect ? n - 1 : mode == .circular ? n : Int.max
        guard n + before + after >= 0, n > 0, before <= most, after <= most else {
            fail(
                "padded",
                "cannot add (\(before), \(after)) elements around axis \(axis) of shape \(shape), mode \(mode)")
        }
        return (-before..<n + after).map { i in
            switch mode {
            case .reflect: i < 0 ? -i : i >= n ? 2 * (n - 1) - i : i
            case .replicate: Swift.min(Swift.max(i, 0), n - 1)
            default: (i + n) % n
            }
        }
    }

    private func padded(_ pairs: [(axis: Int, before: Int, after: Int)], _ value: Double) -> Tensor {
        var x = self
        for (axis, before, after) in pairs where before < 0 || after < 0 {
            let start = Swift.max(0, -before)
            let count = x.shape[axis] - start - Swift.max(0, -after)
            guard count >= 0 else {
                fail("padded", "(\(before), \(after)) cut off more than axis \(axis) of \(shape) has")
            }
            x = x.narrowed(axis: axis, start: start, count: count)
        }
        var lengths = x.shape
        for (axis, before, after) in pairs { lengths[axis] += Swift.max(0, before) + Swift.max(0, after) }
        if lengths == x.shape { return x }
        let out = Tensor.filled(lengths, .float(value), dtype: dtype, device: device)
        let original = x.shape
        let starts = pairs.map { (axis: $0.axis, start: Swift.max(0, $0.before)) }
        let part = starts.reduce(out) { $0.narrowed(axis: $1.axis, start: $1.start, count: original[$1.axis]) }
        backend.copy(x.operand, to: part.operand)
        return out.recorded("padded", x) { gradient in
            starts.reduce(gradient) { $0.narrowed(axis: $1.axis, start: $1.start, count: original[$1.axis]) }
        }
    }
}
