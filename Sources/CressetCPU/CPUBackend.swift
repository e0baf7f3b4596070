import CKernels
import COneDNN
import CressetBackend
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The CPU: oneDNN for products and convolutions, C kernels for the rest, one team of threads for both.
package final class CPUBackend: Backend {
    package static let shared = CPUBackend()

    let convolutionPlans = PlanCache<ConvolutionPlan>()
    let matmulPlans = PlanCache<MatmulPlan>()

    /// Whether Winograd's algorithm computes convolutions where it is faster; `CRESSET_WINOGRAD=off` turns it off from the
    /// start.
    package static var usesWinograd: Bool {
        get { winograd.load(ordering: .relaxed) }
        set { winograd.store(newValue, ordering: .relaxed) }
    }
    private static let winograd = Atomic(getenv("CRESSET_WINOGRAD").map { String(cString: $0) } != "off")

    /// Whether the processor has instructions for bfloat16 products.
    package static var hasBFloat16Instructions: Bool { OneDNN.hasBFloat16Instructions }

    /// Whether the processor has instructions for products of integers of 8 bits.
    package static var hasInt8Instructions: Bool { OneDNN.hasInt8Instructions }

    private init() {
        cresset_when_out_of_memory {
            OutOfMemory.end(
                "there is no memory left for a kernel", hint: "a smaller batch or smaller pictures need less")
        }
    }

    /// Checks that the libraries this backend depends on are usable.
    ///
    /// - Throws: ``CPULibraryError`` if oneDNN is missing or older than 3.2.
    package static func checkLibraries() throws(CPULibraryError) {
        if let problem = cresset_onednn_problem() { throw .missingOneDNN(String(cString: problem)) }
        let found = OneDNN.version
        if (found.major, found.minor) < (3, 2) { throw .oldOneDNN(major: found.major, minor: found.minor) }
    }

    /// The version of the oneDNN that was found, such as `3.2`.
    package static var oneDNNVersion: String { "\(OneDNN.version.major).\(OneDNN.version.minor)" }
}

/// A library that the CPU backend cannot work with.
package enum CPULibraryError: Error, Sendable, CustomStringConvertible {
    /// The library cannot be opened, for the reason given.
    case missingOneDNN(String)
    case oldOneDNN(major: Int, minor: Int)

    package var description: String {
        switch self {
        case .missingOneDNN(let reason):
            """
            \(reason)
              hint: run scripts/setup, which installs oneDNN, or put its folder on LD_LIBRARY_PATH
            """
        case .oldOneDNN(let major, let minor):
            """
            oneDNN \(major).\(minor) was found, but 3.2 or later is needed
              hint: run scripts/setup, which installs it, or put a newer libdnnl first on the loader's path
            """
        }
    }
}
