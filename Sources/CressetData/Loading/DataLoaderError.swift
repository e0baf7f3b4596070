import Cresset

/// Why a loader cannot continue.
public enum DataLoaderError: ExplainedError, Sendable, Hashable {
    /// Not one sample of the epoch could be read.
    case allSamplesBad(count: Int, first: String)
    /// Samples of one batch have different shapes or types.
    case shapesDiffer(field: Int, expected: String, found: String)
    /// Samples of one batch have different numbers of fields.
    case fieldsDiffer
    /// The next batch did not arrive within the loader's timeout; what is being read, the one begun first in front.
    case timedOut(Duration, reading: [SampleInReading])
    /// The closure of a ``Collation`` failed, for the batch whose first sample is named.
    case collationFailed(first: String, reason: String)

    /// A sample that is being read.
    public struct SampleInReading: Sendable, Hashable {
        /// The name of the sample, such as its file.
        public let name: String
        /// How long it has been read for.
        public let duration: Duration
    }

    public var explanation: Explanation {
        switch self {
        case .allSamplesBad(let count, let first):
            "none of the \(count) samples could be read; the first one: \(first)"
        case .shapesDiffer(let field, let expected, let found):
            Explanation(
                "samples of one batch differ in field \(field): \(expected) and \(found)",
                hint: "end the pictures' transforms with a crop of fixed size, or pad them: collation: .padding()")
        case .fieldsDiffer: "samples of one batch have different numbers of fields"
        case .timedOut(let timeout, let samples):
            Explanation(
                "no batch for \(DataLoaderError.seconds(timeout)); \(DataLoaderError.listed(samples))",
                hint: "see whether these files can be read: a network or disk may hang; else raise the loader's timeout"
            )
        case .collationFailed(let first, let reason):
            "the batch that begins with \(first) could not be put together: \(reason)"
        }
    }

    private static func listed(_ samples: [SampleInReading]) -> String {
        if samples.isEmpty { return "nothing is being read" }
        let shown = samples.prefix(4).map { "\($0.name) for \(seconds($0.duration))" }.joined(separator: ", ")
        return "being read: \(shown)\(samples.count > 4 ? " and \(samples.count - 4) more" : "")"
    }

    private static func seconds(_ duration: Duration) -> String {
        let milliseconds = duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000
        // In tenths, without those that are zero.
        let tenths = milliseconds / 100
        return tenths % 10 == 0 ? "\(tenths / 10) s" : "\(tenths / 10).\(tenths % 10) s"
    }
}
