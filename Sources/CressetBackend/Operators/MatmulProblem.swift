/// A product of (batches of) matrices, reduced to as few axes as possible.
///
/// Batch axes of length 1 are dropped, adjacent axes that are contiguous are merged, and where `b` is the same for
/// every batch the rows of all batches of `a` become one matrix: a linear layer on (batch, time, features) is a single
/// product.
package struct MatmulProblem {
    /// Length and strides, in elements, of one batch axis. A stride of 0 means the same matrix for each index.
    package struct BatchAxis {
        package var length, a, b, out: Int

        package init(length: Int, a: Int, b: Int, out: Int) {
            (self.length, self.a, self.b, self.out) = (length, a, b, out)
        }
    }

    package var m, n, k: Int
    /// Strides of rows and columns.
    package var a, b, out: (row: Int, column: Int)
    package var batch: [BatchAxis] = []

    package init(_ x: Operand, _ y: Operand, out result: Operand) {
        let rank = result.shape.count
        m = result.shape[rank - 2]
        n = result.shape[rank - 1]
        k = x.shape[rank - 1]
        a = (x.strides[rank - 2], x.strides[rank - 1])
        b = (y.strides[rank - 2], y.strides[rank - 1])
        out = (result.strides[rank - 2], result.strides[rank - 1])
        guard rank > 2 else { return }
        for axis in 0..<rank - 2 where result.shape[axis] != 1 {
            let next = BatchAxis(
                length: result.shape[axis], a: x.shape[axis] == 1 ? 0 : x.strides[axis],
                b: y.shape[axis] == 1 ? 0 : y.strides[axis], out: result.strides[axis])
            if let last = batch.last, last.a == next.a * next.length, last.b == next.b * next.length,
                last.out == next.out * next.length
            {
                batch[batch.count - 1] = next
                batch[batch.count - 1].length = last.length * next.length
            } else {
                batch.append(next)
            }
        }
        while let last = batch.last, last.b == 0, last.a == a.row * m, last.out == out.row * m {
            m *= last.length
            batch.removeLast()
        }
    }

    /// The problem whose result is the transpose of this one's.
    package var transposed: MatmulProblem {
        var problem = self
        (problem.m, problem.n) = (n, m)
        problem.a = (b.column, b.row)
        problem.b = (a.column, a.row)
        problem.out = (out.column, out.row)
        problem.batch = batch.map { BatchAxis(length: $0.length, a: $0.b, b: $0.a, out: $0.out) }
        return problem
    }
}
