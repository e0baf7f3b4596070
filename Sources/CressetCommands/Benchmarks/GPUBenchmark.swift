import Cresset
import CressetNN
import CressetOptim
import CressetVision

// The measures of a GPU. All data is on it before the clock starts; a time ends when the GPU has finished the work.
extension Benchmark {
    /// How float32 and 16-bit types are multiplied in a measure.
    private enum Precision: String, CaseIterable {
        /// float32 with operands rounded to TF32, in convolutions and matrix products.
        case tf32
        /// bfloat16 in matrix products and convolutions, weights in float32.
        case bf16

        var autocast: DType? { self == .bf16 ? .bfloat16 : nil }
    }

    func runGPU() throws {
        try runChecks()
        let old = CUDA.allowsTF32InMatrixProducts
        CUDA.allowsTF32InMatrixProducts = true
        defer { CUDA.allowsTF32InMatrixProducts = old }
        try runLatency()
        try runThroughput()
        try runSmallOnGPU()
        try runChains()
        try runDigits()
    }

    /// The time of one run of `body` in seconds, synchronising with the device after every `steps` runs.
    func steadySeconds(steps: Int, warmUp: Int = 10, _ body: () throws -> Void) rethrows -> Double {
        for _ in 0..<warmUp { try body() }
        device.synchronize()
        return try medianSeconds(repeats: repeats, warmUp: 0) {
            for _ in 0..<steps { try body() }
            device.synchronize()
        } / Double(steps)
    }

    private func runLatency() throws {
        for precision in Precision.allCases {
            try measure("infer_resnet50_b1_\(precision)", "ms") {
                let model = try ModelZoo.make("resnet50").eval()
                let x = Tensor.normal([1, 3, 224, 224]).channelsLast()
                return latency(precision) { _ = model(x) }
            }
            try measure("infer_resnet50_b1_\(precision)", "ms", variant: "cresset_recorded") {
                let model = try ModelZoo.make("resnet50").eval()
                let x = Tensor.normal([1, 3, 224, 224]).channelsLast()
                let recorded = RecordedFunction { [model($0[0])] }
                return latency(precision) { _ = recorded([x]) }
            }
        }
    }

    /// Milliseconds from a call to its result, one at a time.
    private func latency(_ precision: Precision, _ body: () -> Void) -> Double {
        withoutGradients {
            withAutocast(precision.autocast) {
                for _ in 0..<10 { body() }
                return 1e3
                    * medianSeconds(repeats: 50, warmUp: 0) {
                        body()
                        device.synchronize()
                    }
            }
        }
    }

    private func runThroughput() throws {
        for (name, batches) in [("resnet50", [16, 64, 256]), ("resnet18", [64])] {
            for batch in batches {
                for precision in Precision.allCases {
                    try measureTraining(name, batch, precision)
                }
            }
        }
    }

    private func measureTraining(_ name: String, _ batch: Int, _ precision: Precision) throws {
        var peak = 0
        try measure("train_\(name)_b\(batch)_\(precision)", "img/s") {
            let step = try ImageTrainingStep(name, isFrozen: false, batch: batch, autocast: precision.autocast)
            device.resetPeakMemory()
            let seconds = steadySeconds(steps: batch > 64 ? 3 : 6, warmUp: batch > 64 ? 5 : 10, step.run)
            peak = device.memoryStatistics.peak
            return Double(batch) / seconds
        }
        try measure("train_\(name)_b\(batch)_\(precision)", "img/s", variant: "cresset_recorded") {
            let step = try ImageTrainingStep(name, isFrozen: false, batch: batch, autocast: precision.autocast)
                .recorded()
            let seconds = steadySeconds(steps: batch > 64 ? 3 : 6, warmUp: batch > 64 ? 5 : 10) { _ = step() }
            return Double(batch) / seconds
        }
        device.trimMemory()
        CUDA.benchmarksConvolutions = true
        try measure("train_\(name)_b\(batch)_\(precision)", "img/s", variant: "cresset_benchmark") {
            let step = try ImageTrainingStep(name, isFrozen: false, batch: batch, autocast: precision.autocast)
                .recorded()
            let seconds = steadySeconds(steps: batch > 64 ? 3 : 6, warmUp: batch > 64 ? 5 : 10) { _ = step() }
            return Double(batch) / seconds
        }
        CUDA.benchmarksConvolutions = false
        device.trimMemory()
        if peak > 0 {
            try measure("memory_train_\(name)_b\(batch)_\(precision)", "MiB") { Double(peak) / 0x1p20 }
        }
        device.trimMemory()
    }

    private func runSmallOnGPU() throws {
        try measure("fed_resnet50_b64_bf16", "img/s") {
            let step = try ImageTrainingStep("resnet50", isFrozen: false, batch: 64, autocast: .bfloat16)
            let host = (0..<2).map { _ in
                Tensor.normal([64, 3, 224, 224], device: .cpu).channelsLast().pinned()
            }
            var count = 0
            return 64
                / steadySeconds(steps: 10) {
                    count += 1
                    step.run(on: host[count % 2].to(device))
                }
        }
        try measure("train_mlp_b100_tf32", "samples/s") {
            let step = try LinearTrainingStep()
            return Double(step.batch) / steadySeconds(steps: 100) { step.loss() }
        }
        try measure("train_mlp_b100_tf32", "samples/s", variant: "cresset_recorded") {
            let step = try LinearTrainingStep().recorded()
            return 100 / steadySeconds(steps: 100) { _ = step() }
        }
        try measure("train_lstm_b32_tf32", "tokens/s") {
            let step = try CharacterTrainingStep()
            return Double(step.batch * step.length) / steadySeconds(steps: 6, step.run)
        }
        try runOptimizers()
        try measure("dispatch_add", "us") {
            let x = Tensor.normal([8])
            return 1e6 * steadySeconds(steps: 5000, warmUp: 1000) { _ = x + x }
        }
        try measure("dispatch_mul_sum_backward", "us") {
            let x = Tensor.normal([8])
            let w = Tensor.normal([8]).requiringGradient()
            return 1e6 * steadySeconds(steps: 1000, warmUp: 100) { _ = (w * x).sum().gradients() }
        }
    }

    /// An epoch of four linear layers over 60,000 pictures the size of MNIST's, here and on the CPU.
    private func runDigits() throws {
        for batch in [100, 1000] {
            for (name, place) in [("cpu", Device.cpu), ("gpu", device)] {
                try measure("mnist_\(name)_b\(batch)", "s/epoch") { try DigitTraining(on: place, batch: batch).run() }
            }
        }
    }
}
