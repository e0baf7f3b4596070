import CressetCPU
import CressetCUDA

/// The libraries behind the devices, for programs that report what they run on.
public enum Libraries {
    /// What was found of one library.
    public struct Report: Sendable, Hashable {
        /// What the library is called: `cuDNN`.
        public let name: String
        /// Its version, and the file it was opened from; nil if it was not found.
        public let found: String?
        /// Why it was not found, in one line; nil if it was.
        public let problem: String?
        /// What to do about it.
        public let hint: String?

        /// Treats a line after the problem that begins with `hint:` as the hint.
        init(_ name: String, found: String?, problem: String?) {
            let lines = problem?.split(separator: "\n", maxSplits: 1).map(String.init) ?? []
            let mark = "  hint: "
            self.name = name
            self.found = found
            self.problem = lines.first
            hint = lines.dropFirst().first.map { $0.hasPrefix(mark) ? String($0.dropFirst(mark.count)) : $0 }
        }
    }

    /// oneDNN, which the CPU computes with.
    public static var cpu: [Report] {
        do throws(CPULibraryError) {
            try CPUBackend.checkLibraries()
            return [Report("oneDNN", found: CPUBackend.oneDNNVersion, problem: nil)]
        } catch {
            return [Report("oneDNN", found: nil, problem: error.description)]
        }
    }

    /// NVIDIA's libraries, searched for again: the driver, NVRTC, cuBLASLt and cuDNN.
    public static var cuda: [Report] {
        CUDABackend.libraryReports.map { Report($0.name, found: $0.found, problem: $0.problem) }
    }
}
