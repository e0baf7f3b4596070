import Cresset
import Synchronization

/// A sample that could not be read, or looked damaged.
public struct SampleProblem: Sendable, Hashable, CustomStringConvertible {
    public let index: Int
    public let name: String
    /// What was wrong.
    public let message: String
    /// Whether the sample was skipped; if false, it was used but looks damaged.
    public let isSkipped: Bool

    public var description: String { message.hasPrefix(name) ? message : "\(name): \(message)" }

    /// What was wrong, without the name.
    package var reason: String {
        message.hasPrefix(name + ": ") ? String(message.dropFirst(name.count + ": ".count)) : message
    }
}

/// The problems a loader has met so far, each sample once.
public final class SampleProblems: Sendable {
    private let byIndex = Mutex<[Int: SampleProblem]>([:])

    init() {}

    /// All problems, by index.
    public var all: [SampleProblem] { byIndex.withLock { $0.values.sorted { $0.index < $1.index } } }

    /// The samples that were skipped, by index.
    public var skipped: [SampleProblem] { all.filter(\.isSkipped) }

    func record(_ problem: SampleProblem) {
        byIndex.withLock { problems in
            if problems[problem.index]?.isSkipped != true { problems[problem.index] = problem }
        }
    }
}

/// Why a loader cannot continue.
public enum DataLoaderError: ExplainedError, Sendable, Hashable {
    /// Not one sample of the epoch could be read.
    case allSamplesBad(count: Int, first: String)
    /// Samples of one batch have different shapes or types.
    case shapesDiffer(field: Int, expected: String, found: String)
    /// Samples of one batch have different numbers of fields.
    case fieldsDiffer

    public var explanation: Explanation {
        switch self {
        case .allSamplesBad(let count, let first):
            "none of the \(count) samples could be read; the first one: \(first)"
        case .shapesDiffer(let field, let expected, let found):
            Explanation(
                "samples of one batch differ in field \(field): \(expected) and \(found)",
                hint: "end the pictures' transforms with a crop of fixed size, or use batches of 1")
        case .fieldsDiffer: "samples of one batch have different numbers of fields"
        }
    }
}
