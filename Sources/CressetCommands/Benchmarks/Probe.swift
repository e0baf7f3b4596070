import Cresset
import CressetNN
import CressetOptim
import CressetTrain
import CressetVision
import Glibc

extension Benchmark {
    /// What a process started for measurement does.
    package enum Probe: String, Sendable {
        /// Multiplies two small matrices: measures the start-up time.
        case startup
        /// Trains ResNet-18 for three steps and prints its peak resident memory in MiB.
        case memory
        /// Takes the first step of training ResNet-18, on 16 pictures.
        case firstStep
        /// Computes the scores of a picture by ResNet-18.
        case firstScores
        /// Trains a network for a few steps; prints pictures per second, peak resident memory in MiB, and the first and
        /// last loss.
        case network
        /// Fills the memory of a GPU until there is none left, to see the message.
        case exhaustion
        /// Adds a tensor on the CPU to one on a GPU.
        case mixture
        /// Computes the loss of a label that is not a class.
        case label
        /// Divides integers by zero.
        case division
        /// Reads a number inside a step that a GPU records.
        case reading

        /// For this program alone: what `getrusage` reports includes the process that started it.
        private static var peakResidentMiB: Double {
            let status = SystemFiles.text(of: "/proc/self/status")
            let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
            return line?.split(separator: " ").compactMap { Double($0) }.first.map { $0 / 1024 } ?? .nan
        }

        /// Does the work, and prints the result.
        ///
        /// - Parameters:
        ///   - device: The device that computes it.
        ///   - network: The name of the network to train.
        ///   - repeats: How many steps are measured.
        package func run(on device: Device = .cpu, network: String = "resnet18", repeats: Int = 5) throws {
            switch self {
            case .startup: try Results.writeLine("\(Tensor.ones([2, 2]).matmul(.ones([2, 2])).sum().item())")
            case .memory:
                let step = try ImageTrainingStep("resnet18", isFrozen: false)
                for _ in 0..<3 { step.run() }
                try Results.writeLine("\(Probe.peakResidentMiB)")
            case .firstStep:
                try Results.writeLine("\(ImageTrainingStep("resnet18", isFrozen: false).loss().item())")
            case .firstScores:
                let model = try ModelZoo.make("resnet18").eval()
                let scores = withoutGradients { model(Tensor.normal([1, 3, 224, 224]).channelsLast()) }
                try Results.writeLine("\(scores.amax().item())")
            case .network:
                let step = try ImageTrainingStep(network, isFrozen: false, batch: Benchmark.familyBatch)
                var losses: [Double] = []
                let seconds = medianSeconds(repeats: repeats) { losses.append(step.loss().item()) }
                let rate = Double(step.batch) / seconds
                try Results.writeLine("\(rate) \(Probe.peakResidentMiB) \(losses[0]) \(losses[losses.count - 1])")
            case .exhaustion: try exhaust(device)
            case .mixture:
                let sum = Tensor.ones([2], device: .cpu) + .ones([2], device: device)
                try Results.writeLine("\(sum.shape)")
            case .label:
                let scores = Tensor.ones([2, 3], device: device)
                let loss = scores.crossEntropy(Tensor([0, 7] as [Int64]).to(device))
                // The program continues until it reads something that depends on the label.
                try Results.writeLine("asked")
                try Results.writeLine("\(loss.item())")
            case .division:
                let divisors = Tensor([2, 0] as [Int64]).to(device)
                let quotients = Tensor([6, 7] as [Int64]).to(device).floorDivided(by: divisors)
                try Results.writeLine("asked")
                try Results.writeLine("\(quotients[0].item())")
            case .reading: try readWhileRecording(device)
            }
        }

        private func exhaust(_ device: Device) throws {
            guard device.cudaIndex != nil else {
                throw Failure("the memory of \(device) cannot be filled", hint: "name a GPU", kind: .usage)
            }
            let count = CUDA.properties(of: device).totalMemory / 16 / DType.float32.itemSize
            var tensors: [Tensor] = []
            while true { tensors.append(.zeros([count], dtype: .float32, device: device)) }
        }

        private func readWhileRecording(_ device: Device) throws {
            try withDevice(device) {
                let model = Linear(2, 1)
                let step = try TrainStep(SGD(model.parameters, lr: 0.1)) { inputs in
                    let loss = model(inputs[0]).mean()
                    print("loss", loss.item())
                    return (loss, [])
                }
                for _ in 0...TrainStep.eagerSteps { _ = step([.ones([4, 2])]) }
            }
        }
    }
}
