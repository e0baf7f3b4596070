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
