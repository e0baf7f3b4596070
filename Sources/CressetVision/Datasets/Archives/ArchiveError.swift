import Cresset

/// Why an archive cannot be used as a set of pictures or numbers.
///
/// Its description is one line that names the archive, with an optional second line `  hint: …`. Names from the archive are
/// escaped and shortened.
public struct ArchiveError: ExplainedError, Sendable, Hashable {
    /// The kind of error.
    public enum Kind: Sendable, Hashable {
        /// There is no such file, or it cannot be read.
        case unreadable
        /// It is no archive of a known kind, violates its format, or has more in it than can be read.
        case malformed
        /// It ends early, or its bytes are not what they were.
        case damaged
        /// It would mislead, or fill the memory: a path that climbs out, a name that comes twice or is very long, far more
        /// bytes than it has itself.
        case hostile
        /// It does not contain what was looked for, or contains it several times.
        case missing
    }

    public let kind: Kind
    /// The archive.
    public let path: FilePath
    /// What is wrong, on one line.
    public let problem: String
    /// What to do about it, if that is known.
    public let hint: String?

    init(_ kind: Kind, _ path: FilePath, _ problem: String, hint: String? = nil) {
        (self.kind, self.path, self.problem, self.hint) = (kind, path, problem, hint)
    }

    init(_ path: FilePath, _ fault: CompressedFile.Fault) {
        let kind: Kind =
            switch fault.kind {
            case .missing, .unreadable: .unreadable
            case .malformed, .mismatch: .malformed
            case .damaged: .damaged
            }
        self.init(kind, path, fault.problem, hint: fault.hint)
    }

    init(_ path: FilePath, _ error: CheckpointError) {
        let kind: Kind =
            switch error.kind {
            case .unreadable: .unreadable
            case .truncated: .damaged
            default: .malformed
            }
        self.init(kind, path, error.problem, hint: error.hint)
    }

    public var explanation: Explanation { Explanation(problem, hint: hint).of(path) }
}
