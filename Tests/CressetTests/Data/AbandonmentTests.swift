import CressetData
import Foundation
import Testing

/// Streams that are begun and left, in every way: no thread and no memory stays behind.
///
/// `CRESSET_LOADER_ROUNDS=10000` does it more often.
@Suite(.serialized) struct AbandonmentTests {
    private static let rounds =
        ProcessInfo.processInfo.environment["CRESSET_LOADER_ROUNDS"].flatMap { Int($0) } ?? 300

    private struct Failed: Error {}

    /// What a dataset counts with, for as long as a thread, a stream or anything else holds the dataset.
    private struct Trace {
        weak var tally: CountedNumbers.Tally?
    }

    /// Begins and leaves a stream of `data` in the way of `round`, and returns without it.
    private func leave(_ round: Int, _ data: CountedNumbers) async throws {
        let loader = DataLoader(
            data, batchSize: 4, shuffles: true, workers: round % 5, prefetch: 1 + round % 3, seed: UInt64(round),
            collation: round % 7 == 0 ? Collation { _ in throw Failed() } : nil)
        switch round % 6 {
        case 0: _ = loader.batches(epoch: round)
        case 1: _ = try? loader.batches(epoch: round).next()
        case 2:
            for try await batch in loader.batches(epoch: round) where batch.number == 3 { break }
        case 3:
            let task = Task { for try await batch in loader.batches() where batch.number == 2 { return } }
            task.cancel()
            _ = try? await task.value
        case 4:
            let stream = loader.batches()
            _ = try stream.next()
            stream.cancel()
            stream.cancel()
        default: _ = try loader.batches(epoch: round).allIndices
        }
    }

    @Test func nothingStaysBehind() async throws {
        var traces: [Trace] = []
        for round in 0..<Self.rounds {
            let data = CountedNumbers(count: 64, bad: round % 5 == 0 ? [2, 9] : [], width: 20_000)
            traces.append(Trace(tally: data.tally))
            do { try await leave(round, data) } catch is DataLoaderError where round % 7 == 0 {}
        }
        // A thread holds what it reads until it ends, which may be a moment after it was told to.
        for _ in 0..<1000 where traces.contains(where: { $0.tally != nil }) {
            try await Task.sleep(for: .milliseconds(10))
        }
        #expect(traces.count { $0.tally != nil } == 0)
    }

    /// A program that does not take its batches holds no more of them than it asked for.
    @Test(arguments: [1, 4]) func readingAheadIsBounded(_ workers: Int) throws {
        for prefetch in [1, 2, 5] {
            let data = CountedNumbers(count: 400)
            let stream = DataLoader(data, batchSize: 4, workers: workers, prefetch: prefetch).batches()
            for taken in 0...1 {
                if taken == 1 { _ = try stream.next() }
                let expected = 4 * (prefetch + taken)
                while data.tally.readCount < expected { usleep(1000) }
                usleep(20_000)
                #expect(data.tally.readCount == expected)
            }
        }
    }
}
