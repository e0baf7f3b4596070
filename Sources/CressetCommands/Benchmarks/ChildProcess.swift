import Cresset
import Glibc

/// This program, restarted with other arguments; its output is read through a pipe.
package struct ChildProcess: ~Copyable {
    private let identifier: pid_t
    private let output: Int32
    private var rest: [UInt8] = []

    /// Starts it.
    ///
    /// - Parameters:
    ///   - variables: Environment variables in addition to those of this process, each as `NAME=value`.
    ///   - readsErrors: Whether its standard error is read too, instead of passed through.
    package init(arguments: [String], variables: [String] = [], readsErrors: Bool = false) throws(SystemError) {
        (identifier, output) = try Self.start(arguments, variables, readsErrors: readsErrors)
    }

    private static func start(
        _ arguments: [String], _ variables: [String], readsErrors: Bool
    ) throws(SystemError) -> (pid_t, Int32) {
        let program = "/proc/self/exe"
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw SystemError(FilePath(program), errno) }
        // The copies below are the only ends of the pipe that the child should have.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
        if readsErrors { posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO) }
        var words = ([CommandLine.arguments.first ?? program] + arguments).map { strdup($0) } + [nil]
        // Of two entries with the same name the first one counts.
        var settings: [UnsafeMutablePointer<CChar>?] = variables.map { strdup($0) }
        var kept = settings
        var next = environ
        while let variable = next.pointee {
            settings.append(variable)
            next += 1
        }
        settings.append(nil)
        kept += words
        defer { for text in kept { free(text) } }
        var child: pid_t = 0
        let code = posix_spawn(&child, program, &actions, nil, &words, &settings)
        close(ends[1])
        guard code == 0 else {
            close(ends[0])
            throw SystemError(FilePath(program), code)
        }
        return (child, ends[0])
    }

    /// The next line of its output, without the line break; nil if there are no more.
    package mutating func nextLine() -> String? {
        var searched = 0
        while true {
            if let end = rest[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { rest.removeSubrange(...end) }
                return String(decoding: rest[..<end], as: UTF8.self)
            }
            searched = rest.count
            var part = [UInt8](repeating: 0, count: 1 << 14)
            let count = read(output, &part, part.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { break }
            rest += part[..<count]
        }
        defer { rest = [] }
        return rest.isEmpty ? nil : String(decoding: rest, as: UTF8.self)
    }

    /// Waits for it to end.
    /// - Returns: Its exit status, or the number of the signal that ended it.
    package consuming func wait() -> Int32 {
        close(output)
        var status: Int32 = 0
        while waitpid(identifier, &status, 0) < 0 && errno == EINTR {}
        return status & 0x7F != 0 ? status & 0x7F : status >> 8 & 0xFF
    }
}
