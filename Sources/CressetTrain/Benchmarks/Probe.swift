import Cresset
import Foundation

extension Benchmark {
    /// What a process that is started to be measured does.
    public enum Probe: String, Sendable {
        /// Multiplies two small matrices: what it takes to start.
        case startup
        /// Trains ResNet-18 for three steps and prints its peak resident memory in MiB.
        case memory
        /// Fills the memory of a GPU until there is no more, to see what is said then.
        case exhaustion

        /// Of this program alone: what `getrusage` counts includes the process that started it.
        private static var peakResidentMiB: Double {
            let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
            let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
            return line?.split(separator: " ").compactMap { Double($0) }.first.map { $0 / 1024 } ?? .nan
        }

        public func run(on device: Device = .cpu) throws {
            switch self {
            case .startup: print(Tensor.ones([2, 2]).matmul(.ones([2, 2])).sum().item())
            case .memory:
                let step = try ImageTrainingStep("resnet18", isFrozen: false)
                for _ in 0..<3 { step.run() }
                print(Probe.peakResidentMiB)
            case .exhaustion:
                guard case .cuda = device else {
                    throw Failure("the memory of \(device) is not to be filled", hint: "name a GPU", status: .usage)
                }
                var tensors: [Tensor] = []
                while true { tensors.append(.zeros([1 << 30], dtype: .float32, device: device)) }
            }
        }
    }
}
