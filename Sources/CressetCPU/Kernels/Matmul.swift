import CKernels
import CressetBackend

extension CPUBackend {
    /// `out = a b` for the last two axes, batched over the others (equal, or stride 0); `bias` has one element per
    /// column.
    ///
    /// float32 and bfloat16 go to oneDNN, where `bias` and `out` may have the other of these two types than `a` and
    /// `b`; float64 and integers go to our own loops.
    package func matmul(_ a: Operand, _ b: Operand, bias: Operand?, epilogue: Epilogue, into out: Operand) {
        if out.elementCount == 0 { return }
        if !a.dtype.isFloatingPoint || a.dtype == .float64 {
            loopMatmul(a, b, bias: bias, epilogue: epilogue, into: out)
            if epilogue != .relu, case .pointwise(let op, let a, let b) = epilogue {
                unary(op, out, a: a, b: b, into: out)
            }
            return
        }
        if a.shape[a.shape.count - 1] == 0 {
            emptyMatmul(a, b, bias: bias, epilogue: epilogue, into: out)
            return
        }
        if needsWidening(a) {
            inFloat32([a, b, bias], results: [out]) { inputs, results in
                matmul(inputs[0]!, inputs[1]!, bias: inputs[2], epilogue: epilogue, into: results[0]!)
            }
            return
        }
        withEpilogue(epilogue, of: out) { plannedMatmul(a, b, bias: bias, epilogue: $0, into: out) }
    }

    private func plannedMatmul(_ a: Operand, _ b: Operand, bias: Operand?, epilogue: Epilogue, into out: Operand) {
        var key = PlanKey()
        key.append(a)
        key.append(b)
        key.append(out)
        key.append(bias.map { Int($0.dtype.rawValue) } ?? -1)
        key.append(epilogue)
        let plan = matmulPlans.plan(for: key) { MatmulPlan(a, b, bias: bias, epilogue: epilogue, out: out) }
        plan.run(a.pointer, b.pointer, bias?.pointer, out.pointer)
    }

    /// An empty sum, which oneDNN does not compute: treated as a sum over a single zero.
    private func emptyMatmul(_ a: Operand, _ b: Operand, bias: Operand?, epilogue: Epilogue, into out: Operand) {
        let rank = out.shape.count
        let byteCount = max(out.shape[rank - 2], out.shape[rank - 1]) * a.dtype.itemSize
        Self.withTemporary(byteCount: byteCount) {
            $0.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
            var (column, row) = (a, b)
            (column.pointer, row.pointer) = ($0, $0)
            column.shape[rank - 1] = 1
            row.shape[rank - 2] = 1
            column.strides = Shape(repeating: 0, count: rank)
            row.strides = column.strides
            column.strides[rank - 2] = 1
            row.strides[rank - 1] = 1
            matmul(column, row, bias: bias, epilogue: epilogue, into: out)
        }
    }

    private func loopMatmul(_ a: Operand, _ b: Operand, bias: Operand?, epilogue: Epilogue, into out: Operand) {
        let problem = MatmulProblem(a, b, out: out)
        var geometry = cresset_matmul_geometry()
        (geometry.m, geometry.n, geometry.k) = (Int64(problem.m), Int64(problem.n), Int64(problem.k))
        // All batch axes except the last are walked here.
        let inner = problem.batch.last
        geometry.batch = Int64(inner?.length ?? 1)
        geometry.a_strides = (Int64(inner?.a ?? 0), Int64(problem.a.row), Int64(problem.a.column))
        geometry.b_strides = (Int64(inner?.b ?? 0), Int64(problem.b.row), Int64(problem.b.column))
        geometry.out_strides = (Int64(inner?.out ?? 0), Int64(problem.out.row), Int64(problem.out.column))
        let outer = problem.batch.dropLast()
        let size = a.dtype.itemSize
        for index in 0..<outer.reduce(1, { $0 * $1.length }) {
            var rest = index
            var offset = (a: 0, b: 0, out: 0)
            for axis in outer.reversed() {
                let i = rest % axis.length
                rest /= axis.length
                offset = (offset.a + i * axis.a, offset.b + i * axis.b, offset.out + i * axis.out)
            }
            cresset_matmul(
                &geometry, a.dtype.rawValue, a.pointer + offset.a * size, b.pointer + offset.b * size, bias?.pointer,
                epilogue == .relu ? 1 : 0, out.pointer + offset.out * size)
        }
    }
}
