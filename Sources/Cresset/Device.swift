@_exported import CressetBackend
import CressetCPU
import CressetCUDA

/// A machine that holds tensors and computes on them.
///
/// ```swift
/// let device = CUDA.isAvailable ? Device.cuda(0) : .cpu
/// let model = try ModelZoo.make("resnet18").to(device)
/// ```
public enum Device: Sendable, Hashable, CustomStringConvertible {
    /// The processor and its memory.
    case cpu
    /// An NVIDIA GPU, by its place among those the driver shows. Its first use starts it; traps where there is no such GPU
    /// (``CUDA/deviceCount`` tells).
    case cuda(Int)

    /// The one switch that picks a backend.
    @usableFromInline var backend: any Backend {
        switch self {
        case .cpu: CPUBackend.shared
        case .cuda(let ordinal): CUDABackend.device(ordinal)
        }
    }

    /// The name as PyTorch writes it: `cpu`, `cuda:0`.
    public var description: String {
        switch self {
        case .cpu: "cpu"
        case .cuda(let ordinal): "cuda:\(ordinal)"
        }
    }
}

extension Device {
    /// How much memory tensors take here now, at most, and how often it was asked for.
    public var memoryStatistics: MemoryStatistics {
        switch self {
        case .cpu: CPUBackend.shared.memoryStatistics
        case .cuda(let ordinal): CUDABackend.device(ordinal).memoryStatistics
        }
    }

    /// Starts to measure the peak of ``memoryStatistics`` anew.
    public func resetPeakMemory() {
        switch self {
        case .cpu: CPUBackend.shared.resetPeakMemory()
        case .cuda(let ordinal): CUDABackend.device(ordinal).resetPeakMemory()
        }
    }

    /// Gives memory that is kept for coming tensors back to the system.
    public func trimMemory() {
        switch self {
        case .cpu: CPUBackend.shared.trimMemory()
        case .cuda(let ordinal): CUDABackend.device(ordinal).trimMemory()
        }
    }

    /// Whether what is asked of the device now is recorded into a graph, not done.
    package var isCapturing: Bool {
        switch self {
        case .cpu: false
        case .cuda(let ordinal): CUDABackend.device(ordinal).isCapturing
        }
    }

    /// Waits until everything that was asked of the device is done: for measuring times. Results need no such call.
    public func synchronize() { backend.synchronize() }
}
