import CressetCPU
import CressetCUDA

/// The libraries behind the devices, for programs that say what they run on.
public enum Libraries {
    /// What was found of one library.
    public struct Report: Sendable, Hashable {
        /// What the library is called: `cuDNN`.
        public let name: String
        /// Its version, and the file it was opened from; nil where it was not.
        public let found: String?
        /// Why it was not, in one line; nil where it was.
        public let problem: String?
        /// What to do about it.
        public let hint: String?

        /// Takes a line behind the problem that begins with `hint:` as the hint.
        init(_ name: String, found: String?, problem: String?) {
            let lines = problem?.split(separator: "\n", maxSplits: 1).map(String.init) ?? []
            let mark = "  hint: "
            self.name = name
            self.found = found
            self.problem = lines.first
            hint = lines.dropFirst().first.map { $0.hasPrefix(mark) ? String($0.dropFirst(mark.count)) : $0 }
        }
    }

    /// oneDNN, which the CPU computes by.
    public static var cpu: [Report] {
        do throws(CPULibraryError) {
            try CPUBackend.checkLibraries()
            return [Report("oneDNN", found: CPUBackend.oneDNNVersion, problem: nil)]
        } catch {
            return [Report("oneDNN", found: nil, problem: error.description)]
        }
    }

    /// NVIDIA's libraries, looked for anew: the driver, NVRTC, cuBLASLt and cuDNN.
    public static var cuda: [Report] {
        CUDABackend.libraryReports.map { Report($0.name, found: $0.found, problem: $0.problem) }
    }
}
