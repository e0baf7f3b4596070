import Cresset
import CressetData
import Testing

/// Batches in a `for` loop.
@Suite struct BatchLoopTests {
    /// The numbers from 0, of which some cannot be read.
    private struct Numbers: Dataset {
        let count: Int
        var isBroken = false

        func read(_ index: Int, context: SampleContext, into sample: inout SampleWriter) throws {
            // Samples of a batch that differ in shape end the epoch.
            try sample.append(Tensor.full([isBroken ? index + 1 : 1], Float(index)))
        }
    }

    @Test(arguments: [0, 2]) func givesWhatNextGives(_ workers: Int) async throws {
        let loader = DataLoader(Numbers(count: 10), batchSize: 4, shuffles: true, workers: workers, seed: 3)
        var looped: [[Int]] = []
        for try await batch in loader.batches(epoch: 1) { looped.append(batch.indices) }
        var stepped: [[Int]] = []
        let batches = loader.batches(epoch: 1)
        while let batch = try batches.next() { stepped.append(batch.indices) }
        #expect(looped == stepped && looped.count == 3)
    }

    @Test(arguments: [0, 2]) func canBeLeft(_ workers: Int) async throws {
        let loader = DataLoader(Numbers(count: 100), batchSize: 1, workers: workers)
        var count = 0
        for try await batch in loader.batches() {
            if batch.number == 1 { continue }
            count += 1
            if count == 3 { break }
        }
        #expect(count == 3)
    }

    @Test func errorsArrive() async {
        let loader = DataLoader(Numbers(count: 4, isBroken: true), batchSize: 2)
        await #expect(throws: DataLoaderError.self) { for try await _ in loader.batches() {} }
    }

    @Test func endsWithItsTask() async {
        let loader = DataLoader(Numbers(count: 1000), batchSize: 1, workers: 1)
        let task = Task {
            var count = 0
            for try await _ in loader.batches() {
                count += 1
                if count == 2 { withUnsafeCurrentTask { $0?.cancel() } }
            }
            return count
        }
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @MainActor @Test func staysOnItsActor() async throws {
        for try await _ in DataLoader(Numbers(count: 3), workers: 1).batches() { MainActor.assertIsolated() }
    }
}
