import CCUDA
import Foundation

/// The fake driver, NVRTC and cuBLASLt, opened as the framework opens NVIDIA's. Environment variables are read once per
/// process, so tests of modes run in separate processes.
final class FakeMachine {
    let driver: cresset_cuda_driver
    let nvrtc: cresset_nvrtc
    let cublasLt: cresset_cublaslt
    let stream: cr_stream

    /// A parameter that fits the kernels of these tests.
    struct Vectors {
        var x: cr_device_pointer
        var y: cr_device_pointer
        var count: Int64
    }

    struct Missing: Error { var name: String }

    init(_ settings: [String: String] = [:]) throws {
        // Not the driver's path: other tests in this process start programs that would use it too.
        for (name, value) in Self.driverVariables(settings) { setenv(name, value, 1) }
        let path = try Self.libraryPath()
        guard let library = dlopen(path, RTLD_NOW | RTLD_GLOBAL) else { throw Missing(name: path) }
        driver = try Self.table(library, cresset_load_cuda_driver)
        nvrtc = try Self.table(library, cresset_load_nvrtc)
        cublasLt = try Self.table(library, cresset_load_cublaslt)
        var context: cr_context?
        _ = driver.cuDevicePrimaryCtxRetain(&context, 0)
        _ = driver.cuCtxSetCurrent(context)
        stream = Self.makeStream(driver)
    }

    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// The environment of a process that computes on the fake GPU.
    static func variables(_ settings: [String: String] = [:]) -> [String: String] {
        driverVariables(settings).merging(["CRESSET_CUDA_DRIVER": "fake"]) { $1 }
    }

    /// The driver's settings, `CRESSET_FAKE_CUDA_…`; compiled kernels are kept between runs.
    private static func driverVariables(_ settings: [String: String]) -> [String: String] {
        let cache = ProcessInfo.processInfo.environment["CRESSET_FAKE_CUDA_CACHE"]
        var variables = ["CRESSET_FAKE_CUDA_CACHE": cache ?? root.appending(path: ".build/fake-cuda").path]
        for (name, value) in settings { variables["CRESSET_FAKE_CUDA_\(name)"] = value }
        return variables
    }

    static func makeStream(_ driver: cresset_cuda_driver) -> cr_stream {
        var stream: cr_stream?
        _ = driver.cuStreamCreateWithPriority(&stream, 1, 0)
        return stream!
    }

    /// Next to the tests, where the package's products are.
    static func libraryPath() throws -> String {
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let folders = [URL(filePath: program).deletingLastPathComponent(), root.appending(path: ".build/release")]
        let paths = folders.map { $0.appending(path: "libcressetfakecuda.so").path }
        guard let path = paths.first(where: FileManager.default.fileExists) else {
            throw Missing(name: "libcressetfakecuda.so, which swift build makes")
        }
        return path
    }

    private static func table<T>(
        _ library: UnsafeMutableRawPointer,
        _ load: (UnsafeMutableRawPointer, UnsafeMutablePointer<T>) -> UnsafePointer<CChar>?
    ) throws -> T {
        let table = UnsafeMutablePointer<T>.allocate(capacity: 1)
        defer { table.deallocate() }
        if let missing = load(library, table) { throw Missing(name: String(cString: missing)) }
        return table.pointee
    }

    // MARK: Kernels

    /// Compiles a text that may include `device.h`. Returns NVRTC's status and log, and the image.
    func compile(_ source: String, options: [String] = []) -> (status: Int32, log: String, image: [CChar]) {
        var names: [UnsafePointer<CChar>?] = [UnsafePointer(strdup("device.h"))]
        var texts: [UnsafePointer<CChar>?] = [cresset_kernel_source_named("device.h")]
        var program: cr_program?
        _ = nvrtc.nvrtcCreateProgram(&program, source, "test.cu", 1, &texts, &names)
        defer { _ = nvrtc.nvrtcDestroyProgram(&program) }
        var words: [UnsafePointer<CChar>?] = (["--gpu-architecture=sm_90", "--std=c++17"] + options)
            .map { UnsafePointer(strdup($0)) }
        let status = nvrtc.nvrtcCompileProgram(program, Int32(words.count), &words)
        var size = 0
        _ = nvrtc.nvrtcGetProgramLogSize(program, &size)
        var log = [CChar](repeating: 0, count: size)
        _ = nvrtc.nvrtcGetProgramLog(program, &log)
        var image: [CChar] = []
        if status == 0 {
            _ = nvrtc.nvrtcGetCUBINSize(program, &size)
            image = [CChar](repeating: 0, count: size)
            _ = nvrtc.nvrtcGetCUBIN(program, &image)
        }
        return (status, String(decoding: log.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self), image)
    }

    /// The kernel `kernel`, whose body sees `p`: addresses `x` and `y` of floats, and a `count`.
    func kernel(_ body: String, threads: Int = 1024, options: [String] = []) throws -> cr_function {
        let source = """
            #include "device.h"
            struct vectors { const float *x; float *y; i64 count; };
            KERNEL(kernel, \(threads))(vectors p) { \(body) }
            EXPORT(kernel)
            """
        let (status, log, image) = compile(source, options: options)
        if status != 0 { throw Missing(name: log) }
        var module: cr_module?
        var function: cr_function?
        guard driver.cuModuleLoadData(&module, image) == 0, driver.cuModuleGetFunction(&function, module, "kernel") == 0
        else { throw Missing(name: "kernel") }
        return function!
    }

    @discardableResult
    func launch(
        _ function: cr_function, _ vectors: Vectors, blocks: Int = 1, threads: Int, sharedBytes: Int = 0,
        stream: cr_stream? = nil
    ) -> Int32 {
        var vectors = vectors
        return withUnsafeMutablePointer(to: &vectors) { pointer in
            var list: UnsafeMutableRawPointer? = UnsafeMutableRawPointer(pointer)
            return driver.cuLaunchKernel(
                function, UInt32(blocks), 1, 1, UInt32(threads), 1, 1, UInt32(sharedBytes), stream ?? self.stream,
                &list, nil)
        }
    }

    // MARK: Memory

    func allocate(_ byteCount: Int) -> cr_device_pointer {
        var address: cr_device_pointer = 0
        _ = driver.cuMemAlloc_v2(&address, byteCount)
        return address
    }

    func upload(_ numbers: [Float]) -> cr_device_pointer {
        let address = allocate(numbers.count * 4)
        _ = driver.cuMemcpyHtoDAsync_v2(address, numbers, numbers.count * 4, stream)
        return address
    }

    func download(_ address: cr_device_pointer, _ count: Int, stream: cr_stream? = nil) -> [Float] {
        var numbers = [Float](repeating: 0, count: count)
        _ = driver.cuMemcpyDtoHAsync_v2(&numbers, address, count * 4, stream ?? self.stream)
        return numbers
    }

    /// Two vectors: the first with 0, 1, 2 …, the second with the initial contents of new memory.
    func vectors(_ count: Int) -> Vectors {
        Vectors(x: upload((0..<count).map(Float.init)), y: allocate(count * 4), count: Int64(count))
    }

    func synchronize() -> Int32 { driver.cuStreamSynchronize(stream) }
}
