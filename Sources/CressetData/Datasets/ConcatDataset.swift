import Cresset

/// Several datasets one after another.
///
/// ```swift
/// let all = ConcatDataset([photographs, drawings])
/// ```
///
/// Their samples must have the same fields. The random numbers of each part's samples are its own: sample 3 of one part
/// is not augmented as sample 3 of another.
public struct ConcatDataset: Dataset {
    public let parts: [any Dataset]
    /// The index of each part's first sample, and at the end the number of samples.
    private let starts: [Int]

    /// Creates one from its parts.
    ///
    /// - Parameter parts: The datasets, the first one first.
    public init(_ parts: [any Dataset]) {
        self.parts = parts
        starts = parts.reduce(into: [0]) { $0.append($0.last! + $1.count) }
    }

    public var count: Int { starts.last! }

    public func read(_ index: Int, context: SampleContext, into sample: inout SampleWriter) throws {
        let (part, inner) = place(of: index)
        var context = context
        // The first part keeps the seed, and with it what its samples are like alone.
        context.seed &+= UInt64(part) &* 0x9e37_79b9_7f4a_7c15
        try parts[part].read(inner, context: context, into: &sample)
    }

    public func name(of index: Int) -> String {
        let (part, inner) = place(of: index)
        return parts[part].name(of: inner)
    }

    /// The part that has sample `index`, and its index there.
    private func place(of index: Int) -> (part: Int, index: Int) {
        precondition(index >= 0 && index < count, "ConcatDataset: there is no sample \(index) in \(count)")
        // Empty parts begin where the next one does.
        var (low, high) = (0, parts.count - 1)
        while low < high {
            let middle = (low + high + 1) / 2
            if starts[middle] <= index { low = middle } else { high = middle - 1 }
        }
        return (low, index - starts[low])
    }
}
