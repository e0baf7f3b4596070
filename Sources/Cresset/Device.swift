@_exported import CressetBackend
import CressetCPU

/// A machine that holds tensors and computes on them.
public enum Device: Sendable, Hashable, CustomStringConvertible {
    /// The processor and its memory.
    case cpu

    /// The one switch that picks a backend.
    @usableFromInline var backend: any Backend {
        switch self {
        case .cpu: CPUBackend.shared
        }
    }

    /// The name as PyTorch writes it: `cpu`.
    public var description: String {
        switch self {
        case .cpu: "cpu"
        }
    }
}

/// How much memory the tensors of a device take, in bytes.
public typealias MemoryStatistics = CressetCPU.MemoryStatistics

extension Device {
    /// How much memory tensors take here now, at most, and how often it was asked for.
    public var memoryStatistics: MemoryStatistics {
        switch self {
        case .cpu: CPUBackend.shared.memoryStatistics
        }
    }

    /// Starts to measure the peak of ``memoryStatistics`` anew.
    public func resetPeakMemory() {
        switch self {
        case .cpu: CPUBackend.shared.resetPeakMemory()
        }
    }
}
