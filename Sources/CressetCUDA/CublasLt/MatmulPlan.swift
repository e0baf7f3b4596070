import CCUDA
import CressetBackend

/// How the axes of a batch are walked: the longest in one call, the others by several calls.
struct BatchLoops {
    let inner: MatmulProblem.BatchAxis
    /// Where each call starts, in elements.
    let offsets: [(a: Int, b: Int, out: Int)]

    init(_ problem: MatmulProblem) {
        var outer = problem.batch
        let longest = outer.indices.max { outer[$0].length < outer[$1].length }
        inner = longest.map { outer.remove(at: $0) } ?? .init(length: 1, a: 0, b: 0, out: 0)
        var offsets = [(a: 0, b: 0, out: 0)]
        for axis in outer {
            offsets = offsets.flatMap { start in
                (0..<axis.length).map { (start.a + $0 * axis.a, start.b + $0 * axis.b, start.out + $0 * axis.out) }
            }
        }
        self.offsets = offsets
    }
}

/// A product of particular shapes, layouts and types: cuBLASLt's algorithm, copies of operands whose layout it does not
/// accept, and any work left for afterwards.
final class MatmulPlan: Sendable {
    /// Nil if cuBLASLt cannot do it: one of our own kernels computes it.
    private let product: CublasLtProduct?
    /// Byte offsets of the calls.
    private let offsets: [(left: Int, right: Int, out: Int)]
    /// Whether the transpose is computed, from the transposed operands in reverse order.
    private let isTransposed: Bool
    private let copiesA, copiesB, copiesOut: Bool
    private let biasIsLeft: Bool

    /// If one product needs more calls than this, its operands are copied so that the batch has a single stride.
    private static var mostCalls: Int { 16 }

    init(
        _ backend: CUDABackend, _ a: Operand, _ b: Operand, bias: Operand?, epilogue: Epilogue, out: Operand,
        allowsTF32: Bool
    ) {
        let copies = Self.copies(a, b, bias: bias, epilogue: epilogue, out: out)
        (copiesA, copiesB, copiesOut) = (copies.a, copies.b, copies.out)
        var problem = MatmulProblem(
            copies.a ? a.dense : a, copies.b ? b.dense : b, out: copies.out ? out.dense : out)
        let isTransposed = !Self.isDense(problem.n, problem.out.column, problem.m, problem.out.row)
        self.isTransposed = isTransposed
        if isTransposed { problem = problem.transposed }
        let (left, right) = isTransposed ? (b, a) : (a, b)
        let loops = BatchLoops(problem)
        let (leftSize, rightSize, outSize) = (left.dtype.itemSize, right.dtype.itemSize, out.dtype.itemSize)
        let offsets = loops.offsets.map { (left: $0.a * leftSize, right: $0.b * rightSize, out: $0.out * outSize) }
        self.offsets = offsets
        func matrix(
            _ operand: Operand, _ isCopy: Bool, _ rows: Int, _ columns: Int, _ strides: (row: Int, column: Int),
            _ stride: Int,
            _ starts: [Int]
        ) -> CublasLtProduct.Matrix {
            let byRows = Self.isDense(columns, strides.column, rows, strides.row)
            let leading = byRows ? (rows == 1 ? columns : strides.row) : (columns == 1 ? rows : strides.column)
            // The worst alignment among all matrices.
            let places = starts.reduce(stride * operand.dtype.itemSize, |)
            let alignment = min(places.trailingZeroBitCount, isCopy ? 4 : operand.alignmentClass)
            return CublasLtProduct.Matrix(
                rows: rows, columns: columns, leading: leading, isTransposed: !byRows, batchStride: stride,
                alignment: 1 << alignment, dtype: operand.dtype)
        }
        let matrices = (
            left: matrix(
                left, isTransposed ? copies.b : copies.a, problem.m, problem.k, problem.a, loops.inner.a,
                offsets.map(\.left)),
            right: matrix(
                right, isTransposed ? copies.a : copies.b, problem.k, problem.n, problem.b, loops.inner.b,
                offsets.map(\.right)),
            out: matrix(
                out, copies.out, problem.m, problem.n, problem.out, loops.inner.out, offsets.map(\.out))
        )
        func product(hasBias: Bool) -> CublasLtProduct? {
            CublasLtProduct(
                backend.matmulPlans.handle(backend), left: matrices.left, right: matrices.right, result: matrices.out,
                batch: loops.inner.length, hasBias: hasBias, allowsTF32: allowsTF32)
        }
        let fusesBias = bias.map { !isTransposed && $0.alignmentClass == 4 } ?? false
        let fused = fusesBias ? product(hasBias: true) : nil
        self.product = fused ?? product(hasBias: false)
        biasIsLeft = bias != nil && fused == nil
    }

    // MARK: Layouts

    /// Whether a matrix has dense rows, as one call needs them: (`columns`, 1 apart) and rows that do not overlap.
    private static func isDense(_ columns: Int, _ columnStride: Int, _ rows: Int, _ rowStride: Int) -> Bool {
        (columns == 1 || columnStride == 1) && (rows == 1 || rowStride >= columns)
    }

    private static func copies(
        _ a: Operand, _ b: Operand, bias: Operand?, epilogue: Epilogue, out: Operand
    ) -> (a: Bool, b: Bool, out: Bool) {
        func isTaken(_ operand: Operand) -> Bool {
            let (r, c) = (operand.shape.count - 2, operand.shape.count - 1)
            let (rows, columns) = (operand.shape[r], operand.shape[c])
            return isDense(columns, operand.strides[c], rows, operand.strides[r])
                || isDense(rows, operand.strides[r], columns, operand.strides[c])
        }
        // The finishing pass needs dense rows; so does cuBLASLt's own bias.
        let isFinished = bias != nil || epilogue != .none
        var copies = (a: !isTaken(a), b: !isTaken(b), out: !isTaken(out) || isFinished && !out.isContiguous)
        let problem = MatmulProblem(copies.a ? a.dense : a, copies.b ? b.dense : b, out: copies.out ? out.dense : out)
        if BatchLoops(problem).offsets.count > mostCalls {
            copies = (copies.a || !a.isContiguous, copies.b || !b.isContiguous, copies.out || !out.isContiguous)
        }
        return copies
    }

    // MARK: Running

    func run(_ backend: CUDABackend, _ a: Operand, _ b: Operand, bias: Operand?, epilogue: Epilogue, into out: Operand)
    {
        guard let product else {
            backend.tileProducts(MatmulProblem(a, b, out: out), a, b, bias: bias, epilogue: epilogue, into: out)
            return
        }
        if copiesA {
            withDense(backend, a) { runDense(backend, product, $0, b, bias, epilogue, out) }
        } else {
            runDense(backend, product, a, b, bias, epilogue, out)
        }
    }

    @inline(__always)
    private func runDense(
        _ backend: CUDABackend, _ product: CublasLtProduct, _ a: Operand, _ b: Operand, _ bias: Operand?,
        _ epilogue: Epilogue, _ out: Operand
    ) {
        if copiesB {
            withDense(backend, b) { runProduct(backend, product, a, $0, bias, epilogue, out) }
        } else {
            runProduct(backend, product, a, b, bias, epilogue, out)
        }
    }

    @inline(__always)
    private func runProduct(
        _ backend: CUDABackend, _ product: CublasLtProduct, _ a: Operand, _ b: Operand, _ bias: Operand?,
        _ epilogue: Epilogue, _ out: Operand
    ) {
        if copiesOut {
            backend.withTemporary(byteCount: out.elementCount * out.dtype.itemSize) {
                var dense = out.dense
                dense.pointer = $0
                runCalls(backend, product, a, b, bias, epilogue, dense)
                backend.launchCopy(dense, to: out)
            }
        } else {
            runCalls(backend, product, a, b, bias, epilogue, out)
        }
    }

    @inline(__always)
    private func runCalls(
        _ backend: CUDABackend, _ product: CublasLtProduct, _ a: Operand, _ b: Operand, _ bias: Operand?,
        _ epilogue: Epilogue, _ out: Operand
    ) {
        let (left, right) = isTransposed ? (b.pointer, a.pointer) : (a.pointer, b.pointer)
        for offset in offsets {
            product.run(
                left: left + offset.left, right: right + offset.right, bias: bias?.pointer,
                into: out.pointer + offset.out, stream: backend.stream)
        }
        backend.finishIfSynchronous("cublasLtMatmul")
        // cuBLASLt's own rectifier does not guarantee to keep NaN.
        if biasIsLeft || epilogue != .none {
            let columns = out.shape[out.shape.count - 1]
            backend.finish(
                out.pointer, out.dtype, rows: out.elementCount / columns, columns: columns,
                bias: biasIsLeft ? bias?.pointer : nil, epilogue: epilogue)
        }
    }

    private func withDense(_ backend: CUDABackend, _ operand: Operand, _ body: (Operand) -> Void) {
        backend.withTemporary(byteCount: operand.elementCount * operand.dtype.itemSize) {
            var dense = operand.dense
            dense.pointer = $0
            backend.launchCopy(operand, to: dense)
            body(dense)
        }
    }
}

extension Operand {
    /// The layout a row-major copy would have; the pointer is still this operand's.
    fileprivate var dense: Operand {
        Operand(pointer: pointer, dtype: dtype, shape: shape, strides: shape.rowMajorStrides)
    }
}
