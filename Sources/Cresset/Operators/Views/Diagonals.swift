// Diagonals and triangles of matrices.

extension Tensor {
    /// The diagonal of the matrices in two axes, as a new last axis; `offset` above 0 is to the right of the main one.
    ///
    /// - Parameters:
    ///   - offset: Which diagonal: positive ones lie above the main one, negative ones below.
    ///   - axis1: The axis of the rows.
    ///   - axis2: The axis of the columns.
    public func diagonal(offset: Int = 0, axis1: Int = 0, axis2: Int = 1) -> Tensor {
        let (a, b) = diagonalAxes(axis1, axis2, "diagonal")
        let original = shape
        return diagonalWindow(offset, a, b).recorded("diagonal", self) { gradient in
            let out = Tensor.zeros(original, dtype: gradient.dtype, device: gradient.device)
            return gradient.placed(on: out, offset, a, b)
        }
    }

    /// Matrices in two new axes with this tensor's last axis on a diagonal, zeros elsewhere.
    ///
    /// - Parameters:
    ///   - offset: Which diagonal: positive ones lie above the main one, negative ones below.
    ///   - axis1: The result's axis of the rows.
    ///   - axis2: The result's axis of the columns.
    public func diagonalEmbedded(offset: Int = 0, axis1: Int = -2, axis2: Int = -1) -> Tensor {
        guard rank >= 1 else { fail("diagonalEmbedded", "a single number is not a diagonal") }
        let n = shape[rank - 1] + Swift.abs(offset)
        let (a, b) = (axis1 < 0 ? axis1 + rank + 1 : axis1, axis2 < 0 ? axis2 + rank + 1 : axis2)
        guard a >= 0, b >= 0, a != b, a <= rank, b <= rank else {
            fail("diagonalEmbedded", "axes \(axis1) and \(axis2) of \(rank + 1)")
        }
        var lengths = Array(shape.dropLast())
        for axis in [a, b].sorted() { lengths.insert(n, at: axis) }
        return placed(on: .zeros(Shape(lengths), dtype: dtype, device: device), offset, a, b)
    }

    /// The diagonal of a matrix, or a matrix with this one-axis tensor on its diagonal.
    ///
    /// - Parameter offset: Which diagonal: positive ones lie above the main one, negative ones below.
    ///
    /// *Source*: `torch.diag`.
    public func diag(_ offset: Int = 0) -> Tensor {
        rank == 1 ? diagonalEmbedded(offset: offset) : diagonal(offset: offset)
    }

    /// The sum of the diagonal of a matrix.
    public func trace() -> Tensor {
        guard rank == 2 else { fail("trace", "shape \(shape) is not a matrix") }
        return diagonal().sum()
    }

    private func diagonalAxes(_ axis1: Int, _ axis2: Int, _ operation: StaticString) -> (Int, Int) {
        let (a, b) = (axis(axis1, operation), axis(axis2, operation))
        guard rank >= 2, a != b else {
            fail("\(operation)", "axes \(axis1) and \(axis2) of shape \(shape) do not form a matrix")
        }
        return (a, b)
    }

    private func diagonalWindow(_ offset: Int, _ a: Int, _ b: Int) -> Tensor {
        let (down, right) = (Swift.max(0, -offset), Swift.max(0, offset))
        let count = Swift.max(0, Swift.min(shape[a] - down, shape[b] - right))
        let kept = (0..<rank).filter { $0 != a && $0 != b }
        return window(
            shape: Shape(kept.map { shape[$0] } + [count]),
            strides: Shape(kept.map { strides[$0] } + [strides[a] + strides[b]]),
            offset: count == 0 ? 0 : down * strides[a] + right * strides[b])
    }

    /// Fresh zeros with this tensor on a diagonal.
    private func placed(on zeros: Tensor, _ offset: Int, _ a: Int, _ b: Int) -> Tensor {
        backend.copy(operand, to: zeros.diagonalWindow(offset, a, b).operand)
        return zeros.recorded("diagonalEmbedded", self) { $0.diagonal(offset: offset, axis1: a, axis2: b) }
    }

    /// The lower triangle of the matrices in the last two axes, with `diagonal` additional diagonals; zeros above.
    public func lowerTriangle(diagonal: Int = 0) -> Tensor { triangle(diagonal, "lowerTriangle") { $0 .<= $1 } }

    /// The upper triangle of the matrices in the last two axes, from diagonal `diagonal` on; zeros below.
    public func upperTriangle(diagonal: Int = 0) -> Tensor { triangle(diagonal, "upperTriangle") { $0 .>= $1 } }

    private func triangle(_ diagonal: Int, _ name: String, _ isKept: (Tensor, Tensor) -> Tensor) -> Tensor {
        guard rank >= 2 else { fail(name, "shape \(shape) contains no matrices") }
        let columns = Tensor.arange(shape[rank - 1], device: device)
        let rows = Tensor.arange(shape[rank - 2], device: device).unsqueezed(at: 1)
        // A zero of this dtype: a number combined with bool would give integers.
        return Tensor.select(isKept(columns, rows + diagonal), self, .zeros([], dtype: dtype, device: device))
    }
}
