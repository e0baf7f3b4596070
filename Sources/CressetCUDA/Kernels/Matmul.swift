import CCUDA
import CressetBackend

/// What identifies a product: everything its plan depends on.
struct MatmulKey: Hashable {
    var out: Shape
    var depth: Int
    var aStrides, bStrides, outStrides: Shape
    /// Types, alignments, bias and epilogue.
    var kind: Int
}

/// The plans of matrix products, and cuBLASLt's handle, created on first use.
final class MatmulPlans: @unchecked Sendable {
    private struct State {
        var handle: CublasLtHandle?
        var plans: [MatmulKey: MatmulPlan] = [:]
    }

    private let state = Locked(State())

    @inline(__always)
    func plan(for key: MatmulKey, make: () -> MatmulPlan) -> MatmulPlan {
        if let plan = state.withLock({ $0.plans[key] }) { return plan }
        let plan = make()
        state.withLock { state in
            // Sequences of ever-changing lengths must not fill the memory.
            if state.plans.count >= 4096 { state.plans.removeAll() }
            state.plans[key] = plan
        }
        return plan
    }

    func handle(_ backend: CUDABackend) -> CublasLtHandle {
        state.withLock { state in
            if let handle = state.handle { return handle }
            let handle = CublasLtHandle(backend)
            state.handle = handle
            return handle
        }
    }
}

extension CUDABackend {
    /// `out = a b` for the last two axes, batched over the others (equal, or stride 0); `bias` has one element per
    /// column.
    ///
    /// Floating point goes to cuBLASLt; integers, which wrap, and empty sums go to one of our own kernels.
    package func matmul(_ a: Operand, _ b: Operand, bias: Operand?, epilogue: Epilogue, into out: Operand) {
        if out.elementCount == 0 { return }
        let depth = a.shape[a.shape.count - 1]
        if !a.dtype.isFloatingPoint || depth == 0 {
            tileProducts(MatmulProblem(a, b, out: out), a, b, bias: bias, epilogue: epilogue, into: out)
            return
        }
        if let bias, bias.dtype != out.dtype {
            withTemporary(byteCount: bias.elementCount * out.dtype.itemSize) {
                let converted = Operand(
                    pointer: $0, dtype: out.dtype, shape: bias.shape, strides: bias.shape.rowMajorStrides)
                launchCopy(bias, to: converted)
                matmul(a, b, bias: converted, epilogue: epilogue, into: out)
            }
            return
        }
        activate()
        let allowsTF32 = a.dtype == .float32 && allowsTF32InProducts
        var kind = Int(a.dtype.rawValue) << 4 | Int(out.dtype.rawValue)
        kind = kind << 2 | (epilogue == .relu ? 2 : 0) | (allowsTF32 ? 1 : 0)
        kind = kind << 8 | a.alignmentClass << 4 | b.alignmentClass
        kind = kind << 8 | out.alignmentClass << 4 | (bias.map { $0.alignmentClass + 1 } ?? 0)
        let key = MatmulKey(
            out: out.shape, depth: depth, aStrides: a.strides, bStrides: b.strides, outStrides: out.strides, kind: kind)
        let plan = matmulPlans.plan(for: key) {
            MatmulPlan(self, a, b, bias: bias, epilogue: epilogue, out: out, allowsTF32: allowsTF32)
        }
        plan.run(self, a, b, bias: bias, epilogue: epilogue, into: out)
    }

    // MARK: Kernels

    /// The product computed by one of our own kernels.
    func tileProducts(
        _ problem: MatmulProblem, _ a: Operand, _ b: Operand, bias: Operand?, epilogue: Epilogue, into out: Operand
    ) {
        let kernel = matmulKernel("cresset_matmul_tiles", a.dtype, out.dtype)
        let tiles = ((problem.m + 63) / 64) * ((problem.n + 63) / 64)
        // The longest axis of the batch is covered by the grid, the others by a loop here.
        let loops = BatchLoops(problem)
        var parameters = cresset_matmul_parameters()
        parameters.bias = bias.map { UnsafeRawPointer($0.pointer) }
        parameters.batch = Int64(loops.inner.length)
        (parameters.m, parameters.n, parameters.k) = (Int64(problem.m), Int64(problem.n), Int64(problem.k))
        parameters.a_strides = (Int64(loops.inner.a), Int64(problem.a.row), Int64(problem.a.column))
        parameters.b_strides = (Int64(loops.inner.b), Int64(problem.b.row), Int64(problem.b.column))
        parameters.out_strides = (Int64(loops.inner.out), Int64(problem.out.row), Int64(problem.out.column))
        parameters.rectifies = epilogue == .relu ? 1 : 0
        for offset in loops.offsets {
            parameters.a = UnsafeRawPointer(a.pointer + offset.a * a.dtype.itemSize)
            parameters.b = UnsafeRawPointer(b.pointer + offset.b * b.dtype.itemSize)
            parameters.out = out.pointer + offset.out * out.dtype.itemSize
            launch(kernel, grid: (tiles, min(loops.inner.length, 65535), 1), block: 256, parameters)
        }
    }

    /// `out += bias + addend`, rectified if requested, for dense rows of `columns` elements.
    func finish(
        _ out: UnsafeMutableRawPointer, _ dtype: DType, rows: Int, columns: Int, bias: UnsafeMutableRawPointer?,
        addend: UnsafeMutableRawPointer? = nil, epilogue: Epilogue
    ) {
        let lanes = 16 / dtype.itemSize
        let addresses = UInt(bitPattern: out) | UInt(bitPattern: bias) | UInt(bitPattern: addend)
        let byVectors = addresses % 16 == 0 && columns % lanes == 0
        let kernel =
            byVectors
            ? matmulKernel("cresset_finish_vectors", dtype, dtype) : matmulKernel("cresset_finish", dtype, dtype)
        let parameters = cresset_finish_parameters(
            out: out, bias: bias.map { UnsafeRawPointer($0) }, addend: addend.map { UnsafeRawPointer($0) },
            rows: Int64(rows), columns: Int64(columns), rectifies: epilogue == .relu ? 1 : 0)
        let count = byVectors ? rows * columns / lanes : rows * columns
        launch(kernel, grid: gridStride(count, block: 256), block: 256, parameters)
    }

    @inline(__always)
    private func matmulKernel(_ entry: StaticString, _ multiplied: DType, _ stored: DType) -> Kernel {
        kernel(
            .matmul, entry, variant: Int(multiplied.rawValue) << 4 | Int(stored.rawValue),
            defines: ["ELEMENT=\(multiplied.matmulElement)", "RESULT=\(stored.matmulElement)"])
    }
}

extension Operand {
    /// 0 for an address that is a multiple of only 1, up to 4 for multiples of 16.
    @inline(__always)
    var alignmentClass: Int { min(UInt(bitPattern: pointer).trailingZeroBitCount, 4) }
}

extension DType {
    /// The name of the type in kernels that compute with elements; bools are the bytes they are stored as.
    var matmulElement: String { self == .bool ? "u8" : kernelName }
}
