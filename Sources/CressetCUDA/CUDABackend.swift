import CCUDA
import CressetBackend
import Glibc

/// One NVIDIA GPU: cuDNN for convolutions, cuBLASLt for matrix products, our own kernels for the rest.
///
/// All work goes into one stream and is executed in that order, while the program runs ahead; it waits only where it
/// reads a result.
package final class CUDABackend: Backend, @unchecked Sendable {
    /// The index of the device among those the driver shows.
    package let ordinal: Int
    package let properties: CUDADeviceProperties

    let libraries: CUDALibraries
    let driver: cresset_cuda_driver
    let context: cr_context
    /// The stream as it is, whatever waits to be launched.
    let rawStream: cr_stream
    let memory: Allocator
    let pinned: PinnedMemory
    let kernels: KernelLibrary
    let faults: FaultReport
    let matmulPlans = MatmulPlans()
    let convolutionPlans = ConvolutionPlans()
    let copySources: CopySources
    let uploads = UploadRing()
    let graphNumbers = GraphNumbers()
    let graphs = GraphEnds()
    let chains = ChainRecorder()
    let peers = Peers()
    /// Whether every call waits for its work, so that nothing can be recorded.
    package let isSynchronous: Bool

    /// Whether float32 matrix products may round their operands to TF32, like `torch.backends.cuda.matmul.allow_tf32`.
    package static var allowsTF32InProducts: Bool {
        get { tf32.withLock { $0.products } }
        set { tf32.withLock { $0.products = newValue } }
    }
    /// Whether float32 convolutions may round to TF32, like `torch.backends.cudnn.allow_tf32`: true by default.
    package static var allowsTF32InConvolutions: Bool {
        get { tf32.withLock { $0.convolutions } }
        set { tf32.withLock { $0.convolutions = newValue } }
    }
    /// Whether a new convolution first times all of cuDNN's plans for it and keeps the fastest, like
    /// `torch.backends.cudnn.benchmark`; `CRESSET_CUDNN_BENCHMARK=1` turns it on from the start.
    package static var benchmarksConvolutions: Bool {
        get { benchmarks.withLock { $0 } }
        set { benchmarks.withLock { $0 = newValue } }
    }
    private static let benchmarks = Locked(LibrarySearch.variable("CRESSET_CUDNN_BENCHMARK") == "1")
    private static let tf32 = Locked<(products: Bool, convolutions: Bool)>((false, true))

    var allowsTF32InProducts: Bool { Self.allowsTF32InProducts }
    var allowsTF32InConvolutions: Bool { Self.allowsTF32InConvolutions }

    // MARK: Devices

    /// The number of usable GPUs; 0 if there is none, or a library is missing.
    package static var deviceCount: Int { (try? CUDALibraries.shared.get().deviceCount) ?? 0 }

    /// Why there are no usable GPUs; nil if there are some.
    package static var unavailability: CUDAUnavailable? {
        if case .failure(let error) = CUDALibraries.shared { error } else { nil }
    }

    /// What was found of each library.
    package static var libraryReports: [CUDALibraryReport] { CUDALibraries.reports() }

    private static let started = Locked<[Int: CUDABackend]>([:])
    private static let first: CUDABackend = device(0, started: ())

    /// The backend of a device, started on first use. Traps if there is no such device.
    package static func device(_ ordinal: Int) -> CUDABackend { ordinal == 0 ? first : device(ordinal, started: ()) }

    private static func device(_ ordinal: Int, started: Void) -> CUDABackend {
        Self.started.withLock { backends in
            if let backend = backends[ordinal] { return backend }
            let backend: CUDABackend
            switch CUDALibraries.shared {
            case .failure(let error): fatalError("cuda:\(ordinal): \(error)")
            case .success(let libraries):
                if ordinal < 0 || ordinal >= libraries.deviceCount {
                    fatalError(
                        "there is no cuda:\(ordinal)\n  hint: there are \(libraries.deviceCount) devices, counted from 0"
                    )
                }
                backend = CUDABackend(ordinal, libraries)
            }
            backends[ordinal] = backend
            return backend
        }
    }

    /// The devices that have been started.
    package static var ordinalsInUse: [Int] { started.withLock { $0.keys.sorted() } }

    /// Returns memory cached for future tensors to the driver, on every device in use.
    package static func trimAll() {
        for backend in started.withLock({ Array($0.values) }) { backend.trimMemory() }
    }

    private init(_ ordinal: Int, _ libraries: CUDALibraries) {
        self.ordinal = ordinal
        self.libraries = libraries
        driver = libraries.driver
        var device: Int32 = 0
        check(driver.cuDeviceGet(&device, Int32(ordinal)), "cuDeviceGet")
        properties = CUDADeviceProperties(device, driver)
        var context: cr_context?
        check(driver.cuDevicePrimaryCtxRetain(&context, device), "cuDevicePrimaryCtxRetain", "cuda:\(ordinal)")
        self.context = context!
        check(driver.cuCtxSetCurrent(context), "cuCtxSetCurrent")
        cresset_set_current_device(Int32(ordinal))
        rawStream = driver.makeStream()
        memory = Allocator(driver)
        pinned = PinnedMemory(driver)
        faults = FaultReport(pinned)
        copySources = CopySources(driver)
        kernels = KernelLibrary(libraries, architecture: properties.architecture)
        isSynchronous = LibrarySearch.variable("CRESSET_SYNC") == "1"
    }

    /// Makes the device's context current on this thread: tasks can change threads.
    @inline(__always)
    func activate() {
        if cresset_current_device() != Int32(ordinal) { switchContext() }
    }

    @inline(never)
    private func switchContext() {
        check(driver.cuCtxSetCurrent(context), "cuCtxSetCurrent")
        cresset_set_current_device(Int32(ordinal))
    }

    // MARK: Launching

    /// The stream that all work goes into, for submitting something: pointwise operators that have been requested
    /// before but not launched yet are launched now.
    @inline(__always)
    var stream: cr_stream {
        if chains.isRecording { chains.flush(on: self) }
        return rawStream
    }

    /// The kernel `entry` of a family, compiled on first use with `defines` (`NAME=VALUE`). `variant` is a number that
    /// differs for different `defines`.
    @inline(__always)
    func kernel(
        _ family: KernelFamily, _ entry: StaticString, variant: Int = 0, defines: @autoclosure () -> [String] = []
    ) -> Kernel {
        activate()
        return kernels.kernel(family, entry, variant: variant, defines: defines)
    }

    /// Puts a kernel into the stream. Its single parameter is a struct from the family's header.
    @inline(__always)
    func launch<P>(
        _ kernel: Kernel, grid: (Int, Int, Int), block: Int, sharedBytes: Int = 0, _ parameters: P
    ) {
        mustHold(
            grid.0 > 0 && grid.0 <= 0x7fff_ffff && grid.1 > 0 && grid.1 <= 65535 && grid.2 > 0 && grid.2 <= 65535,
            "\(kernel.name): a grid of \(grid)")
        withUnsafePointer(to: parameters) { pointer in
            var list: UnsafeMutableRawPointer? = UnsafeMutableRawPointer(mutating: UnsafeRawPointer(pointer))
            check(
                driver.cuLaunchKernel(
                    kernel.function, UInt32(grid.0), UInt32(grid.1), UInt32(grid.2), UInt32(block), 1, 1,
                    UInt32(sharedBytes), stream, &list, nil), "cuLaunchKernel", kernel.name)
        }
        finishIfSynchronous(kernel.name)
    }

    /// With `CRESSET_SYNC=1`: waits for the work just submitted to the stream, so that an error is reported with its
    /// name.
    @inline(__always)
    func finishIfSynchronous(_ name: @autoclosure () -> String) {
        if isSynchronous { check(driver.cuStreamSynchronize(stream), "cuStreamSynchronize", name()) }
    }

    @inline(__always)
    func launch<P>(_ kernel: Kernel, grid: Int, block: Int, sharedBytes: Int = 0, _ parameters: P) {
        launch(kernel, grid: (grid, 1, 1), block: block, sharedBytes: sharedBytes, parameters)
    }

    /// A grid for `count` threads in all, one thread per element, but with no more blocks than keep the device busy:
    /// kernels advance by the grid's width.
    @inline(__always)
    func gridStride(_ count: Int, block: Int) -> Int {
        max(1, min((count + block - 1) / block, properties.multiprocessorCount * (2048 / block) * 4))
    }

    /// Temporary memory for the duration of `body`, in stream order.
    @inline(__always)
    func withTemporary<R>(
        byteCount: Int, for use: MemoryUse = .kernels, _ body: (UnsafeMutableRawPointer) throws -> R
    ) rethrows -> R {
        let storage = allocate(byteCount, for: use)
        return try withExtendedLifetime(storage) { try body(storage.pointer) }
    }
}
