import CCUDA
import CressetBackend

extension CUDABackend {
    package func reduce(_ op: ReduceOp, _ x: Operand, axes: Shape, into out: Operand) {
        var (parameters, finish) = (cresset_reduction(), cresset_reduction())
        parameters.in = UnsafeRawPointer(x.pointer)
        parameters.out = out.pointer
        var marks: UInt32 = 0
        for axis in axes { marks |= 1 << UInt32(axis) }
        x.shape.withPointer { shape in
            x.strides.withPointer { xStrides in
                out.strides.withPointer { outStrides in
                    cresset_reduce_start(
                        &parameters, Int32(x.shape.count), shape, marks, op.rawValue >= ReduceOp.argmax.rawValue,
                        xStrides, outStrides)
                }
            }
        }
        if parameters.kept.count == 0 { return }
        let plan = cresset_reduce_prepare(
            &parameters, &finish, Int32(x.dtype.itemSize), Int32(properties.multiprocessorCount))
        let kernel = reduceKernel("reduce", op, x.dtype, out.dtype, way: plan.way, plan)
        let grid = (Int(plan.blocks), Int(parameters.parts), 1)
        if plan.accumulators == 0 {
            launch(kernel, grid: grid, block: 256, parameters)
            return
        }
        let finishKernel = reduceKernel("finish", op, x.dtype, out.dtype, way: 2, plan)
        withTemporary(byteCount: plan.accumulators) { accumulators in
            parameters.out = accumulators
            finish.in = UnsafeRawPointer(accumulators)
            launch(kernel, grid: grid, block: 256, parameters)
            launch(finishKernel, grid: (Int(finish.kept.count) + 7) / 8, block: 256, finish)
        }
    }

    @inline(__always)
    private func reduceKernel(
        _ entry: StaticString, _ op: ReduceOp, _ x: DType, _ out: DType, way: Int32, _ plan: cresset_reduce_plan
    ) -> Kernel {
        let vector = way == 2 ? 1 : plan.vector
        let types = Int(op.rawValue) | Int(x.rawValue) << 4 | Int(out.rawValue) << 8
        return kernel(
            .reduce, entry, variant: types << 10 | Int(vector) << 4 | Int(way) << 1 | (plan.is_wide ? 1 : 0),
            defines: [
                "OPERATION=\(op.rawValue)", "ELEMENT=\(x.kernelName)", "RESULT=\(out.kernelName)",
                "FLOATING=\(x.isFloatingPoint ? 1 : 0)", "WAY=\(way)", "VECTOR=\(vector)",
                "INDEX=\(plan.is_wide ? "u64" : "u32")",
            ])
    }
}
