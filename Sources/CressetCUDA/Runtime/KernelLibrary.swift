import CCUDA
import CressetBackend
import Glibc

/// The sources of kernels, one file in `CCUDA/Kernels` each.
enum KernelFamily: String, Sendable, CaseIterable {
    case copy, pointwise, chain, reduce, scan, softmax, sort, indexing, embedding, matmul, convolution, pool, batchnorm
    case normalization, groupnorm, recurrent, optimizer, scaler, random, running, check

    /// Whether the compiler may fuse a product and a sum. In pointwise operators it may not: they give the same bits
    /// whether they are launched one by one or as a chain.
    var fusesProducts: Bool { self != .pointwise && self != .chain }
}

/// A kernel that is ready to be launched.
final class Kernel: @unchecked Sendable {
    let function: cr_function
    let name: String

    init(_ function: cr_function, _ name: String) {
        self.function = function
        self.name = name
    }
}

/// Identifies kernels without comparing text.
private struct KernelKey: Hashable {
    let family: KernelFamily
    let entry: Int
    let variant: Int
}

/// The kernels of one device: compiled on first use, cached on disk between runs.
final class KernelLibrary: @unchecked Sendable {
    private let kernels = Locked<[KernelKey: Kernel]>([:])
    private let modules = Locked<[String: cr_module]>([:])
    private let libraries: CUDALibraries
    private let architecture: Int

    init(_ libraries: CUDALibraries, architecture: Int) {
        self.libraries = libraries
        self.architecture = architecture
    }

    /// The kernel `entry` of a family, compiled with `defines` (`NAME=VALUE`); `variant` must be unique for these.
    func kernel(
        _ family: KernelFamily, _ entry: StaticString, variant: Int, defines: () -> [String]
    ) -> Kernel {
        let key = KernelKey(family: family, entry: Int(bitPattern: entry.utf8Start), variant: variant)
        if let kernel = kernels.withLock({ $0[key] }) { return kernel }
        let kernel = load(entry, from: module(family, defines()), family)
        kernels.withLock { $0[key] = kernel }
        return kernel
    }

    /// The same for definitions that no number identifies.
    func kernel(_ family: KernelFamily, _ entry: StaticString, defines: [String]) -> Kernel {
        load(entry, from: module(family, defines), family)
    }

    private func load(_ entry: StaticString, from module: cr_module, _ family: KernelFamily) -> Kernel {
        var function: cr_function?
        let result = relaxed { libraries.driver.cuModuleGetFunction(&function, module, "\(entry)") }
        check(result, "cuModuleGetFunction", "\(family).cu: \(entry)")
        return Kernel(function!, "\(entry)")
    }

    private func module(_ family: KernelFamily, _ defines: [String]) -> cr_module {
        let name = ([family.rawValue] + defines).joined(separator: " ")
        if let module = modules.withLock({ $0[name] }) { return module }
        KernelUnits.note(family, defines)
        let image = KernelCompiler(libraries, architecture: architecture).image(family, defines: defines)
        var module: cr_module?
        let result = relaxed { image.withUnsafeBytes { libraries.driver.cuModuleLoadData(&module, $0.baseAddress!) } }
        check(result, "cuModuleLoadData", name)
        modules.withLock { $0[name] = module! }
        return module!
    }

    /// A kernel's first use may come while a graph is being captured on this thread, where the driver refuses to load
    /// it.
    private func relaxed(_ body: () -> Int32) -> Int32 {
        var mode: Int32 = 2
        _ = libraries.driver.cuThreadExchangeStreamCaptureMode(&mode)
        defer { _ = libraries.driver.cuThreadExchangeStreamCaptureMode(&mode) }
        return body()
    }
}
