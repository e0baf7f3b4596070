import Foundation

/// An error that a command ends with: one line that says what is wrong, one that says what to do, and an exit status.
public struct Failure: Error, Sendable, CustomStringConvertible {
    public var message: String
    public var hint: String?
    public var status: ExitStatus

    public init(_ message: String, hint: String? = nil, status: ExitStatus) {
        self.message = message
        self.hint = hint
        self.status = status
    }

    /// The failure that ends a command which met `error`.
    ///
    /// Errors that say their own status keep it; those of the system are told apart by their number; anything else is
    /// a bug, and says so.
    public init(_ error: any Error) {
        if let failure = error as? Failure {
            self = failure
        } else if let error = error as? any CommandError {
            self.init(splitting: error.description, status: error.exitStatus)
        } else if let code = Failure.systemCode(of: error) {
            self.init(splitting: Failure.message(of: error), status: Failure.status(ofSystemCode: code))
        } else {
            self.init(
                "unexpected: \(error)",
                hint: "this is a bug in Cresset; please report it with the command that led here", status: .bug)
        }
    }

    /// Takes a second line that begins with `hint:` as the hint.
    init(splitting description: String, status: ExitStatus) {
        let parts = description.split(separator: "\n", maxSplits: 1).map(String.init)
        let rest = parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : ""
        if rest.hasPrefix("hint:") {
            self.init(
                parts[0], hint: rest.dropFirst("hint:".count).trimmingCharacters(in: .whitespaces), status: status)
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

    private static func systemCode(of error: any Error) -> Int32? {
        let error = error as NSError
        if error.domain == NSPOSIXErrorDomain { return Int32(error.code) }
        if let underlying = error.userInfo[NSUnderlyingErrorKey] as? NSError,
            underlying.domain == NSPOSIXErrorDomain
        {
            return Int32(underlying.code)
        }
        switch error.domain == NSCocoaErrorDomain ? error.code : 0 {
        case CocoaError.fileReadNoSuchFile.rawValue, CocoaError.fileNoSuchFile.rawValue: return ENOENT
        case CocoaError.fileReadNoPermission.rawValue, CocoaError.fileWriteNoPermission.rawValue: return EACCES
        case CocoaError.fileWriteOutOfSpace.rawValue: return ENOSPC
        default: return nil
        }
    }

    private static func message(of error: any Error) -> String {
        let system = error as NSError
        guard let path = system.userInfo[NSFilePathErrorKey] as? String, let code = systemCode(of: error) else {
            return system.localizedDescription
        }
        return "\(path): \(String(cString: strerror(code)))"
    }

    /// The exit status for an error number of the system.
    public static func status(ofSystemCode code: Int32) -> ExitStatus {
        switch code {
        case ENOENT, ENOTDIR: .inputMissing
        case EACCES, EPERM: .permission
        case EROFS, EEXIST, EISDIR, ENOTEMPTY: .cannotCreate
        case ENOMEM: .outOfMemory
        default: .inputOutput
        }
    }
}

/// An error that knows how a command which meets it ends.
///
/// Types of lower storeys, which know nothing of commands, conform in `CommandErrors.swift`.
public protocol CommandError: Error, CustomStringConvertible {
    var exitStatus: ExitStatus { get }
}
