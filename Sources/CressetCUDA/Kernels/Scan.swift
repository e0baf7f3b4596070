import CCUDA
import CressetBackend

extension CUDABackend {
    package func scan(_ op: ReduceOp, _ x: Operand, axis: Int, into out: Operand) {
        let hasKernel = x.dtype.isFloatingPoint || x.dtype == .int64 || x.dtype == .int32
        if !hasKernel {
            fatalError("a running \(op) does not exist for \(x.dtype) tensors\n  hint: convert with to(_:)")
        }
        if x.elementCount == 0 { return }
        var parameters = cresset_scan()
        parameters.in = UnsafeRawPointer(x.pointer)
        parameters.out = out.pointer
        parameters.length = Int64(x.shape[axis])
        parameters.in_step = Int64(x.strides[axis])
        parameters.out_step = Int64(out.strides[axis])
        var lines = x.shape
        lines[axis] = 1
        parameters.lines = cresset_walk(over: lines)
        parameters.lines.set(0, out)
        parameters.lines.set(1, x)
        cresset_walk_finish(&parameters.lines, 2, 0)
        scan(op, x.dtype, &parameters)
    }

    /// One thread per line if lines are short, or if they are adjacent and so many that they fill the device; otherwise
    /// one block per line, or several if lines are few and long.
    private func scan(_ op: ReduceOp, _ dtype: DType, _ parameters: inout cresset_scan) {
        let (length, lines) = (Int(parameters.length), Int(parameters.lines.count))
        let busy = properties.multiprocessorCount * 4
        let areNeighbours = parameters.lines.axes.0.strides.1 == 1 && parameters.in_step != 1
        if length <= 32 || (areNeighbours && lines >= busy * 32) {
            launch(scanKernel("scan", op, dtype, way: 0), grid: (lines + 255) / 256, block: 256, parameters)
            return
        }
        let parts = lines >= busy ? 1 : min(busy / lines, length / 8192)
        if parts <= 1 {
            parameters.part = parameters.length
            parameters.parts = 1
            launch(scanKernel("scan", op, dtype, way: 1), grid: lines, block: 256, parameters)
            return
        }
        parameters.part = Int64((length + parts - 1) / parts)
        parameters.parts = Int32((length + Int(parameters.part) - 1) / Int(parameters.part))
        withTemporary(byteCount: lines * parts * cresset_running_size) { totals in
            parameters.totals = totals
            let grid = (lines, Int(parameters.parts), 1)
            launch(scanKernel("totals", op, dtype, way: 2), grid: grid, block: 256, parameters)
            launch(scanKernel("scan", op, dtype, way: 1), grid: grid, block: 256, parameters)
        }
    }

    @inline(__always)
    private func scanKernel(_ entry: StaticString, _ op: ReduceOp, _ dtype: DType, way: Int) -> Kernel {
        kernel(
            .scan, entry, variant: Int(op.rawValue) | Int(dtype.rawValue) << 4 | way << 8,
            defines: [
                "OPERATION=\(op.rawValue)", "ELEMENT=\(dtype.kernelName)",
                "FLOATING=\(dtype.isFloatingPoint ? 1 : 0)", "WAY=\(way)",
            ])
    }
}
