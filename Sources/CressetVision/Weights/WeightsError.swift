import Cresset

/// Why pretrained weights could not be obtained.
///
/// Its description is one line, with an optional second line `  hint: …`.
public struct WeightsError: ExplainedError, Sendable {
    /// The kind of error.
    public enum Kind: Sendable, Hashable {
        /// No such model, or no such weights for it.
        case unknown
        /// The file is not in the cache, and downloading is switched off.
        case offline
        /// The server cannot be reached, or does not provide the file.
        case network
        /// The server's response was rejected: a redirect elsewhere, or more bytes than the file has.
        case refused
        /// The download was stopped before it finished.
        case cancelled
        /// The file is not the published one, or cannot be read.
        case damaged
        /// The cache folder cannot be written.
        case unwritable
    }

    /// The kind of error.
    public let kind: Kind
    /// What is wrong, on one line.
    public let problem: String
    /// What to do about it, if that is known.
    public let hint: String?
    /// The system's error number, if that is the cause.
    public let systemCode: Int32?

    init(_ kind: Kind, _ problem: String, hint: String? = nil, systemCode: Int32? = nil) {
        self.systemCode = systemCode
        self.kind = kind
        self.problem = problem
        self.hint = hint
    }

    public var explanation: Explanation { Explanation(problem, hint: hint) }
}
