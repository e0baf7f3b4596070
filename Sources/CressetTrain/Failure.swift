import Cresset
import Glibc

/// An error that a command ends with: one line that says what is wrong, one that says what to do, and an exit status.
public struct Failure: Error, Sendable, CustomStringConvertible {
    public var message: String
    public var hint: String?
    public var status: ExitStatus

    /// Creates one from its parts.
    ///
    /// - Parameters:
    ///   - message: What is wrong, on one line.
    ///   - hint: What to do about it; nil if unknown.
    ///   - status: How the command ends.
    public init(_ message: String, hint: String? = nil, status: ExitStatus) {
        self.message = message
        self.hint = hint
        self.status = status
    }

    /// The failure with which a command ends that met `error`.
    ///
    /// Errors that have a status keep it; anything else is a bug, and the message says so.
    public init(_ error: any Error) {
        if let failure = error as? Failure {
            self = failure
        } else if let error = error as? any CommandError {
            self.init(splitting: error.description, status: error.exitStatus)
        } else {
            self.init(
                "unexpected: \(error)",
                hint: "this is a bug in Cresset; please report it with the command that caused it", status: .bug)
        }
    }

    /// Uses a second line that begins with `hint:` as the hint.
    init(splitting description: String, status: ExitStatus) {
        let parts = description.split(separator: "\n", maxSplits: 1).map(String.init)
        let rest = parts.count > 1 ? parts[1].trimmed() : ""
        if rest.hasPrefix("hint:") {
            self.init(
                parts[0], hint: rest.dropFirst("hint:".count).trimmed(), status: status)
        } else {
            self.init(description, status: status)
        }
    }

    /// The lines for standard error.
    public var description: String {
        var text = "error: " + TerminalText.escaped(message, keepsLines: true)
        if let hint { text += "\n  hint: " + TerminalText.escaped(hint, keepsLines: true) }
        return text
    }

    /// The first few of the names of classes, for a message.
    static func list(_ names: [String]) -> String {
        let shown = names.prefix(4).map { printable($0, limit: 40) }.joined(separator: ", ")
        return names.count > 4 ? shown + " and \(names.count - 4) more" : shown
    }

    /// The exit status for a system error number that occurred while writing.
    static func status(writing code: Int32) -> ExitStatus {
        let status = status(ofSystemCode: code)
        return status == .inputMissing ? .cannotCreate : status
    }

    /// The exit status for a system error number.
    ///
    /// - Parameter code: The system's error number.
    public static func status(ofSystemCode code: Int32) -> ExitStatus {
        switch code {
        case ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG, ENXIO, ENODEV: .inputMissing
        case EACCES, EPERM: .permission
        case EROFS, EEXIST, EISDIR, ENOTEMPTY, ETXTBSY: .cannotCreate
        case ENOMEM: .outOfMemory
        default: .inputOutput
        }
    }
}

/// An error that knows how a command that meets it ends.
///
/// Types from lower levels, which know nothing of commands, conform in `CommandErrors.swift`.
public protocol CommandError: Error, CustomStringConvertible {
    var exitStatus: ExitStatus { get }
}
