import CressetBackend
import CressetCPU

// What checks of activation kernels have in common.

extension Pair {
    /// float32 on the CPU in place of float16, which the CPU's kernels do not support.
    func widened(_ bench: Bench) -> Pair {
        if cpu.dtype != .float16 { return self }
        let count = 1 + cpu.shape.indices.reduce(0) { $0 + max(0, cpu.shape[$1] - 1) * cpu.strides[$1] }
        let storage = bench.cpu.allocate(byteCount: count * 4)
        let wide = Operand(
            pointer: storage.pointer, dtype: .float32, shape: cpu.shape, strides: cpu.strides, storage: storage)
        bench.cpu.copy(cpu, to: wide)
        return Pair(cpu: wide, gpu: gpu)
    }
}

extension DType {
    /// How much two ways of computing a result of this type may differ.
    var slack: Double {
        switch self {
        case .float64: 1e-11
        case .float32: 1e-5
        case .float16: 2e-3
        default: 1.6e-2
        }
    }
}

extension Bench {
    /// Calls `body` for each device, with an accessor for its operands.
    func both(_ body: (any Backend, (Pair) -> Operand) -> Void) {
        body(cpu, { $0.cpu })
        body(gpu, { $0.gpu })
    }

    /// The CPU's operand, and a copy of its elements on the GPU, without gaps.
    func gpuCopy(ofCPU pair: Pair, like dtype: DType) -> Pair {
        let x = pair.cpu
        let host = cpu.allocate(byteCount: x.elementCount * dtype.itemSize)
        let copied = Operand(
            pointer: host.pointer, dtype: dtype, shape: x.shape, strides: x.strides, storage: host)
        cpu.copy(x, to: copied)
        let there = gpu.allocate(byteCount: x.elementCount * dtype.itemSize)
        let twin = Operand(pointer: there.pointer, dtype: dtype, shape: x.shape, strides: x.strides, storage: there)
        gpu.upload(
            UnsafeRawBufferPointer(start: host.pointer, count: x.elementCount * dtype.itemSize), of: host, to: twin)
        return Pair(cpu: x, gpu: twin)
    }
}
