import CressetData
import CressetOptim
import CressetVision
import Glibc

/// The measures of `cresset bench`.
///
/// Names and workloads are those of the scripts that measure the peers, so that both can be compared; for a GPU it is
/// `scripts/gpu-peers.py`.
package struct Benchmark {
    /// Only measures whose names contain this, or one of several separated by commas, are run.
    package var only: String
    /// The device measured.
    package var device: Device
    /// A folder with one folder per class under `train`, for the loader's measures.
    package var images: FilePath?
    package var repeats: Int
    /// Whether to count what each measure takes at least: networks are made and run once more for it.
    package var countsWork = false
    /// Called with each finished measure.
    package var report: (Measurement) throws -> Void

    /// Creates one with these options.
    ///
    /// - Parameters:
    ///   - only: Only benchmarks whose names contain this, or one of several separated by commas.
    ///   - device: The device to measure.
    ///   - images: A folder with one folder per class under `train`; nil omits the loader's benchmarks.
    ///   - repeats: How often each benchmark is repeated.
    ///   - report: Called with each finished measure.
    package init(
        only: String = "", device: Device = .cpu, images: FilePath? = nil, repeats: Int = 5,
        report: @escaping (Measurement) throws -> Void
    ) {
        self.only = only
        self.device = device
        self.images = images?.filePath
        self.repeats = repeats
        self.report = report
    }

    package func run() throws {
        if device.cudaIndex != nil { return try withDevice(device) { try runGPU() } }
        try runInference()
        try runTraining()
        try runSmall()
        try runRecurrent()
        try runLoader()
        try runProcesses()
        try runFamilies()
    }

    func measure(
        _ name: String, _ unit: String, variant: String = "cresset", work: @autoclosure () throws -> Work? = nil,
        _ body: () throws -> Double
    ) throws {
        guard only.isEmpty || only.split(separator: ",").contains(where: { name.contains($0) }) else { return }
        let repeats = Repeats()
        let value = try Repeats.$current.withValue(repeats) { try body() }
        try report(
            Measurement(
                name: name, variant: variant, value: value, unit: unit, spread: repeats.spread,
                work: countsWork ? work() : nil))
    }

    // MARK: Small things

    private func runSmall() throws {
        try measure("train_mlp_b100_f32", "samples/s") {
            let step = try LinearTrainingStep()
            let seconds = medianSeconds(repeats: repeats) { for _ in 0..<100 { step.loss() } }
            return Double(100 * step.batch) / seconds
        }
        try measure("train_lstm_b32_f32", "tokens/s") {
            let step = try CharacterTrainingStep()
            return Double(step.batch * step.length) / medianSeconds(repeats: repeats, step.run)
        }
        try runOptimizers()
        try measure("dispatch_add", "us") {
            let x = Tensor.normal([8])
            return 1e6 / 10000 * medianSeconds(repeats: repeats) { for _ in 0..<10000 { _ = x + x } }
        }
        try measure("dispatch_mul_sum_backward", "us") {
            let x = Tensor.normal([8])
            let w = Tensor.normal([8]).requiringGradient()
            return 1e6 / 1000 * medianSeconds(repeats: repeats) { for _ in 0..<1000 { _ = (w * x).sum().gradients() } }
        }
    }

    /// One step over the parameters of ResNet-18.
    func runOptimizers() throws {
        let optimizers: [(String, ([Parameter]) throws -> GradientOptimizer)] = [
            ("SGD", { try SGD($0, lr: 0.1, momentum: 0.9) }), ("Adam", { try Adam($0) }),
            ("Adadelta", { try Adadelta($0) }), ("RMSprop", { try RMSprop($0) }), ("Adagrad", { try Adagrad($0) }),
            ("Adamax", { try Adamax($0) }), ("Rprop", { try Rprop($0) }),
        ]
        // Parameters, gradients and moments that are read, and parameters and moments that are written, float32.
        let streams = ["SGD": 5, "Adagrad": 5, "RMSprop": 5, "Adam": 7, "Adadelta": 7, "Adamax": 7, "Rprop": 7]
        for (name, make) in optimizers {
            try measure("step_\(name)", "ms", work: stepWork(streams: streams[name] ?? 0)) {
                let model = try ModelZoo.make("resnet18")
                var gradients = Gradients()
                // In the parameters' order of axes, as a backward pass leaves them.
                for parameter in model.parameters { gradients[parameter] = parameter.value.detached() * 0.01 }
                let optimizer = try make(model.parameters)
                return 1e3 * steadySeconds(steps: 1, warmUp: 2) { optimizer.step(gradients) }
            }
        }
    }

    /// What a step over ResNet-18 moves, if it reads and writes so many arrays of its size.
    private func stepWork(streams: Int) throws -> Work {
        try Work(bytes: 4 * Double(ModelZoo.make("resnet18").parameterCount * streams))
    }

    // MARK: Data

    private func runLoader() throws {
        guard let images else { return }
        let transform = Compose([
            RandomResizedCrop(224), RandomHorizontalFlip(), ToTensor(), Normalize.imageNet,
        ])
        try measureLoader("loader", images, transform)
        // A small target: the picture, decoded whole or at a half, a quarter or an eighth of its size.
        let small = Compose([Resize(128), CenterCrop(112), ToTensor(), Normalize.imageNet])
        try measureLoader("loader_small", images, small)
        try measureLoader("loader_fast", images, small, options: .init(fast: true))
    }

    private func measureLoader(
        _ name: String, _ images: FilePath, _ transform: Compose, options: ImageReadingOptions = .init()
    ) throws {
        for workers in [0, 2] {
            try measure("\(name)_w\(workers)", "img/s") {
                let data = try ImageFolder(images.appending("train"), transform: transform, options: options)
                let loader = DataLoader(data, batchSize: 16, shuffles: true, workers: workers)
                let seconds = try medianSeconds(repeats: 3, warmUp: 1) {
                    let batches = loader.batches()
                    while try batches.next() != nil {}
                }
                return Double(data.count) / seconds
            }
        }
    }

    // MARK: Whole processes

    /// Measures of this program, restarted with ``Probe``.
    private func runProcesses() throws {
        try measure("startup", "s") { try medianSeconds(repeats: 3, warmUp: 1) { _ = try probe(.startup) } }
        try measure("first_step_resnet18_b16_f32", "s") {
            try medianSeconds(repeats: 3, warmUp: 1) { _ = try probe(.firstStep) }
        }
        try measure("first_scores_resnet18_b1_f32", "s") {
            try medianSeconds(repeats: 3, warmUp: 1) { _ = try probe(.firstScores) }
        }
        try measure("memory_train_resnet18_b16", "MiB") { Double(try probe(.memory)) ?? .nan }
    }

    func probe(_ probe: Probe, _ options: String...) throws -> String {
        var process = try ChildProcess(arguments: ["bench", "--probe", probe.rawValue] + options)
        var lines: [String] = []
        while let line = process.nextLine() { lines.append(line) }
        _ = process.wait()
        return lines.joined(separator: "\n").trimmed()
    }
}
