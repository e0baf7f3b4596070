import Foundation
import Testing

/// The tests that run the command, one after another: each briefly needs all processors.
@Suite(.serialized) enum CommandTests {}

/// The built command `cresset`, running as a separate process in a folder.
///
/// Its output goes to two files, so that nothing waits for a reader. No network, and an empty cache of weights.
final class CommandProcess {
    private let process = Process()
    private let files = TemporaryFolder()

    /// The executable built next to this test bundle.
    private static let executable = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().appending(path: "cresset")

    /// Starts the command.
    ///
    /// - Parameters:
    ///   - fileLimit: The largest file it may write, in units of 512 bytes.
    ///   - shell: What `sh` does to start it, where it is started otherwise than by itself: it is `"$0" "$@"`.
    ///   - variables: Additional environment variables.
    init(
        _ arguments: [String], in folder: TemporaryFolder, fileLimit: Int? = nil, shell: String? = nil,
        variables: [String: String] = [:]
    ) throws {
        if let script = shell ?? fileLimit.map({ "ulimit -f \($0); exec \"$0\" \"$@\"" }) {
            process.executableURL = URL(filePath: "/bin/sh")
            process.arguments = ["-c", script, Self.executable.path] + arguments
        } else {
            process.executableURL = Self.executable
            process.arguments = arguments
        }
        process.currentDirectoryURL = URL(filePath: folder.path)
        var environment = ProcessInfo.processInfo.environment
        environment["TORCH_HOME"] = folder.path + "/torch"
        environment["CRESSET_OFFLINE"] = "1"
        environment["HF_HUB_CACHE"] = folder.path + "/hub"
        // What the developer has set up elsewhere is not this test's.
        for name in environment.keys where name.hasPrefix("PIP_") || name == "CRESSET_WEIGHTS_MIRROR" {
            environment[name] = nil
        }
        // Threads that wait by spinning would take the processors from tests running at the same time.
        environment["OMP_WAIT_POLICY"] = "passive"
        process.environment = environment.merging(variables) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle(forWritingAtPath: files.file("output", []))
        process.standardError = FileHandle(forWritingAtPath: files.file("errors", []))
        try process.run()
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    var identifier: Int32 { process.processIdentifier }
    var isRunning: Bool { process.isRunning }

    /// What it wrote to standard output so far.
    var output: String { text("output") }

    /// What it wrote to standard error so far.
    var errors: String { text("errors") }

    private func text(_ name: String) -> String {
        (try? Data(contentsOf: URL(filePath: files.path + "/" + name))).map { String(decoding: $0, as: UTF8.self) }
            ?? ""
    }

    /// Waits until something has been written.
    func wait(for text: String, in stream: KeyPath<CommandProcess, String>) throws {
        try wait("for \(text)") { self[keyPath: stream].contains(text) || !process.isRunning }
        try #require(self[keyPath: stream].contains(text), "\(output)\n\(errors)")
    }

    /// Waits until it catches signals.
    func waitForHandlers() throws {
        try wait("for handlers of signals") {
            guard let status = try? String(contentsOfFile: "/proc/\(identifier)/status", encoding: .utf8),
                let line = status.split(separator: "\n").first(where: { $0.hasPrefix("SigCgt:") }),
                let mask = UInt64(line.dropFirst("SigCgt:".count).trimmingCharacters(in: .whitespaces), radix: 16)
            else { return !isRunning }
            return mask & 1 << UInt64(SIGTERM - 1) != 0
        }
    }

    /// Sets a limit of the running process, as `prlimit` takes it.
    func setLimit(_ limit: String) throws {
        let process = try Process.run(
            URL(filePath: "/usr/bin/prlimit"), arguments: ["--pid", "\(identifier)", limit])
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
    }

    func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

    /// Waits for the end and returns the exit status; if a signal ended the process, minus its number.
    @discardableResult func status(within seconds: Double = 120) throws -> Int32 {
        try wait("for the end", seconds) { !process.isRunning }
        process.waitUntilExit()
        return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    }

    private func wait(_ purpose: String, _ seconds: Double = 120, until isDone: () -> Bool) throws {
        let deadline = Date(timeIntervalSinceNow: seconds)
        while !isDone() {
            try #require(Date() < deadline, "waited too long \(purpose)\n\(output)\n\(errors)")
            usleep(2000)
        }
    }
}

/// Runs `cresset` to its end.
func cresset(
    _ arguments: String..., in folder: TemporaryFolder, fileLimit: Int? = nil, variables: [String: String] = [:]
) throws -> (status: Int32, output: String, errors: String) {
    let process = try CommandProcess(arguments, in: folder, fileLimit: fileLimit, variables: variables)
    return (try process.status(), process.output, process.errors)
}
