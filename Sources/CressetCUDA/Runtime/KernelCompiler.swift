import CCUDA
import CCrypto
import Glibc

/// Compiles kernels with NVRTC, or finds what an earlier run compiled.
struct KernelCompiler {
    private let libraries: CUDALibraries
    private let architecture: Int

    init(_ libraries: CUDALibraries, architecture: Int) {
        self.libraries = libraries
        self.architecture = architecture
    }

    /// The machine code of a family's kernels with these definitions.
    func image(_ family: KernelFamily, defines: [String]) -> [UInt8] {
        let options = options(for: family) + defines.map { "-D\($0)" }
        let cache = libraries.isFake ? nil : KernelCache.shared
        let name = "\(family.rawValue) \(options.joined(separator: " ")) \(libraries.nvrtcVersion)"
        let key = cache.map { _ in Self.digest(name) }
        if let key, let image = cache?.image(key) { return image }
        let image = compile(family, options)
        if let key { cache?.keep(image, key) }
        return image
    }

    /// The newest architecture that NVRTC supports is used if the device's own is newer still; the driver then compiles
    /// the PTX.
    private var target: (architecture: Int, isBinary: Bool) {
        var count: Int32 = 0
        check(libraries.nvrtc.nvrtcGetNumSupportedArchs(&count), "nvrtcGetNumSupportedArchs")
        var known = [Int32](repeating: 0, count: Int(count))
        check(libraries.nvrtc.nvrtcGetSupportedArchs(&known), "nvrtcGetSupportedArchs")
        if known.contains(Int32(architecture)) { return (architecture, true) }
        return (Int(known.filter { $0 <= architecture }.max() ?? known.max() ?? 80), false)
    }

    private func options(for family: KernelFamily) -> [String] {
        let target = target
        return [
            "--gpu-architecture=\(target.isBinary ? "sm" : "compute")_\(target.architecture)", "--std=c++17",
            "-default-device", "--fmad=\(family.fusesProducts)",
        ]
    }

    private func compile(_ family: KernelFamily, _ options: [String]) -> [UInt8] {
        let headers = Self.sources.filter { !String(cString: $0.name).hasSuffix(".cu") }
        var names: [UnsafePointer<CChar>?] = headers.map { $0.name }
        var texts: [UnsafePointer<CChar>?] = headers.map { $0.text }
        let name = family.rawValue + ".cu"
        var program: cr_program?
        check(
            libraries.nvrtc.nvrtcCreateProgram(
                &program, cresset_kernel_source_named(name)!, name, Int32(headers.count), &texts, &names),
            "nvrtcCreateProgram")
        defer { _ = libraries.nvrtc.nvrtcDestroyProgram(&program) }
        let owned = options.map { strdup($0) }
        defer { owned.forEach { free($0) } }
        var words: [UnsafePointer<CChar>?] = owned.map { UnsafePointer($0) }
        if libraries.nvrtc.nvrtcCompileProgram(program, Int32(words.count), &words) != 0 {
            fatalError("the kernels in \(name) do not compile (\(options.joined(separator: " "))):\n\(log(program))")
        }
        var size = 0
        let isBinary = options[0].contains("sm_")
        if isBinary {
            check(libraries.nvrtc.nvrtcGetCUBINSize(program, &size), "nvrtcGetCUBINSize")
        } else {
            check(libraries.nvrtc.nvrtcGetPTXSize(program, &size), "nvrtcGetPTXSize")
        }
        var image = [UInt8](repeating: 0, count: size)
        image.withUnsafeMutableBytes {
            let bytes = $0.baseAddress!.assumingMemoryBound(to: CChar.self)
            if isBinary {
                check(libraries.nvrtc.nvrtcGetCUBIN(program, bytes), "nvrtcGetCUBIN")
            } else {
                check(libraries.nvrtc.nvrtcGetPTX(program, bytes), "nvrtcGetPTX")
            }
        }
        return image
    }

    private func log(_ program: cr_program?) -> String {
        var size = 0
        _ = libraries.nvrtc.nvrtcGetProgramLogSize(program, &size)
        var text = [CChar](repeating: 0, count: size + 1)
        _ = libraries.nvrtc.nvrtcGetProgramLog(program, &text)
        return text.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    }

    /// A name for the compiled result: a hash of all sources, since any may include another, and of `name`.
    private static func digest(_ name: String) -> String {
        var bytes = Array(name.utf8)
        bytes += sourcesDigest
        return sha256(bytes).map { byte in
            let digits = Array("0123456789abcdef")
            return String([digits[Int(byte >> 4)], digits[Int(byte & 15)]])
        }.joined()
    }

    private static var sources: UnsafeBufferPointer<cresset_kernel_source> {
        UnsafeBufferPointer(start: cresset_all_kernel_sources(), count: cresset_kernel_source_count)
    }

    private static let sourcesDigest = sha256(
        sources.flatMap { Array(String(cString: $0.name).utf8) + Array(String(cString: $0.text).utf8) })

    static func sha256(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 32) { digest, count in
            bytes.withUnsafeBufferPointer { _ = SHA256($0.baseAddress, $0.count, digest.baseAddress) }
            count = 32
        }
    }
}
