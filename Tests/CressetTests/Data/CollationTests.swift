import Cresset
import CressetData
import Testing

/// Samples of different sizes in one batch.
@Suite struct CollationTests {
    /// Sample i has i + 1 rows of two numbers, all i, and its index.
    private struct Lists: Dataset {
        let count: Int
        var bad: Set<Int> = []

        func read(_ index: Int, context: SampleContext, into sample: inout SampleWriter) throws {
            try sample.append(Tensor.full([index + 1, 2], Float(index)))
            if bad.contains(index) { throw CancellationError() }
            try sample.append(label: index)
        }
    }

    @Test(arguments: [0, 2]) func padsToTheLargest(_ workers: Int) throws {
        let data = Lists(count: 7, bad: [1])
        let loader = DataLoader(
            data, batchSize: 3, workers: workers, collation: .padding(with: -1, addsLengths: true))
        let stream = loader.batches()
        let batch = try #require(try stream.next())
        #expect(batch.indices == [0, 2] && batch.inputs.shape == [2, 3, 2] && batch.labels.shape == [2])
        #expect(batch.inputs.scalars(as: Float.self) == [0, 0, -1, -1, -1, -1, 2, 2, 2, 2, 2, 2])
        #expect(batch.fields[2].scalars(as: Int64.self) == [1, 3])
        #expect(try stream.next()?.inputs.shape == [3, 6, 2])
        #expect(try stream.next()?.inputs.shape == [1, 7, 2])
    }

    @Test(arguments: [0, 2]) func closuresMakeAnything(_ workers: Int) throws {
        let joining = Collation { samples in
            [.concatenated(samples.map { $0[0] }), Tensor(samples.map { Int64($0[0].shape[0]) })]
        }
        let stream = DataLoader(Lists(count: 4), batchSize: 3, workers: workers, collation: joining).batches()
        let batch = try #require(try stream.next())
        #expect(batch.inputs.shape == [6, 2] && batch.labels.scalars(as: Int64.self) == [1, 2, 3])
    }

    @Test(arguments: [0, 2]) func errorsNameTheBatch(_ workers: Int) throws {
        struct TooLong: Error {}
        let strict = Collation { samples in
            if samples.contains(where: { $0[0].shape[0] > 5 }) { throw TooLong() }
            return samples[0]
        }
        let stream = DataLoader(Lists(count: 9), batchSize: 2, workers: workers, collation: strict).batches()
        #expect(try stream.next() != nil && stream.next() != nil)
        let error = #expect(throws: DataLoaderError.self) { try stream.next() }
        #expect(error?.description == "the batch that begins with sample 4 could not be put together: TooLong()")
        #expect(throws: DataLoaderError.self) {
            try DataLoader(Lists(count: 4), batchSize: 2, workers: workers).batches().next()
        }
    }

    @Test func channelsLastSamplesKeepTheirAxes() throws {
        struct Pictures: Dataset {
            let count = 2
            func read(_ index: Int, context: SampleContext, into sample: inout SampleWriter) throws {
                try sample.append(dtype: .uint8, shape: [3, 1, 2 + index], isChannelsLast: true) { memory in
                    for i in memory.indices { memory[i] = UInt8(i) }
                }
            }
        }
        let batch = try #require(try DataLoader(Pictures(), batchSize: 2, collation: .padding()).batches().next())
        #expect(batch.inputs.shape == [2, 3, 1, 3])
        #expect(batch.inputs[0].scalars(as: Int.self) == [0, 3, 0, 1, 4, 0, 2, 5, 0])
        #expect(batch.inputs[1].scalars(as: Int.self) == [0, 3, 6, 1, 4, 7, 2, 5, 8])
    }
}
