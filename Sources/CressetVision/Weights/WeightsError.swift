/// Why pretrained weights are not to be had.
///
/// ``description`` is one line, with an optional second line `  hint: …`.
public struct WeightsError: Error, Sendable, CustomStringConvertible {
    /// What sort of trouble it is.
    public enum Kind: Sendable, Hashable {
        /// No such model, or no such weights for it.
        case unknown
        /// The file is not in the cache, and downloading is switched off.
        case offline
        /// The server cannot be reached, or does not give the file.
        case network
        /// The server's answer was refused: a redirect elsewhere, or more bytes than the file has.
        case refused
        /// The download was stopped before its end.
        case cancelled
        /// The file is not the published one, or cannot be read.
        case damaged
        /// The cache folder cannot be written.
        case unwritable
    }

    /// What sort of trouble it is.
    public let kind: Kind
    /// What is wrong, on one line.
    public let problem: String
    /// What to do about it, if that is known.
    public let hint: String?
    /// The system's error number, where that is the cause.
    public let systemCode: Int32?

    init(_ kind: Kind, _ problem: String, hint: String? = nil, systemCode: Int32? = nil) {
        self.systemCode = systemCode
        self.kind = kind
        self.problem = problem
        self.hint = hint
    }

    public var description: String { problem + (hint.map { "\n  hint: \($0)" } ?? "") }
}
