import CressetData
import Foundation
import Testing

/// Orders equal to those of PyTorch 2.15: the numbers are what `torch.utils.data` gave, epoch by epoch.
@Suite struct PyTorchOrderTests {
    private func epochs(_ sampler: some Sampler, _ count: Int) -> [[Int]] {
        (0..<count).map { sampler.indices(epoch: $0) }
    }

    private let weights = [0.1, 0.9, 0.4, 0.7, 3.0, 0.6]

    /// `DataLoader(range(10), shuffle=True, generator=g)`.
    @Test func aLoaderWithAGenerator() {
        let sampler = RandomSampler(count: 10, seed: 3, order: .pyTorchLoader)
        let expected = [
            [7, 4, 2, 9, 1, 5, 0, 8, 6, 3], [1, 2, 0, 5, 9, 4, 8, 3, 6, 7], [6, 1, 8, 2, 3, 4, 7, 0, 9, 5],
        ]
        #expect(epochs(sampler, 3) == expected)
        // In any order, and again.
        #expect(sampler.indices(epoch: 1) == expected[1] && sampler.indices(epoch: 1) == expected[1])
        #expect(sampler.indices(epoch: 0) == expected[0] && sampler.indices(epoch: 2) == expected[2])
    }

    /// `torch.manual_seed(3)` and a loader without a generator.
    @Test func aLoaderAfterManualSeed() {
        #expect(
            epochs(RandomSampler(count: 10, seed: 3, order: .pyTorchProcess), 3) == [
                [6, 2, 0, 1, 8, 3, 5, 4, 7, 9], [3, 4, 0, 9, 6, 7, 1, 2, 5, 8], [9, 7, 0, 6, 5, 2, 8, 4, 1, 3],
            ])
        let weighted = WeightedRandomSampler(weights: weights, count: 6, seed: 3, order: .pyTorchProcess)
        #expect(epochs(weighted, 2) == [[3, 4, 1, 4, 4, 2], [4, 4, 2, 4, 4, 3]])
    }

    @Test func aSamplerWithAGenerator() {
        #expect(
            epochs(RandomSampler(count: 10, seed: 3, order: .pyTorchSampler), 3) == [
                [6, 0, 3, 7, 8, 5, 1, 9, 2, 4], [0, 9, 6, 1, 7, 2, 5, 3, 4, 8], [3, 8, 1, 7, 5, 9, 6, 0, 2, 4],
            ])
        let more = RandomSampler(count: 10, seed: 3, sampleCount: 25, order: .pyTorchSampler)
        #expect(
            epochs(more, 2) == [
                [6, 0, 3, 7, 8, 5, 1, 9, 2, 4, 9, 8, 5, 3, 0, 6, 7, 2, 1, 4, 0, 9, 6, 1, 7],
                [4, 5, 0, 7, 1, 9, 3, 6, 8, 2, 3, 8, 1, 7, 5, 9, 6, 0, 2, 4, 1, 8, 5, 4, 7],
            ])
        let replacing = RandomSampler(count: 10, seed: 3, sampleCount: 40, isReplacing: true, order: .pyTorchSampler)
        #expect(
            epochs(replacing, 2) == [
                [
                    6, 8, 7, 7, 0, 0, 0, 5, 1, 9, 4, 1, 5, 9, 6, 9, 5, 4, 0, 4, 6, 9, 1, 6, 2, 8, 7, 4, 4, 0, 0, 1, 4,
                    3, 9, 2, 3, 0, 2, 1,
                ],
                [
                    3, 4, 6, 5, 4, 1, 6, 3, 7, 1, 3, 6, 9, 4, 4, 5, 1, 3, 6, 2, 4, 3, 0, 2, 4, 7, 8, 8, 3, 5, 8, 6, 9,
                    7, 7, 0, 3, 1, 9, 5,
                ],
            ])
        let subset = SubsetRandomSampler([3, 5, 8, 13, 21], seed: 3, order: .pyTorchSampler)
        #expect(epochs(subset, 2) == [[5, 3, 13, 21, 8], [3, 5, 8, 21, 13]])
    }

    @Test func weightedDraws() {
        func sampler(_ count: Int, isReplacing: Bool) -> WeightedRandomSampler {
            WeightedRandomSampler(
                weights: weights, count: count, seed: 3, isReplacing: isReplacing, order: .pyTorchSampler)
        }
        #expect(
            epochs(sampler(12, isReplacing: true), 2) == [
                [1, 3, 4, 1, 4, 4, 2, 4, 4, 4, 2, 4], [4, 3, 5, 1, 1, 4, 5, 1, 4, 4, 1, 3],
            ])
        #expect(epochs(sampler(5, isReplacing: false), 2) == [[3, 0, 1, 4, 5], [4, 1, 2, 5, 3]])
        #expect(epochs(sampler(1, isReplacing: true), 4) == [[3], [4], [4], [4]])
    }

    /// `random_split(range(n), lengths, generator=torch.Generator().manual_seed(42))`.
    @Test func splits() {
        let ten = CountedNumbers(count: 10).randomSplit(counts: [3, 7], seed: 42, order: .pyTorchSampler)
        #expect(ten.map(\.indices) == [[2, 6, 1], [8, 4, 5, 0, 9, 3, 7]])
        let eleven = CountedNumbers(count: 11).randomSplit(
            fractions: [0.3, 0.3, 0.4], seed: 42, order: .pyTorchSampler)
        #expect(eleven.map(\.indices) == [[6, 8, 9, 2], [1, 10, 0], [7, 3, 5, 4]])
    }

    /// A case of `Fixtures/pytorch/distributed-sampler.json`, made with PyTorch's `DistributedSampler`.
    private struct Case: Decodable {
        let n, world, epoch: Int
        let seed: UInt64
        let drop_last, shuffle: Bool
        let ranks: [[Int]]
    }

    @Test func ranks() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../Fixtures/pytorch/distributed-sampler.json")
        let cases = try JSONDecoder().decode([Case].self, from: Data(contentsOf: file))
        #expect(cases.count == 96)
        for one in cases {
            let ranks = (0..<one.world).map { rank in
                DistributedSampler(
                    count: one.n, rank: rank, worldSize: one.world, shuffles: one.shuffle, seed: one.seed,
                    dropsLast: one.drop_last, order: .pyTorchSampler
                ).indices(epoch: one.epoch)
            }
            #expect(ranks == one.ranks, "\(one)")
        }
    }
}
