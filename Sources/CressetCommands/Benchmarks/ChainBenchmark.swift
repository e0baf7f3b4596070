import Cresset

// What chains gain: recorded pointwise operators in one kernel, compared with one kernel for each. Memory decides, so
// the expected ratio is that of the bytes read and written.
extension Benchmark {
    func runChains() throws {
        let old = CUDA.fusesChains
        defer { CUDA.fusesChains = old }
        for (suffix, fuses) in [("", true), ("_unfused", false)] {
            CUDA.fusesChains = fuses
            // 12 bytes per element rather than 84.
            try measureChain("graph_chain\(suffix)") { x, y in
                ((x * y + x).tanh() * 0.5 + y).sigmoid() * x - y
            }
            // 8 rather than 84.
            try measureChain("graph_gelu\(suffix)") { x, _ in
                0.5 * x * (1 + ((x + x * x * x * 0.044_715) * 0.797_884_560_8).tanh())
            }
        }
    }

    /// Microseconds of a function of two tensors of 2^24 float32 numbers.
    private func measureChain(_ name: String, _ body: @escaping (Tensor, Tensor) -> Tensor) throws {
        try measure(name, "us") {
            let inputs = [Tensor.normal([1 << 24]), Tensor.normal([1 << 24])]
            return withoutGradients {
                for _ in 0..<2 { _ = body(inputs[0], inputs[1]) }
                let (recording, result) = DeviceRecording.record(on: device) { body(inputs[0], inputs[1]) }
                return withExtendedLifetime((inputs, result)) {
                    1e6 * steadySeconds(steps: 50) { recording.launch() }
                }
            }
        }
    }
}
