import Cresset
import CressetTrain

/// What a machine has of Cresset's requirements: the output of `cresset doctor`.
package struct Diagnosis: Encodable, Sendable {
    /// One library: what was found, or why nothing was and what to do.
    package struct Library: Encodable, Sendable {
        package var name: String
        package var found: String?
        package var problem: String?
        package var hint: String?

        /// Creates one from its parts.
        ///
        /// - Parameters:
        ///   - name: The name.
        ///   - found: Its version; nil if it is missing.
        ///   - problem: The reason why there is none.
        ///   - hint: What to do about it; nil if unknown.
        package init(name: String, found: String? = nil, problem: String? = nil, hint: String? = nil) {
            self.name = name
            self.found = found
            self.problem = problem
            self.hint = hint
        }

        init(_ report: Libraries.Report) {
            self.init(name: report.name, found: report.found, problem: report.problem, hint: report.hint)
        }
    }

    /// One GPU.
    package struct GPU: Encodable, Sendable {
        /// The name that `--device` takes.
        package var device: String
        package var name: String
        /// For example `9.0`.
        package var computeCapability: String
        package var memoryBytes: Int
        package var multiprocessors: Int

        /// Creates one from its parts.
        ///
        /// - Parameters:
        ///   - device: The device's name, as for `--device`.
        ///   - name: The manufacturer's name for it.
        ///   - computeCapability: The compute capability, such as `9.0`.
        ///   - memoryBytes: Its memory, in bytes.
        ///   - multiprocessors: The number of multiprocessors.
        package init(
            device: String, name: String, computeCapability: String, memoryBytes: Int, multiprocessors: Int
        ) {
            self.device = device
            self.name = name
            self.computeCapability = computeCapability
            self.memoryBytes = memoryBytes
            self.multiprocessors = multiprocessors
        }
    }

    package var version = cressetVersion
    package var compiler = Machine.compiler
    package var system = Machine.system
    package var processor = Machine.processor
    package var vectors = Machine.vectors
    package var processors = Machine.processorCount
    package var threads = threadCount
    package var memoryBytes = Machine.memoryByteCount
    package var libraries: [Library]
    /// The version of the GPU driver according to its kernel module; nil if there is none.
    package var driverVersion: String?
    package var gpus: [GPU]
    /// Why no GPU can be used, and what to do; nil if one can.
    package var unavailability: String?

    /// Creates one from its parts.
    ///
    /// - Parameters:
    ///   - libraries: The version found of each library.
    ///   - driverVersion: The version of the GPU driver; nil if there is none.
    ///   - gpus: The GPUs that can be used.
    ///   - unavailability: Why no GPU can be used; nil if one can.
    package init(
        libraries: [Library], driverVersion: String? = nil, gpus: [GPU] = [], unavailability: String? = nil
    ) {
        self.libraries = libraries
        self.driverVersion = driverVersion
        self.gpus = gpus
        self.unavailability = unavailability
    }

    /// Examines this machine.
    package static func ofThisMachine() -> Diagnosis {
        Diagnosis(
            libraries: (Libraries.cpu + Libraries.cuda).map(Library.init), driverVersion: Machine.driverVersion,
            gpus: (0..<CUDA.deviceCount).map { ordinal in
                let device = Device.cuda(ordinal)
                let properties = CUDA.properties(of: device)
                let capability = properties.computeCapability
                return GPU(
                    device: device.description, name: properties.name,
                    computeCapability: "\(capability.major).\(capability.minor)", memoryBytes: properties.totalMemory,
                    multiprocessors: properties.multiprocessorCount)
            }, unavailability: CUDA.unavailability)
    }

    /// Whether training on the CPU works here.
    package var isUsable: Bool { !libraries.contains { $0.name == "oneDNN" && $0.found == nil } }

    // MARK: Printing

    /// The lines for people to read.
    package var lines: [String] {
        var rows: [(String, String)] = [
            ("cresset", "\(version), compiled by Swift \(compiler)"),
            ("system", system),
            ("processor", "\(processor), \(processors) processors, \(vectors.joined(separator: " "))"),
            ("threads", "\(threads)"),
            ("memory", Self.gibibytes(memoryBytes)),
        ]
        for library in libraries {
            let driver = library.name == "driver" ? driverVersion.map { "\($0), " } ?? "" : ""
            rows.append((library.name, library.found.map { driver + $0 } ?? "missing: \(library.problem ?? "")"))
            if let hint = library.hint { rows.append(("", "hint: \(hint)")) }
        }
        for gpu in gpus {
            rows.append(
                (
                    gpu.device,
                    "\(gpu.name), compute capability \(gpu.computeCapability), \(Self.gibibytes(gpu.memoryBytes)), "
                        + "\(gpu.multiprocessors) multiprocessors"
                ))
        }
        rows.append(("ready", isUsable ? (["cpu"] + gpus.map(\.device)).joined(separator: " ") : "nothing"))
        if gpus.isEmpty, let unavailability, !libraries.contains(where: { isReason(unavailability, $0) }) {
            for line in unavailability.split(separator: "\n") { rows.append(("", line.trimmed())) }
        }
        let width = rows.map(\.0.count).max() ?? 0
        return rows.map { name, text in
            TerminalText.escaped(name.rightPadded(to: width) + "  " + text)
        }
    }

    private func isReason(_ unavailability: String, _ library: Library) -> Bool {
        library.problem.map { unavailability.hasPrefix($0) } ?? false
    }

    private static func gibibytes(_ bytes: Int) -> String { (Double(bytes) / 0x1p30).fixed(1) + " GiB" }
}
