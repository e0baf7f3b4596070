import CCUDA
import CressetBackend

extension CUDABackend {
    /// Sums (or multiplies) elements that go to the same target, in a reproducible order: indices are sorted first.
    func scatterSegments(_ op: ScatterOp, _ x: Operand, axis: Int, index: Operand, into out: Operand) {
        var (lines, columns) = (LineWalk(), LineWalk())
        for other in index.shape.indices where other != axis {
            let strides = (index.strides[other], x.strides[other], out.strides[other])
            if strides.0 == 0 {
                columns.append(index.shape[other], 0, strides.1, strides.2)
            } else {
                lines.append(index.shape[other], strides.0, strides.1, strides.2)
            }
        }
        lines.arrange(by: 2)
        columns.arrange(by: 2)
        let count = index.shape[axis]
        let sorted = sortedIndex(
            index.pointer, lines: lines, count: count, step: index.strides[axis], bound: out.shape[axis])
        var parameters = cresset_segment_parameters()
        parameters.x = UnsafeRawPointer(x.pointer)
        parameters.out = out.pointer
        parameters.count = Int64(count)
        parameters.x_step = Int64(x.strides[axis])
        parameters.out_step = Int64(out.strides[axis])
        sumSegments(op, sorted, &parameters, lines: lines, columns: columns, dtype: out.dtype)
    }

    /// `lines` and `columns` have the strides of index, x and out.
    func sumSegments(
        _ op: ScatterOp, _ sorted: SortedIndex, _ parameters: inout cresset_segment_parameters, lines: LineWalk,
        columns: LineWalk,
        dtype: DType
    ) {
        let chunk = cresset_segment_chunk
        let chunks = (Int(parameters.count) + chunk - 1) / chunk
        parameters.keys = UnsafePointer(sorted.keys.assumingMemoryBound(to: UInt32.self))
        parameters.order = UnsafePointer(sorted.order)
        parameters.lines = lines.c
        parameters.columns = columns.c
        parameters.line_count = Int64(lines.count)
        parameters.column_count = Int64(columns.count)
        parameters.chunks = Int64(chunks)
        let threads = lines.count * chunks * columns.count
        let variant = dtype.variant * 16 + 8 + Int(op.rawValue)
        func defines() -> [String] {
            ["ELEMENT=\(dtype.kernelName)", "OPERATION=\(op.rawValue)", "SEGMENTS=1"]
        }
        let (grid, itemSize) = ((threads + 255) / 256, dtype == .float64 ? 8 : 4)
        let sums = kernel(.indexing, "segment_sums", variant: variant, defines: defines())
        withExtendedLifetime(sorted.storage) {
            if chunks == 1 { return launch(sums, grid: grid, block: 256, parameters) }
            withTemporary(byteCount: 2 * threads * itemSize) { parts in
                parameters.heads = parts
                parameters.tails = parts + threads * itemSize
                launch(sums, grid: grid, block: 256, parameters)
                let joins = kernel(.indexing, "segment_joins", variant: variant, defines: defines())
                launch(joins, grid: grid, block: 256, parameters)
            }
        }
    }
}
