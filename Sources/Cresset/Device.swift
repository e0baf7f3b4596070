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
