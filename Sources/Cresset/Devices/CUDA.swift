import CressetCUDA

/// NVIDIA's GPUs as a whole: whether there are any, what they are, and with what precision they compute.
///
/// ```swift
/// let device = CUDA.isAvailable ? Device.cuda(0) : .cpu
/// ```
public enum CUDA {
    /// Whether there is a usable GPU.
    public static var isAvailable: Bool { deviceCount > 0 }

    /// The number of usable GPUs; 0 if there is none, or a library is missing.
    public static var deviceCount: Int { CUDABackend.deviceCount }

    /// The GPUs that the program has used so far, and that hold memory for it.
    public static var devicesInUse: [Device] { CUDABackend.ordinalsInUse.map { .cuda($0) } }

    /// Why there is none, and what to do about it; nil if there is one.
    public static var unavailability: String? {
        if let reason = CUDABackend.unavailability { return reason.description }
        return isAvailable ? nil : "the driver shows no GPU"
    }

    /// The properties of a GPU.
    public struct Properties: Sendable, Hashable {
        /// The manufacturer's name: `NVIDIA H100 80GB HBM3`.
        public let name: String
        /// The generation of its instruction set: (9, 0) for an H100.
        public var computeCapability: (major: Int, minor: Int) { (major, minor) }
        /// Bytes of memory.
        public let totalMemory: Int
        public let multiprocessorCount: Int
        private let major: Int
        private let minor: Int

        fileprivate init(_ properties: CUDADeviceProperties) {
            name = properties.name
            totalMemory = properties.totalMemory
            multiprocessorCount = properties.multiprocessorCount
            (major, minor) = (properties.computeCapabilityMajor, properties.computeCapabilityMinor)
        }
    }

    /// The properties of the GPU `device`. Traps for the CPU, and if there is no such GPU.
    public static func properties(of device: Device) -> Properties {
        guard let ordinal = device.cudaIndex else { fail("CUDA.properties", "\(device) is not a GPU") }
        return Properties(CUDABackend.device(ordinal).properties)
    }

    /// Returns memory cached for future tensors to the driver, on every GPU in use, so that other programs can use it.
    public static func emptyCache() { CUDABackend.trimAll() }

    /// Whether float32 matrix products may round their operands to TF32 (10 bits of mantissa), which is several times
    /// as fast.
    ///
    /// False by default, like `torch.backends.cuda.matmul.allow_tf32`. Applies to the whole process.
    public static var allowsTF32InMatrixProducts: Bool {
        get { CUDABackend.allowsTF32InProducts }
        set { CUDABackend.allowsTF32InProducts = newValue }
    }

    /// Whether float32 convolutions may round their operands to TF32.
    ///
    /// True by default, like `torch.backends.cudnn.allow_tf32`. Applies to the whole process.
    public static var allowsTF32InConvolutions: Bool {
        get { CUDABackend.allowsTF32InConvolutions }
        set { CUDABackend.allowsTF32InConvolutions = newValue }
    }

    /// Whether the first use of each convolution tries several of cuDNN's algorithms and keeps the fastest, like
    /// `torch.backends.cudnn.benchmark`. Pays off if shapes stay the same; the choice, and with it the last bits of
    /// results, may differ from run to run.
    ///
    /// False by default, unless `CRESSET_CUDNN_BENCHMARK=1`. Applies to the whole process.
    public static var benchmarksConvolutions: Bool {
        get { CUDABackend.benchmarksConvolutions }
        set { CUDABackend.benchmarksConvolutions = newValue }
    }

    /// Whether pointwise operators in recorded work are launched as chains, several in one kernel; true by default,
    /// unless `CRESSET_FUSION=off`. Results are the same to the bit.
    package static var fusesChains: Bool {
        get { CUDABackend.fusesChains }
        set { CUDABackend.fusesChains = newValue }
    }
}

extension CUDA {
    /// The GPU that makes pinned memory; nil if there is none, or none of several is in use.
    fileprivate static var pinningBackend: CUDABackend? {
        guard isAvailable else { return nil }
        if let ordinal = Device.current.cudaIndex { return CUDABackend.device(ordinal) }
        return (CUDABackend.ordinalsInUse.first ?? (deviceCount == 1 ? 0 : nil)).map { CUDABackend.device($0) }
    }
}

extension Tensor {
    /// The same elements in memory that a GPU reads directly, so that `to(.cuda(0))` runs at full speed and
    /// asynchronously; the tensor itself if it is already there, is on a GPU, or there is none. Not recorded.
    ///
    /// Pinned memory serves every GPU but needs one that the program uses: that of ``Device/current``, or any that has
    /// been used before. If there is neither and the machine has several GPUs, none is started for it and the tensor
    /// itself is returned.
    public func pinned() -> Tensor {
        guard device == .cpu, !isPinned, CUDA.pinningBackend != nil else { return detached() }
        let out = Tensor.pinned(shape, strides: denseStrides, dtype: dtype)
        backend.copy(operand, to: out.operand)
        return out
    }

    /// Whether the elements are in host memory that a GPU reads directly.
    public var isPinned: Bool { body.storage.isPinned }

    /// Pinned memory with undefined contents; ordinary memory if there is no GPU.
    static func pinned(_ shape: Shape, strides: Shape, dtype: DType) -> Tensor {
        guard let backend = CUDA.pinningBackend else {
            return .uninitialized(shape, strides: strides, dtype: dtype, device: .cpu)
        }
        let storage = backend.allocatePinned(byteCount: shape.elementCount * dtype.itemSize)
        return Tensor(
            body: TensorBody(
                storage: storage, pointer: storage.pointer, shape: shape, strides: strides, dtype: dtype, device: .cpu))
    }

    /// A tensor in pinned memory that `initializing` fills, in row-major order; in ordinary memory if there is no GPU.
    package init(
        pinned dtype: DType, shape: Shape, initializing: (UnsafeMutableRawBufferPointer) throws -> Void
    ) rethrows {
        self = .pinned(shape, strides: shape.rowMajorStrides, dtype: dtype)
        try initializing(hostBytes)
    }
}
