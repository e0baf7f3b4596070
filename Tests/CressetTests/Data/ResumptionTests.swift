import CressetData
import Foundation
import Testing

/// A stream that is continued from a saved place equals one that was never interrupted, to the bit.
@Suite struct ResumptionTests {
    private let data = CountedNumbers(count: 53, bad: [3, 20, 21, 22, 23, 24, 25, 26, 27, 50])

    private func loader(_ workers: Int, batchSize: Int = 4, seed: UInt64 = 7) -> DataLoader<CountedNumbers> {
        DataLoader(data, batchSize: batchSize, shuffles: true, workers: workers, seed: seed)
    }

    /// The state as it comes back from a file.
    private func saved(_ state: LoaderState) throws -> LoaderState {
        try JSONDecoder().decode(LoaderState.self, from: JSONEncoder().encode(state))
    }

    @Test(arguments: [0, 1, 4]) func continuesAtAnyPlace(_ workers: Int) throws {
        for epoch in [0, 1, 5] {
            let whole = try loader(0).batches(epoch: epoch).allContents
            for taken in [0, 1, 6, whole.count - 1, whole.count] {
                let stream = loader(workers).batches(epoch: epoch)
                for _ in 0..<taken { _ = try stream.next() }
                let state = try saved(stream.state)
                stream.cancel()
                #expect(state.epoch == epoch && state.isAtEnd == (state.nextBatch == state.batchCount))
                #expect(state.deliveredCount == whole.prefix(taken).map(\.indices.count).reduce(0, +))
                let rest = try loader(workers).batches(resuming: state)
                #expect(try rest.allContents == Array(whole[taken...]))
            }
        }
    }

    @Test(arguments: [0, 1, 4]) func continuesTwice(_ workers: Int) throws {
        let whole = try loader(0).batches(epoch: 2).allContents
        var contents: [Contents] = []
        var state = loader(workers).batches(epoch: 2).state
        for _ in 0..<whole.count {
            let stream = try loader(workers).batches(resuming: state)
            contents.append(Contents(try #require(try stream.next())))
            state = try saved(stream.state)
        }
        #expect(contents == whole)
        let end = try loader(workers).batches(resuming: state)
        #expect(try end.next() == nil && end.state.isAtEnd)
    }

    /// Batches of which no sample could be read are passed over, and not met again.
    @Test(arguments: [0, 1, 4]) func passesOverBadBatches(_ workers: Int) throws {
        let loader = DataLoader(data, batchSize: 4, workers: workers)
        let stream = loader.batches()
        // Batches 5 and 6, samples 20 to 27, are bad as a whole.
        for _ in 0..<6 { _ = try stream.next() }
        let state = stream.state
        #expect(state.nextBatch == 8 && state.deliveredCount == 23 && state.skippedCount == 9)
        #expect(try loader.batches(resuming: state).next()?.indices == [32, 33, 34, 35])
    }

    /// The rest of an epoch may be bad if what came before was not.
    @Test func knowsThatSomethingCouldBeRead() throws {
        let loader = DataLoader(CountedNumbers(count: 8, bad: [4, 5, 6, 7]), batchSize: 4)
        let stream = loader.batches()
        _ = try stream.next()
        let rest = try loader.batches(resuming: stream.state)
        #expect(try rest.next() == nil)
    }

    @Test func numbersOfWorkersMayDiffer() throws {
        let stream = loader(4).batches(epoch: 1)
        for _ in 0..<5 { _ = try stream.next() }
        let state = stream.state
        let rest = try stream.allContents
        for workers in [0, 1, 2] {
            let other = DataLoader(data, batchSize: 4, shuffles: true, workers: workers, prefetch: 1, seed: 7)
            #expect(try other.batches(resuming: state).allContents == rest)
        }
    }

    @Test func refusesWhatDiffers() throws {
        let stream = loader(0).batches(epoch: 1)
        _ = try stream.next()
        let state = stream.state
        func problem<D: Dataset>(_ loader: DataLoader<D>, _ state: LoaderState) -> String? {
            (#expect(throws: LoaderStateError.self) { _ = try loader.batches(resuming: state) })?.difference
        }
        #expect(problem(loader(0, batchSize: 5), state) == "the batch size")
        #expect(problem(loader(0, seed: 8), state) == "the seed")
        #expect(problem(DataLoader(data, batchSize: 4, seed: 7), state) == "the order")
        let fewer = DataLoader(CountedNumbers(count: 52), batchSize: 4, shuffles: true, seed: 7)
        #expect(problem(fewer, state) == "the number of samples")
        let without = DataLoader(data, batchSize: 4, shuffles: true, dropsLast: true, seed: 7)
        #expect(problem(without, state) == "the number of batches")
        var wrong = state
        wrong.nextBatch = -1
        #expect(problem(loader(0), wrong) == "the place")
        wrong.nextBatch = 99
        #expect(problem(loader(0), wrong) == "the place")
        wrong = state
        wrong.epoch = -3
        #expect(problem(loader(0), wrong) == "the epoch")
        wrong = state
        wrong.epoch = 2
        #expect(problem(loader(0), wrong) == "the order")
        let error = #expect(throws: LoaderStateError.self) { try loader(0, batchSize: 5).batches(resuming: state) }
        #expect(
            error?.description == """
                cannot resume in the middle of the epoch: the batch size was 4, now it is 5
                  hint: resume with the same data and options, or begin the epoch anew: batches(epoch:)
                """)
    }
}
