/// Why a weight file could not be read or written.
///
/// Its description is one line that names the file and says what is wrong, with an optional second line ` hint: …`.
/// Text taken from the file is escaped and shortened, so that a hostile file cannot control the terminal.
public struct CheckpointError: ExplainedError, Sendable {
    /// The kind of error.
    public enum Kind: Sendable, Hashable {
        /// The file is missing, a folder, or may not be read.
        case unreadable
        /// The file is empty or ends too early.
        case truncated
        /// The file is something else: a web page, an image, another framework's format.
        case notWeights
        /// The file violates its format.
        case corrupt
        /// The file contains something that Cresset does not read, such as a whole pickled module.
        case unsupported
        /// The file tries to run code when it is loaded.
        case hostile
        /// The file could not be written.
        case unwritable
    }

    /// The kind of error.
    public let kind: Kind
    /// The file, as its caller named it.
    public internal(set) var file: FilePath
    /// What is wrong, on one line.
    public let problem: String
    /// What to do about it, if that is known.
    public let hint: String?
    /// The system's error number, if that is the cause.
    public let systemCode: Int32?

    init(_ kind: Kind, _ problem: String, hint: String? = nil, file: FilePath = "", systemCode: Int32? = nil) {
        self.systemCode = systemCode
        self.kind = kind
        self.problem = problem
        self.hint = hint
        self.file = file
    }

    public var explanation: Explanation { Explanation(problem, hint: hint).of(file) }

    /// The same error, naming `file`.
    func naming(_ file: FilePath) -> CheckpointError {
        CheckpointError(kind, problem, hint: hint, file: file, systemCode: systemCode)
    }

    static func endsEarly(in part: String) -> CheckpointError {
        CheckpointError(
            .truncated, "the file ends in the middle of \(part): it is truncated", hint: "copy or download it again")
    }

    static let saveStateDict = "in PyTorch, save the weights alone: torch.save(model.state_dict(), \"weights.pth\")"
}

/// `text` made safe for a terminal: control characters escaped, at most `limit` characters.
package func printable(_ text: String, limit: Int = 120) -> String { TerminalText.escaped(text, limit: limit) }
