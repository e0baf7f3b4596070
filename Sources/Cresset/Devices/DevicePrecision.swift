import CressetCPU

extension Device {
    /// Whether matrix products and convolutions take less time in bfloat16 than in float32: on a processor with
    /// instructions for them (`avx512_bf16` or AMX; `ONEDNN_MAX_CPU_ISA` may forbid them), on a GPU of compute capability
    /// 8.0 or later. All devices can compute in bfloat16.
    public var isFasterInBFloat16: Bool {
        cudaIndex == nil ? CPUBackend.hasBFloat16Instructions : CUDA.properties(of: self).computeCapability.major >= 8
    }
}
