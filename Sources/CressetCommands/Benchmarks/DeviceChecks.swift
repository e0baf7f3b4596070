import Cresset
import CressetData
import CressetNN
import CressetOptim
import CressetVision
import Synchronization

// What `scripts/gpu-check` verifies before it looks at times: the same figures here and on the CPU.
extension Benchmark {
    func runChecks() throws {
        try measure("check_losses_mlp", "relative") {
            try lossDifference(steps: 50) {
                let step = try LinearTrainingStep()
                return { step.loss() }
            }
        }
        // In float32, rounding errors grow so fast with steps and layers that for the deep network only the first loss
        // is compared. In float64 the two stay together.
        for (name, steps) in [("resnet18", 10), ("resnet50", 1)] {
            try measure("check_losses_\(name)_f32", "relative") {
                try lossDifference(steps: steps) {
                    try ImageTrainingStep(name, isFrozen: false, batch: 8, side: 96).loss
                }
            }
            try measure("check_losses_\(name)_f64", "relative") {
                try lossDifference(steps: 3) {
                    try ImageTrainingStep(name, isFrozen: false, batch: 4, side: 64, dtype: .float64).loss
                }
            }
        }
        try measure("graph_check", "relative") { try recordedDifference(steps: 50) }
        try measure("check_float16", "relative") { try float16Difference() }
        try measure("check_parallel", "relative") { try withoutTF32 { try parallelDifference() } }
        try measure("check_memory", "wrong") { Double(MemoryStress(device: device, rounds: 80 * repeats).run()) }
    }

    /// Takes the same steps twice on the device, unrecorded and recorded; returns the largest difference of their
    /// losses, which is 0 if replays do what the program did. Learning rate, dropout, running statistics and moments
    /// change from step to step.
    private func recordedDifference(steps: Int) throws -> Double {
        let losses = try [false, true].map { records in
            try withDevice(device) {
                Generator.current.manualSeed(11)
                let model = Sequential(
                    Conv2d(3, 8, kernelSize: 3, padding: 1), BatchNorm2d(8), ReLU(), MaxPool2d(2), Flatten(),
                    Dropout(0.25), Linear(8 * 8 * 8, 10))
                let optimizer = try Adam(model.parameters, lr: 1e-2)
                let step = TrainStep(optimizer, records: records) { inputs in
                    (model(inputs[0]).crossEntropy(inputs[1]), [])
                }
                return (0..<steps).map { i in
                    let x = Tensor.normal([16, 3, 16, 16])
                    let y = Tensor.integers([16], in: 0..<10)
                    optimizer.learningRate = 1e-2 / Double(1 + i)
                    return step([x, y]).loss.item()
                }
            }
        }
        return largestDifference(losses[0], losses[1])
    }

    /// Takes the same steps on the CPU and on the device, without TF32; returns the largest difference of their losses
    /// relative to the CPU's.
    private func lossDifference(steps: Int, _ make: () throws -> () -> Tensor) throws -> Double {
        let losses = try withoutTF32 {
            try [Device.cpu, device].map { place in
                try withDevice(place) {
                    Generator.current.manualSeed(7)
                    let step = try make()
                    return (0..<steps).map { _ in step().item() }
                }
            }
        }
        return largestDifference(losses[0], losses[1])
    }

    /// The largest difference of a gradient between the device alone and all GPUs together, or a single GPU used twice,
    /// relative to the largest element.
    private func parallelDifference() throws -> Double {
        let others = (0..<CUDA.deviceCount).map { Device.cuda($0) }.filter { $0 != device }
        let devices = [device] + (others.isEmpty ? [device] : others)
        func makeNetwork() -> Sequential {
            Sequential(
                Conv2d(3, 8, kernelSize: 3, padding: 1), GroupNorm(2, 8), ReLU(), MaxPool2d(2), Flatten(),
                Linear(8 * 8 * 8, 10))
        }
        Generator.current.manualSeed(5)
        let network = makeNetwork()
        let x = Tensor.normal([4 * devices.count + 1, 3, 16, 16])
        let y = Tensor.integers([x.shape[0]], in: 0..<10)
        let parallel = try DataParallel(network, devices: devices) { makeNetwork() }
        let alone = network(x).crossEntropy(y).gradients()
        let together = parallel(x).crossEntropy(y).gradients()
        let differences = network.parameters.map { parameter in
            guard let a = alone[parameter], let b = together[parameter], a.device == b.device else { return Double.nan }
            return (a - b).abs().amax().item() / a.abs().amax().item()
        }
        return differences.reduce(0) { $0.isNaN || $1.isNaN ? .nan : max($0, $1) }
    }

    private func withoutTF32<R>(_ body: () throws -> R) rethrows -> R {
        let old = (CUDA.allowsTF32InMatrixProducts, CUDA.allowsTF32InConvolutions)
        (CUDA.allowsTF32InMatrixProducts, CUDA.allowsTF32InConvolutions) = (false, false)
        defer { (CUDA.allowsTF32InMatrixProducts, CUDA.allowsTF32InConvolutions) = old }
        return try body()
    }
}

/// The largest difference of two runs relative to the first; NaN if either contains one.
func largestDifference(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).map { abs($0 - $1) / max(abs($0), 1e-3) }.reduce(0) { $0.isNaN || $1.isNaN ? .nan : max($0, $1) }
}

/// Threads that make tensors of random sizes, pass them to each other and release them: their contents must not change.
final class MemoryStress: Sendable {
    private let device: Device
    private let threads = 4
    private let rounds: Int
    /// Tensors that any thread may take, each with the number that all of its elements have.
    private let shared = Mutex<[(Tensor, Double)]>([])
    private let wrong = Atomic(0)

    init(device: Device, rounds: Int) {
        self.device = device
        self.rounds = rounds
    }

    /// - Returns: how many tensors contained a number other than their own.
    func run() -> Int {
        let running = (0..<threads).map { seed in WorkerThread(readsAhead: false) { [self] in work(seed) } }
        for thread in running { thread?.join() }
        shared.withLock { $0 = [] }
        return wrong.load(ordering: .relaxed)
    }

    private func work(_ seed: Int) {
        var random = LinearCongruential(state: UInt64(seed) + 1)
        var own: [(Tensor, Double)] = []
        for round in 0..<rounds {
            let value = Double(seed * rounds + round)
            let count = 1 << Int.random(in: 0..<20, using: &random) + Int.random(in: 0..<7, using: &random)
            own.append((.full([count], value, dtype: .float64, device: device), value))
            own.append(lend(own.remove(at: Int.random(in: 0..<own.count, using: &random))))
            if round % 16 == 0 { own.append(uploaded(value)) }
            if own.count > 12 { check(own.remove(at: Int.random(in: 0..<own.count, using: &random))) }
        }
        own.forEach(check)
    }

    /// A tensor copied from pinned memory, which is changed as soon as the copy has been requested.
    private func uploaded(_ value: Double) -> (Tensor, Double) {
        var source = Tensor.full([1 << 16], value, dtype: .float64, device: .cpu).pinned()
        let copy = source.to(device)
        source += 1
        return (copy, value)
    }

    /// Puts a tensor among the shared ones and takes another, after some arithmetic on it.
    private func lend(_ tensor: (Tensor, Double)) -> (Tensor, Double) {
        let taken = shared.withLock { tensors in
            tensors.append(tensor)
            return tensors.remove(at: tensors.count / 2)
        }
        return (taken.0 * 2 - taken.1, taken.1)
    }

    private func check(_ tensor: (Tensor, Double)) {
        let others = (tensor.0 .!= tensor.1).to(.float64).sum().item()
        if others != 0 { wrong.add(1, ordering: .relaxed) }
    }
}

/// A small repeatable source of random numbers (Knuth's constants for 64 bits).
private struct LinearCongruential: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 32)
    }
}
