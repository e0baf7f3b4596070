import Cresset
import CressetData
import CressetVision
import Foundation
import Synchronization
import Testing

/// Samples that contain their index and a random number.
private struct Numbers: Dataset {
    var count: Int
    var bad: Set<Int> = []
    var odd: Set<Int> = []
    var shapes: @Sendable (Int) -> Shape = { _ in [3, 2, 2] }

    struct Bad: Error {}

    func read(_ index: Int, context: SampleContext, into sample: inout SampleWriter) throws {
        var random = context.random(for: index)
        let value = Float(random.uniform(in: 0...1))
        // Uneven work, so that threads overtake each other.
        if index % 7 == 0 { usleep(UInt32(random.integer(below: 1500))) }
        try sample.append(dtype: .float32, shape: shapes(index), isChannelsLast: true) { memory in
            for (i, slot) in memory.bindMemory(to: Float.self).indices.enumerated() {
                memory.bindMemory(to: Float.self)[slot] = value + Float(i)
            }
        }
        if bad.contains(index) { throw Bad() }
        if odd.contains(index) { sample.flag("looks odd") }
        try sample.append(label: index)
    }
}

@Suite struct DataLoaderTests {
    private func collect<D: Dataset>(_ loader: DataLoader<D>, epoch: Int = 0, from start: Int = 0) throws -> [Batch] {
        let stream = loader.batches(epoch: epoch, startingAt: start)
        var batches: [Batch] = []
        while let batch = try stream.next() { batches.append(batch) }
        return batches
    }

    private func values(_ batches: [Batch]) -> [[Float]] {
        batches.map { $0.inputs.scalars() + $0.labels.scalars().map { (label: Int64) in Float(label) } }
    }

    @Test func philoxGivesThePublishedNumbers() {
        #expect(
            Philox.block(counter: .zero, key: .zero) == SIMD4(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8))
        #expect(
            Philox.block(counter: SIMD4(repeating: .max), key: SIMD2(repeating: .max))
                == SIMD4(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd))
        #expect(
            Philox.block(
                counter: SIMD4(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344), key: SIMD2(0xa409_3822, 0x299f_31d0)
            )
                == SIMD4(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1))
    }

    /// Whole batches before the one that ends the epoch are delivered, however far ahead the threads are.
    @Test(arguments: [0, 1, 4]) func whatCameBeforeAnErrorIsNotLost(_ workers: Int) throws {
        let data = Numbers(count: 80, shapes: { $0 == 45 ? [3, 1, 1] : [3, 2, 2] })
        let stream = DataLoader(data, batchSize: 4, shuffles: false, workers: workers).batches(epoch: 0)
        for number in 0..<11 { #expect(try stream.next()?.labels.scalars(as: Int.self).first == number * 4) }
        #expect(throws: DataLoaderError.self) { try stream.next() }
    }

    @Test func anyNumberOfWorkersGivesTheSameBatches() throws {
        let data = Numbers(count: 103)
        let expected = values(try collect(DataLoader(data, batchSize: 8, shuffles: true, seed: 9), epoch: 2))
        #expect(expected.count == 13 && expected.last?.count == 7 * 13)
        for workers in [1, 2, 16] {
            let loader = DataLoader(data, batchSize: 8, shuffles: true, workers: workers, seed: 9)
            #expect(values(try collect(loader, epoch: 2)) == expected)
        }
        let other = DataLoader(data, batchSize: 8, shuffles: true, workers: 2, seed: 9)
        #expect(values(try collect(other, epoch: 3)) != expected)
    }

    @Test func startsInTheMiddleOfAnEpoch() throws {
        let loader = DataLoader(Numbers(count: 50), batchSize: 6, shuffles: true, dropsLast: true, workers: 3, seed: 1)
        let whole = try collect(loader)
        #expect(whole.map(\.number) == Array(0..<8))
        let rest = try collect(loader, from: 5)
        #expect(rest.map(\.number) == [5, 6, 7])
        #expect(values(rest) == values(Array(whole[5...])))
        #expect(try collect(loader, from: 8).isEmpty)
    }

    @Test func visitsEverySampleOnce() throws {
        let batches = try collect(DataLoader(Numbers(count: 37), batchSize: 5, shuffles: true, workers: 2, seed: 4))
        #expect(batches.flatMap(\.indices).sorted() == Array(0..<37))
        #expect(batches.flatMap(\.indices) != Array(0..<37))
        let batch = batches[0]
        #expect(batch.inputs.shape == [5, 3, 2, 2] && batch.inputs.isChannelsLast)
        #expect(batch.labels.dtype == .int64 && batch.labels.shape == [5])
        #expect(batch.labels.scalars() == batch.indices.map(Float.init))
    }

    @Test func leavesBadSamplesOutAndReportsThem() throws {
        let loader = DataLoader(Numbers(count: 20, bad: [1, 4, 5, 6, 7], odd: [9]), batchSize: 4, workers: 2)
        let batches = try collect(loader)
        #expect(batches.map(\.indices) == [[0, 2, 3], [8, 9, 10, 11], [12, 13, 14, 15], [16, 17, 18, 19]])
        #expect(batches[0].labels.scalars() == [Float(0), 2, 3])
        #expect(batches[0].inputs.shape == [3, 3, 2, 2] && batches[0].inputs.isChannelsLast)
        _ = try collect(loader, epoch: 1)
        #expect(loader.problems.skipped.map(\.index) == [1, 4, 5, 6, 7])
        #expect(loader.problems.all.first { !$0.isSkipped }?.description == "sample 9: looks odd")
    }

    @Test func allBadIsAnError() throws {
        for workers in [0, 2] {
            let loader = DataLoader(Numbers(count: 6, bad: Set(0..<6)), batchSize: 4, workers: workers)
            let error = #expect(throws: DataLoaderError.self) { try collect(loader) }
            #expect(error?.description.contains("none of the 6 samples could be read; the first one: sample 0") == true)
        }
    }

    @Test func differentShapesAreAnError() throws {
        for workers in [0, 2] {
            let data = Numbers(count: 8, shapes: { $0 == 5 ? [3, 4, 4] : [3, 2, 2] })
            let loader = DataLoader(data, batchSize: 4, workers: workers)
            let error = #expect(throws: DataLoaderError.self) { try collect(loader) }
            #expect(error?.description.contains("hint") == true)
        }
    }

    @Test func threadsEndWhenNobodyListens() throws {
        func threadCount() -> Int {
            (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count) ?? 0
        }
        let loader = DataLoader(Numbers(count: 1000), batchSize: 4, workers: 16, seed: 1)
        let before = threadCount()
        for _ in 0..<20 {
            let stream = loader.batches()
            _ = try stream.next()
        }
        let cancelled = loader.batches()
        cancelled.cancel()
        #expect(throws: CancellationError.self) { try cancelled.next() }
        // Other tests run at the same time.
        #expect(threadCount() < before + 16)
    }

    @Test func readsPicturesFromFolders() throws {
        try PictureFixtures.withFolder { folder in
            var files: [String: [UInt8]] = [:]
            for i in 0..<6 {
                let image = PictureFixtures.pattern(width: 30 + i, height: 40)
                files["train/a/\(i).png"] = try image.png()
                files["train/b/\(i).jpg"] = try image.jpeg()
            }
            files["train/b/broken.jpg"] = Array(files["train/b/1.jpg"]!.prefix(300))
            try PictureFixtures.write(files, in: folder)
            let preprocessing = Preprocessing(cropSize: 16, resizeSize: 20)
            let pictures = try ImageFolder(folder + "/train", transform: preprocessing.training)
            let loader = DataLoader(pictures, batchSize: 4, shuffles: true, workers: 2, seed: 3)
            let batches = try collect(loader)
            #expect(batches.map(\.count).reduce(0, +) == 12)
            #expect(batches[0].inputs.shape.dropFirst().elementsEqual([3, 16, 16]))
            let problem = try #require(loader.problems.skipped.first)
            #expect(problem.description.hasSuffix("broken.jpg: truncated JPEG: the file ends before the picture does"))
            #expect(values(batches) == values(try collect(DataLoader(pictures, batchSize: 4, shuffles: true, seed: 3))))
        }
    }

    @Test func rowsOfTensorsAreSamples() throws {
        let (x, y) = (Tensor.arange(12).to(.float32).reshaped([6, 2]), Tensor([5, 4, 3, 2, 1, 0] as [Int64]))
        let batches = try collect(DataLoader(TensorDataset(x, y), batchSize: 4, shuffles: false))
        #expect(batches[1].inputs.scalars(as: Float.self) == [8, 9, 10, 11])
        #expect(batches[1].labels.scalars(as: Int64.self) == [1, 0])
    }
}
