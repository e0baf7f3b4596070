import CCUDA
import Glibc

/// Why CUDA cannot be used on this machine: what is missing, and what to do.
package struct CUDAUnavailable: Error, Sendable, CustomStringConvertible {
    package let problem: String
    package let hint: String

    package var description: String { "\(problem)\n  hint: \(hint)" }
}

/// What was found of one library, for `cresset doctor`.
package struct CUDALibraryReport: Sendable {
    package let name: String
    /// Version and file, if it was opened.
    package let found: String?
    /// The reason, if it was not.
    package let problem: String?
}

/// NVIDIA's libraries, opened once. Everything needs the driver and NVRTC; matrix products need cuBLASLt, fast
/// convolutions cuDNN.
final class CUDALibraries: @unchecked Sendable {
    let driver: cresset_cuda_driver
    let nvrtc: cresset_nvrtc
    let nvrtcVersion: (major: Int, minor: Int)
    let cublasLt: cresset_cublaslt
    /// nil if there is no cuDNN 9: convolutions are then computed by slower kernels of our own.
    let cudnn: cresset_cudnn?
    let deviceCount: Int
    /// Whether this is the driver that runs kernels on the CPU, for tests.
    let isFake: Bool

    static let shared: Result<CUDALibraries, CUDAUnavailable> = {
        var reports: [CUDALibraryReport] = []
        do throws(CUDAUnavailable) { return .success(try CUDALibraries(&reports)) } catch { return .failure(error) }
    }()

    /// Searches for everything again and reports what was found, including libraries that depend on a missing one.
    static func reports() -> [CUDALibraryReport] {
        var reports: [CUDALibraryReport] = []
        do throws(CUDAUnavailable) {
            _ = try CUDALibraries(&reports)
            return reports
        } catch {
            if reports.isEmpty { reports.append(.init(name: "driver", found: nil, problem: error.description)) }
        }
        if LibrarySearch.variable("CRESSET_CUDA_DRIVER") != nil { return reports }
        func isKnown(_ name: String) -> Bool { reports.contains { $0.name == name } }
        var major = 13
        if !isKnown("NVRTC"),
            let nvrtc = try? report("NVRTC", &reports, { () throws(CUDAUnavailable) in try openNVRTC([13, 12]) })
        {
            major = nvrtc.1
        }
        if !isKnown("cuBLASLt") {
            _ = try? report("cuBLASLt", &reports) { () throws(CUDAUnavailable) in try openCublasLt(major: major) }
        }
        if !isKnown("cuDNN") {
            _ = try? report("cuDNN", &reports) { () throws(CUDAUnavailable) in try openCudnn(major: major) }
        }
        return reports
    }

    private init(_ reports: inout [CUDALibraryReport]) throws(CUDAUnavailable) {
        if let choice = LibrarySearch.variable("CRESSET_CUDA_DRIVER") {
            let fake = try Self.openFake(choice)
            (driver, nvrtc, cublasLt, cudnn) = (fake.driver, fake.nvrtc, fake.cublasLt, nil)
            (nvrtcVersion, isFake) = ((13, 0), true)
            deviceCount = try Self.start(driver)
            reports.append(.init(name: "driver", found: "fake: kernels run on the CPU (\(choice))", problem: nil))
            return
        }
        isFake = false
        let driverTable = try Self.report("driver", &reports) { () throws(CUDAUnavailable) in try Self.openDriver() }
        driver = driverTable
        deviceCount = try Self.start(driver)
        var version: Int32 = 0
        _ = driver.cuDriverGetVersion(&version)
        let majors = version >= 13000 ? [13, 12] : [12]
        let (compiler, major) = try Self.report("NVRTC", &reports) { () throws(CUDAUnavailable) in
            try Self.openNVRTC(majors)
        }
        nvrtc = compiler
        var found: (Int32, Int32) = (0, 0)
        _ = nvrtc.nvrtcVersion(&found.0, &found.1)
        nvrtcVersion = (Int(found.0), Int(found.1))
        cublasLt = try Self.report("cuBLASLt", &reports) { () throws(CUDAUnavailable) in
            try Self.openCublasLt(major: major)
        }
        cudnn = try? Self.report("cuDNN", &reports) { () throws(CUDAUnavailable) in try Self.openCudnn(major: major) }
    }

    private static func report<T>(
        _ name: String, _ reports: inout [CUDALibraryReport], _ open: () throws(CUDAUnavailable) -> (T, String)
    ) throws(CUDAUnavailable) -> T {
        do {
            let (table, found) = try open()
            reports.append(.init(name: name, found: found, problem: nil))
            return table
        } catch {
            reports.append(.init(name: name, found: nil, problem: error.description))
            throw error
        }
    }

    private static func start(_ driver: cresset_cuda_driver) throws(CUDAUnavailable) -> Int {
        let status = driver.cuInit(0)
        var count: Int32 = 0
        if status == 0 && driver.cuDeviceGetCount(&count) == 0 && count > 0 { return Int(count) }
        // 100 is CUDA_ERROR_NO_DEVICE.
        throw CUDAUnavailable(
            problem: status == 0 || status == 100
                ? "the NVIDIA driver sees no GPU" : "the NVIDIA driver does not start (error \(status))",
            hint: "nvidia-smi should list a GPU; CUDA_VISIBLE_DEVICES may hide it, or a container may not expose it")
    }

    private static func openDriver() throws(CUDAUnavailable) -> (cresset_cuda_driver, String) {
        let library: UnsafeMutableRawPointer
        do { library = try SharedLibrary.open("libcuda.so.1") } catch {
            throw CUDAUnavailable(
                problem: error.reason.map { "the NVIDIA driver's library cannot be opened: \($0)" }
                    ?? "libcuda.so.1, the NVIDIA driver's library, was not found",
                hint: "install NVIDIA's driver (525 or later), or use the CPU")
        }
        let table = UnsafeMutablePointer<cresset_cuda_driver>.allocate(capacity: 1)
        defer { table.deallocate() }
        if let missing = cresset_load_cuda_driver(library, table) {
            throw CUDAUnavailable(
                problem: "the NVIDIA driver lacks \(String(cString: missing))",
                hint: "install a newer driver (525 or later)")
        }
        var version: Int32 = 0
        _ = table.pointee.cuDriverGetVersion(&version)
        guard version >= 12000 else {
            throw CUDAUnavailable(
                problem: "the NVIDIA driver is for CUDA \(version / 1000).\(version % 1000 / 10)",
                hint: "CUDA 12 or later is needed: install driver 525 or later")
        }
        return (table.pointee, "for CUDA \(version / 1000).\(version % 1000 / 10) (libcuda.so.1)")
    }

    private static func openNVRTC(_ majors: [Int]) throws(CUDAUnavailable) -> ((cresset_nvrtc, Int), String) {
        var failure: LibrarySearch.Unusable?
        for major in majors {
            do {
                let (table, path) = try LibrarySearch(major: major).open("libnvrtc.so.\(major)", cresset_load_nvrtc)
                var version: (Int32, Int32) = (0, 0)
                _ = table.nvrtcVersion(&version.0, &version.1)
                return ((table, major), "\(version.0).\(version.1) (\(path))")
            } catch { if failure?.reason == nil { failure = error } }
        }
        let package = majors[0] == 13 ? "nvidia-cuda-nvrtc" : "nvidia-cuda-nvrtc-cu12"
        throw unavailable("libnvrtc.so.\(majors[0])", "CUDA's run-time compiler", failure?.reason, package)
    }

    private static func openCublasLt(major: Int) throws(CUDAUnavailable) -> (cresset_cublaslt, String) {
        let name = "libcublasLt.so.\(major)"
        do {
            let (table, path) = try LibrarySearch(major: major).open(name, cresset_load_cublaslt)
            let version = table.cublasLtGetVersion()
            return (table, "\(version / 10000).\(version / 100 % 100).\(version % 100) (\(path))")
        } catch {
            let package = major == 13 ? "nvidia-cublas" : "nvidia-cublas-cu12"
            throw unavailable(name, "CUDA's matrix library", error.reason, package)
        }
    }

    static func openCudnn(major: Int) throws(CUDAUnavailable) -> (cresset_cudnn, String) {
        do {
            let (table, path) = try LibrarySearch(major: major).open("libcudnn.so.9", cresset_load_cudnn)
            let version = table.cudnnGetVersion()
            return (table, "\(version / 10000).\(version / 100 % 100).\(version % 100) (\(path))")
        } catch {
            throw unavailable(
                "libcudnn.so.9", "without which convolutions are slow", error.reason, "nvidia-cudnn-cu\(major)")
        }
    }

    /// The error for a library that was not found, or only as a file that cannot be used for this `reason`.
    private static func unavailable(
        _ name: String, _ purpose: String, _ reason: String?, _ package: String
    ) -> CUDAUnavailable {
        guard let reason else {
            return CUDAUnavailable(
                problem: "\(name), \(purpose), was not found",
                hint: "install the Python package \(package), or name its folder in CRESSET_CUDA_PATH")
        }
        return CUDAUnavailable(
            problem: "\(name), \(purpose), cannot be used: \(reason)",
            hint: "reinstall the Python package \(package), or name a different folder in CRESSET_CUDA_PATH")
    }

    private static func openFake(
        _ choice: String
    ) throws(CUDAUnavailable) -> (driver: cresset_cuda_driver, nvrtc: cresset_nvrtc, cublasLt: cresset_cublaslt) {
        let path = choice == "fake" ? executableFolder + "/libcressetfakecuda.so" : choice
        let library: UnsafeMutableRawPointer
        do { library = try SharedLibrary.open(path) } catch {
            throw CUDAUnavailable(
                problem: error.reason ?? "\(path) cannot be opened: there is no such file",
                hint: "CRESSET_CUDA_DRIVER is for tests: unset it")
        }
        let driver = UnsafeMutablePointer<cresset_cuda_driver>.allocate(capacity: 1)
        let nvrtc = UnsafeMutablePointer<cresset_nvrtc>.allocate(capacity: 1)
        let cublasLt = UnsafeMutablePointer<cresset_cublaslt>.allocate(capacity: 1)
        defer {
            driver.deallocate()
            nvrtc.deallocate()
            cublasLt.deallocate()
        }
        let missing =
            cresset_load_cuda_driver(library, driver) ?? cresset_load_nvrtc(library, nvrtc)
            ?? cresset_load_cublaslt(library, cublasLt)
        if let missing {
            throw CUDAUnavailable(
                problem: "\(path) lacks \(String(cString: missing))",
                hint: "CRESSET_CUDA_DRIVER is for tests: unset it")
        }
        return (driver.pointee, nvrtc.pointee, cublasLt.pointee)
    }

    private static var executableFolder: String {
        var buffer = [CChar](repeating: 0, count: 4097)
        let length = readlink("/proc/self/exe", &buffer, 4096)
        guard length > 0 else { return "." }
        let path = String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    }
}
