import Cresset

/// Why a table of labels cannot be used.
///
/// Its description is one line that names the file and, where there is one, the line.
public struct LabelFileError: ExplainedError, Sendable, Hashable {
    /// The table.
    public let path: FilePath
    /// The line, from 1, or nil if the problem is none of a line's.
    public let line: Int?
    /// What is wrong.
    public let problem: String
    /// What to do about it, if that is known.
    public let hint: String?
    /// The system's error number if the table cannot be read.
    package let systemCode: Int32?

    init(_ path: FilePath, line: Int? = nil, _ problem: String, hint: String? = nil, systemCode: Int32? = nil) {
        self.path = path
        self.line = line
        self.problem = problem
        self.hint = hint
        self.systemCode = systemCode
    }

    public var explanation: Explanation {
        Explanation(line.map { "\(path): line \($0) \(problem)" } ?? "\(path): \(problem)", hint: hint)
    }

    /// What is wrong with a line of a table whose name is not known yet.
    package struct Fault: Error, Equatable {
        let line: Int
        let problem: String
    }
}
