import CKernels
import COneDNN
import CressetBackend

/// A compiled matrix product, with copies of operands whose layout oneDNN does not accept.
final class MatmulPlan: Sendable {
    private let primitive: Primitive
    /// Whether the transpose is computed, from the transposed operands in reverse order.
    private let isTransposed: Bool
    private let hasBias: Bool
    private let a, b, out: Matrices
    /// From the second operand's layout to the one that is quickest to read; nil if it is read as it is.
    private let packing: (conversion: Primitive, layout: MemoryDescriptor)?

    /// - Parameter packs: Whether ``packed(_:)`` is to be called first, if there is a layout that is quicker to read than
    ///   `b`'s own.
    init(_ a: Operand, _ b: Operand, bias: Operand?, epilogue: Epilogue, out: Operand, packs: Bool = false) {
        var problem = MatmulProblem(a, b, out: out)
        // oneDNN writes rows. Columns are the rows of the transpose, but its bias would then run along rows.
        isTransposed = problem.out.column != 1 && problem.out.row == 1 && problem.n != 1 && bias == nil
        if isTransposed { problem = problem.transposed }
        let (first, second) = isTransposed ? (b, a) : (a, b)
        // Of an axis along which neither operand changes oneDNN would make only one result.
        self.a = Matrices(
            first.dtype, problem.m, problem.k, problem.a, problem.batch.map { ($0.length, $0.a) }, isResult: false,
            repeats: problem.batch.map { $0.a == 0 && $0.b == 0 })
        self.b = Matrices(
            second.dtype, problem.k, problem.n, problem.b, problem.batch.map { ($0.length, $0.b) }, isResult: false)
        self.out = Matrices(
            out.dtype, problem.m, problem.n, problem.out, problem.batch.map { ($0.length, $0.out) }, isResult: true)
        hasBias = bias != nil
        let rank = 2 + problem.batch.count
        var biasLengths = [Int](repeating: 1, count: rank)
        biasLengths[rank - 1] = problem.n
        let biasDescriptor = bias.map {
            MemoryDescriptor(
                lengths: biasLengths, strides: Array(Shape(biasLengths).rowMajorStrides), dtype: $0.dtype)
        }
        let attributes = PrimitiveAttributes()
        attributes.append(epilogue)
        let plain = self.b.descriptor
        let mayPack = packs && rank == 2 && !isTransposed && !self.b.isCopied
        let anyLayout = mayPack ? MemoryDescriptor(anyLayout: [problem.k, problem.n], dtype: second.dtype) : nil
        var descriptor: dnnl_primitive_desc_t?
        OneDNN.check(
            dnnl_matmul_primitive_desc_create(
                &descriptor, OneDNN.engine, self.a.descriptor.handle, (anyLayout ?? plain).handle,
                biasDescriptor?.handle, self.out.descriptor.handle, attributes.handle),
            "matmul of \(a.dtype) \(a.shape) and \(b.dtype) \(b.shape)")
        let packed = MemoryDescriptor(copying: dnnl_primitive_desc_query_md(descriptor, dnnl_query_weights_md, 0))
        packing = packed == plain ? nil : (Primitive(reordering: plain, to: packed), packed)
        var arguments = [
            (index: DNNL_ARG_SRC_0, descriptor: self.a.descriptor),
            (index: DNNL_ARG_WEIGHTS_0, descriptor: packed),
            (index: DNNL_ARG_DST_0, descriptor: self.out.descriptor),
        ]
        if let biasDescriptor { arguments.append((DNNL_ARG_BIAS, biasDescriptor)) }
        primitive = Primitive(descriptor: descriptor!, arguments: arguments)
    }

    /// Whether both expect the second operand in the same layout of oneDNN's.
    func packsLike(_ other: MatmulPlan) -> Bool {
        guard let packing, let others = other.packing else { return false }
        return packing.layout == others.layout
    }

    /// The second operand in the layout in which ``run(_:_:_:_:)`` then expects it; nil if that is its own.
    func packed(_ b: Operand) -> Storage? {
        guard let packing else { return nil }
        let storage = CPUBackend.shared.allocate(byteCount: packing.layout.byteCount)
        packing.conversion.run([b.pointer, storage.pointer])
        return storage
    }

    func run(
        _ x: UnsafeMutableRawPointer, _ y: UnsafeMutableRawPointer, _ bias: UnsafeMutableRawPointer?,
        _ result: UnsafeMutableRawPointer
    ) {
        let (x, y) = isTransposed ? (y, x) : (x, y)
        a.withDense(x) { x in
            b.withDense(y) { y in
                out.withResult(result) { result in
                    if let bias {
                        primitive.run([x, y, result, bias])
                    } else {
                        primitive.run([x, y, result])
                    }
                }
            }
        }
    }
}

/// One operand of a product as passed to oneDNN.
private struct Matrices: Sendable {
    let descriptor: MemoryDescriptor
    /// Lengths and strides of an operand that is copied to, or from, a row-major one; nil if it is used directly.
    private let copied: (lengths: [Int64], strides: [Int64])?
    private let itemSize: Int
    private let byteCount: Int
    var isCopied: Bool { copied != nil }

    init(
        _ dtype: DType, _ rows: Int, _ columns: Int, _ strides: (row: Int, column: Int),
        _ batch: [(length: Int, stride: Int)], isResult: Bool, repeats: [Bool] = []
    ) {
        itemSize = dtype.itemSize
        // For oneDNN, an axis along which nothing changes has length 1, unless it is copied that often.
        var lengths = batch.map { $0.stride == 0 ? 1 : $0.length } + [rows, columns]
        for (axis, repeats) in repeats.enumerated() where repeats { lengths[axis] = batch[axis].length }
        // Strides of axes of length 1 are meaningless.
        let layout: (row: Int, column: Int)? =
            if repeats.contains(true) {
                nil
            } else if (columns == 1 || strides.column == 1) && (rows == 1 || strides.row >= columns) {
                (rows == 1 ? columns : strides.row, 1)
            } else if !isResult && (rows == 1 || strides.row == 1) && (columns == 1 || strides.column >= rows) {
                (1, columns == 1 ? rows : strides.column)
            } else {
                nil
            }
        let steps = layout.map { Matrices.steps(lengths, [$0.row, $0.column], batch.map(\.stride)) }
        if let steps, Matrices.areNested(lengths, steps) {
            descriptor = MemoryDescriptor(lengths: lengths, strides: steps, dtype: dtype)
            copied = nil
            byteCount = 0
        } else {
            let shape = Shape(lengths)
            descriptor = MemoryDescriptor(lengths: lengths, strides: Array(shape.rowMajorStrides), dtype: dtype)
            copied = (
                lengths.map(Int64.init), (batch.map(\.stride) + [strides.row, strides.column]).map(Int64.init)
            )
            byteCount = shape.elementCount * dtype.itemSize
        }
    }

    /// The strides of all axes. One of length 1 gets that of a dense layout.
    private static func steps(_ lengths: [Int], _ matrix: [Int], _ batch: [Int]) -> [Int] {
        var steps = batch + matrix
        var span = max(matrix[0] * lengths[batch.count], matrix[1] * lengths[batch.count + 1])
        for axis in batch.indices.reversed() {
            if lengths[axis] == 1 { steps[axis] = span }
            span = max(span, steps[axis] * lengths[axis])
        }
        return steps
    }

    /// Whether each axis steps over all that those with smaller strides span, as oneDNN requires: not so where windows
    /// overlap or lie between one another.
    private static func areNested(_ lengths: [Int], _ strides: [Int]) -> Bool {
        var span = 1
        for axis in lengths.indices.sorted(by: { (strides[$0], lengths[$0]) < (strides[$1], lengths[$1]) }) {
            if strides[axis] < span { return false }
            span = strides[axis] * lengths[axis]
        }
        return true
    }

    @inline(__always)
    func withDense(_ pointer: UnsafeMutableRawPointer, _ body: (UnsafeMutableRawPointer) -> Void) {
        guard let copied else { return body(pointer) }
        CPUBackend.withTemporary(byteCount: byteCount) {
            cresset_make_dense(
                pointer, Int32(copied.lengths.count), copied.lengths, copied.strides, Int32(itemSize), $0)
            body($0)
        }
    }

    @inline(__always)
    func withResult(_ pointer: UnsafeMutableRawPointer, _ body: (UnsafeMutableRawPointer) -> Void) {
        guard let copied else { return body(pointer) }
        CPUBackend.withTemporary(byteCount: byteCount) {
            body($0)
            cresset_spread(
                $0, Int32(copied.lengths.count), copied.lengths, copied.strides, Int32(itemSize), pointer)
        }
    }
}
