import Cresset
import CressetData
import Synchronization

/// Samples that contain their index and a random number; counts what is read, and how many datasets are alive.
struct CountedNumbers: Dataset {
    struct Bad: Error {}

    let count: Int
    var bad: Set<Int> = []
    /// Elements of a sample.
    var width = 2
    /// Called before a sample is read.
    var beforeReading: @Sendable (Int) -> Void = { _ in }
    let tally = Tally()

    /// What happens to the datasets that share it.
    final class Tally: Sendable {
        private let reads = Atomic(0)
        var readCount: Int { reads.load(ordering: .relaxed) }

        fileprivate func noteReading() { reads.add(1, ordering: .relaxed) }
    }

    func name(of index: Int) -> String { "number \(index)" }

    func read(_ index: Int, context: SampleContext, into sample: inout SampleWriter) throws {
        tally.noteReading()
        beforeReading(index)
        if bad.contains(index) { throw Bad() }
        var random = context.random(for: index)
        try sample.append(dtype: .float32, shape: [width]) { memory in
            memory.initializeMemory(as: Float.self, repeating: Float(random.uniform(in: 0...1)))
            memory.storeBytes(of: Float(random.uniform(in: 0...1)), as: Float.self)
        }
        try sample.append(label: index)
    }
}

extension BatchStream {
    /// The indices of the batches that are left.
    var allIndices: [[Int]] { get throws { try allContents.map(\.indices) } }

    /// The batches that are left, with every bit of them.
    var allContents: [Contents] {
        get throws {
            var contents: [Contents] = []
            while let batch = try next() { contents.append(Contents(batch)) }
            return contents
        }
    }
}

/// A batch, to be compared.
struct Contents: Equatable {
    let number: Int
    let indices: [Int]
    let bytes: [[UInt8]]

    init(_ batch: Batch) {
        number = batch.number
        indices = batch.indices
        bytes = batch.fields.map { field in field.contiguous().withUnsafeBytes { Array($0) } }
    }
}
