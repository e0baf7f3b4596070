/// How often examples of each class were taken for each other class.
///
/// Only pairs that occurred are stored, so that there may be many classes.
public struct ConfusionMatrix: Sendable, Hashable {
    /// Examples of one class that were taken for another.
    public struct Confusion: Sendable, Hashable {
        /// The class they belong to.
        public let label: Int
        /// The class they were taken for.
        public let prediction: Int
        public let count: Int
    }

    private struct Cell: Hashable {
        let label: Int
        let prediction: Int
    }

    public let classCount: Int
    private var cells: [Cell: Int] = [:]
    private var labelCounts: [Int]
    private var predictionCounts: [Int]

    /// A matrix of zeros.
    ///
    /// - Parameter classCount: The number of classes.
    public init(classCount: Int) {
        self.classCount = classCount
        labelCounts = Array(repeating: 0, count: classCount)
        predictionCounts = labelCounts
    }

    /// Adds an example. Traps if a class is not in `0..<classCount`.
    ///
    /// - Parameters:
    ///   - label: The class it belongs to.
    ///   - prediction: The class it was taken for.
    public mutating func add(label: Int, prediction: Int) {
        labelCounts[label] += 1
        predictionCounts[prediction] += 1
        cells[Cell(label: label, prediction: prediction), default: 0] += 1
    }

    /// The number of examples of the class `label` that were taken for `prediction`.
    public subscript(label: Int, prediction: Int) -> Int { cells[Cell(label: label, prediction: prediction)] ?? 0 }

    /// The number of examples.
    public var count: Int { labelCounts.reduce(0, +) }

    /// The number of examples that were classified correctly.
    public var correctCount: Int { (0..<classCount).reduce(0) { $0 + self[$1, $1] } }

    /// The scores of each class.
    public var classes: [ClassScores] {
        (0..<classCount).map {
            ClassScores(support: labelCounts[$0], predictedCount: predictionCounts[$0], correctCount: self[$0, $0])
        }
    }

    /// All confusions, the most frequent first; equally frequent ones in the order of their classes.
    public var confusions: [Confusion] {
        cells.filter { $0.key.label != $0.key.prediction }
            .map { Confusion(label: $0.key.label, prediction: $0.key.prediction, count: $0.value) }
            .sorted { ($1.count, $0.label, $0.prediction) < ($0.count, $1.label, $1.prediction) }
    }

    /// The class with the most examples, the first of them in a tie; nil without examples.
    public var largestClass: Int? {
        guard let most = labelCounts.max(), most > 0 else { return nil }
        return labelCounts.firstIndex(of: most)
    }
}
