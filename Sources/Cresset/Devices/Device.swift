@_exported import CressetBackend
import CressetCPU
import CressetCUDA

/// Hardware that stores tensors and computes on them.
///
/// ```swift
/// let device = CUDA.isAvailable ? Device.cuda(0) : .cpu
/// let model = try ModelZoo.make("resnet18").to(device)
/// ```
public struct Device: Sendable, Hashable, CustomStringConvertible {
    package enum Kind: Sendable, Hashable {
        case cpu
        case cuda(Int)
        case guarded
    }

    package let kind: Kind

    private init(kind: Kind) { self.kind = kind }

    /// The processor and its memory.
    public static var cpu: Device { Device(kind: .cpu) }

    /// An NVIDIA GPU. Its first use starts it, and traps if there is no such GPU (see ``CUDA/deviceCount``).
    ///
    /// - Parameter index: Its place among those the driver shows, counted from 0.
    public static func cuda(_ index: Int) -> Device { Device(kind: .cuda(index)) }

    /// For tests: the CPU, with memory that faults when anything but a backend touches it, as a GPU's would.
    package static var guarded: Device { Device(kind: .guarded) }

    /// A GPU's place among those the driver shows; nil for the CPU.
    public var cudaIndex: Int? {
        if case .cuda(let index) = kind { index } else { nil }
    }

    /// The only switch that picks a backend.
    var backend: any Backend {
        switch kind {
        case .cpu: RecordingBackend.active ?? CPUBackend.shared
        case .cuda(let ordinal): CUDABackend.device(ordinal)
        case .guarded: GuardedBackend.shared
        }
    }

    /// The name in PyTorch's form: `cpu`, `cuda:0`.
    public var description: String {
        switch kind {
        case .cpu: "cpu"
        case .cuda(let ordinal): "cuda:\(ordinal)"
        case .guarded: "guarded"
        }
    }
}

// MARK: The device that tensors are created on

extension Device {
    @TaskLocal static var scoped = Device.cpu

    /// Where tensors and modules without an explicit device are created: the CPU, or inside ``withDevice(_:_:)`` the
    /// device given there.
    public static var current: Device { scoped }
}

/// Runs `body` with `device` as the default for creating tensors and modules.
///
/// Operators compute where their operands are, whatever is set here.
///
/// ```swift
/// let model = try withDevice(.cuda(0)) { try ModelZoo.make("resnet18") }
/// ```
public func withDevice<R>(_ device: Device, _ body: () throws -> R) rethrows -> R {
    try Device.$scoped.withValue(device) { try body() }
}

// MARK: Devices by name

/// A device that is not available: what was requested, and what to do.
public struct DeviceError: ExplainedError, Sendable, Hashable {
    public let problem: String
    public let hint: String
    /// Whether no machine has a device of that name.
    package var isMisspelt = false

    public var explanation: Explanation { Explanation(problem, hint: hint) }
}

extension Device {
    /// The device with the given name: `cpu`, `cuda` (the first GPU), `cuda:1`, or `auto`, which is the first GPU if
    /// there is one and the CPU otherwise.
    ///
    /// - Parameter name: `cpu`, `cuda`, or `cuda:0` and so on.
    /// - Throws: ``DeviceError`` if the name is none of these, or there is no such GPU.
    public init(_ name: String) throws(DeviceError) {
        switch name {
        case "cpu": self = .cpu
        case "auto": self = CUDA.isAvailable ? .cuda(0) : .cpu
        case "cuda": self = .cuda(0)
        case "guarded": self = .guarded
        default:
            let digits = name.dropFirst("cuda:".count)
            guard name.hasPrefix("cuda:"), !digits.isEmpty, digits.allSatisfy({ ("0"..."9").contains($0) }),
                let ordinal = Int(digits)
            else {
                throw DeviceError(
                    problem: "there is no device \"\(name)\"",
                    hint: "devices are cpu, cuda (the first GPU), cuda:1 and so on, and auto", isMisspelt: true)
            }
            self = .cuda(ordinal)
        }
        try requireAvailable()
    }

    /// Throws if the device is not available.
    public func requireAvailable() throws(DeviceError) {
        guard let ordinal = cudaIndex else { return }
        if let reason = CUDABackend.unavailability {
            throw DeviceError(problem: "\(self) cannot be used: \(reason.problem)", hint: reason.hint)
        }
        let count = CUDA.deviceCount
        if ordinal >= count || ordinal < 0 {
            throw DeviceError(
                problem: "there is no \(self)",
                hint: count == 1 ? "there is one GPU, cuda:0" : "there are \(count) GPUs, counted from 0")
        }
    }
}

// MARK: Memory

extension Device {
    /// How much memory tensors use here now and at most, and how often it was allocated.
    public var memoryStatistics: MemoryStatistics {
        switch kind {
        case .cpu, .guarded: CPUBackend.shared.memoryStatistics
        case .cuda(let ordinal): CUDABackend.device(ordinal).memoryStatistics
        }
    }

    /// Restarts the measurement of the peak in ``memoryStatistics``.
    public func resetPeakMemory() {
        switch kind {
        case .cpu, .guarded: CPUBackend.shared.resetPeakMemory()
        case .cuda(let ordinal): CUDABackend.device(ordinal).resetPeakMemory()
        }
    }

    /// Returns memory cached for future tensors to the system.
    public func trimMemory() {
        switch kind {
        case .cpu, .guarded: CPUBackend.shared.trimMemory()
        case .cuda(let ordinal): CUDABackend.device(ordinal).trimMemory()
        }
    }

    /// Whether work submitted to the device can be recorded and replayed.
    package var canRecord: Bool {
        switch kind {
        case .cpu, .guarded: false
        case .cuda(let ordinal): !CUDABackend.device(ordinal).isSynchronous
        }
    }

    /// Whether work submitted to the device is currently recorded into a graph instead of being executed.
    package var isCapturing: Bool {
        switch kind {
        case .cpu, .guarded: false
        case .cuda(let ordinal): CUDABackend.device(ordinal).isCapturing
        }
    }

    /// Waits until all work submitted to the device is done, for timing. Results need no such call.
    public func synchronize() { backend.synchronize() }
}
