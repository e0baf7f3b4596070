import Cresset

/// Something about a folder of pictures that is worth knowing before time is spent on it.
public struct Finding: Sendable, Hashable {
    /// How much it matters.
    public enum Severity: String, Sendable, Hashable, CaseIterable {
        /// The pictures cannot be trained on as they are.
        case problem
        /// The result would be worse than it looks, or than it could be.
        case warning
        /// It does no harm; it is only to be known.
        case note
    }

    /// What it is about.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// How the folder is laid out: its classes, their names, what is beside them.
        case layout
        /// Which pictures choose the best epoch.
        case validation
        /// Classes without pictures, or of which there is only one.
        case classes
        /// How many pictures the classes have.
        case balance
        /// Files that cannot be used.
        case unusable
        /// Pictures that can be read but look damaged.
        case suspect
        /// Pictures that are for training and for validation.
        case leak
        /// Pictures that are in two classes.
        case contradiction
        /// Pictures that are there twice, in one class.
        case repetition
        /// Pictures so small that little can be seen on them.
        case size
        /// Pictures that stand for missing ones, or show nothing.
        case placeholder
        /// Pictures that their cameras held otherwise.
        case orientation
        /// Pictures whose colours are stored in another way than as RGB of eight bits.
        case mode
    }

    /// A file that it concerns.
    public struct File: Sendable, Hashable, CustomStringConvertible {
        public let path: FilePath
        /// What is the matter with it; empty if the finding says that.
        public let remark: String

        /// The path, and the remark after a colon.
        public var description: String { remark.isEmpty ? "\(path)" : "\(path): \(remark)" }
    }

    public let severity: Severity
    public let kind: Kind
    /// What was found, in one line.
    public let message: String
    /// What to do about it; nil if that is clear, or nothing needs to be done.
    public let hint: String?
    /// The files that it concerns, if it concerns single ones.
    public let files: [File]

    init(_ severity: Severity, _ kind: Kind, _ message: String, hint: String? = nil, files: [File] = []) {
        self.severity = severity
        self.kind = kind
        self.message = message
        self.hint = hint
        self.files = files
    }

    /// What keeps pictures from being trained on.
    init(_ kind: Kind, _ failure: Failure) {
        self.init(.problem, kind, failure.message, hint: failure.hint)
    }
}
