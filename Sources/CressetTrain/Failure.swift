import Cresset
import Glibc

/// An error that explains itself: one line that says what is wrong, one that says what to do, and its kind.
public struct Failure: ExplainedError, Sendable {
    /// What went wrong, roughly: a command's exit status depends on it.
    public enum Kind: Sendable, Hashable, CaseIterable {
        /// An unforeseen error: a bug.
        case bug
        /// An option cannot be used.
        case usage
        /// A file or the data is invalid.
        case badData
        /// A named file or folder does not exist.
        case inputMissing
        /// A device, the network or a port is not available.
        case unavailable
        /// Training failed, for example because the loss is not a number.
        case trainingFailed
        /// There is not enough memory.
        case outOfMemory
        /// A file or folder cannot be created.
        case cannotCreate
        /// Writing failed, for example on a full disk.
        case inputOutput
        /// The permission to read or write something is missing.
        case permission
        /// Settings contradict each other or the data, or a file of options cannot be used.
        case configuration
        /// Somebody asked for an end.
        case cancelled
        /// Nobody reads the results any more.
        case brokenPipe
    }

    public var message: String
    public var hint: String?
    public var kind: Kind

    /// Creates one from its parts.
    ///
    /// - Parameters:
    ///   - message: What is wrong, on one line.
    ///   - hint: What to do about it; nil if unknown.
    ///   - kind: What went wrong, roughly.
    public init(_ message: String, hint: String? = nil, kind: Kind) {
        self.message = message
        self.hint = hint
        self.kind = kind
    }

    /// Any error as a failure.
    ///
    /// Errors that have a kind keep it; anything else is a bug, and the message says so.
    ///
    /// - Parameter error: The error.
    public init(_ error: any Error) {
        if let failure = error as? Failure {
            self = failure
        } else if let error = error as? any ClassifiedError {
            self.init(error.explanation, kind: error.failureKind)
        } else {
            self.init(
                "unexpected: \(error)",
                hint: "this is a bug in Cresset; please report it with the command that caused it", kind: .bug)
        }
    }

    /// Creates one from what another error says.
    ///
    /// - Parameters:
    ///   - explanation: What is wrong, and what to do about it.
    ///   - kind: What went wrong, roughly.
    public init(_ explanation: Explanation, kind: Kind) {
        self.init(explanation.problem, hint: explanation.hint, kind: kind)
    }

    public var explanation: Explanation { Explanation(message, hint: hint) }

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

    /// The kind of a system error number that occurred while writing.
    package static func kind(writing code: Int32) -> Kind {
        let kind = kind(ofSystemCode: code)
        return kind == .inputMissing ? .cannotCreate : kind
    }

    /// The kind of a system error number.
    ///
    /// - Parameter code: The system's error number.
    public static func kind(ofSystemCode code: Int32) -> Kind {
        switch code {
        case ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG, ENXIO, ENODEV: .inputMissing
        case EACCES, EPERM: .permission
        case EROFS, EEXIST, EISDIR, ENOTEMPTY, ETXTBSY: .cannotCreate
        case ENOMEM: .outOfMemory
        default: .inputOutput
        }
    }
}

/// An error that knows what kind of ``Failure`` it is.
///
/// Types from lower levels, which know nothing of failures, conform in `FailureKinds.swift`.
public protocol ClassifiedError: ExplainedError {
    var failureKind: Failure.Kind { get }
}
