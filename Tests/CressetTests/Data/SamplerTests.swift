import CressetData
import Testing

/// Orders of Cresset's own: what they must have, whatever the numbers.
@Suite struct SamplerTests {
    /// The order that loaders had before samplers had options.
    @Test func theShuffleIsWhatItWas() {
        #expect(RandomSampler(count: 10, seed: 3).indices(epoch: 1) == [4, 7, 9, 1, 5, 2, 3, 8, 6, 0])
    }

    @Test(arguments: [1, 7, 10, 23, 40]) func wholePassesComeFirst(_ wanted: Int) {
        let order = RandomSampler(count: 10, seed: 1, sampleCount: wanted).indices(epoch: 0)
        #expect(order.count == wanted)
        let uses = (0..<10).map { index in order.count { $0 == index } }
        #expect(uses.allSatisfy { $0 == wanted / 10 || $0 == wanted / 10 + 1 })
    }

    @Test func replacementRepeatsAndOmits() {
        let sampler = RandomSampler(count: 50, seed: 1, sampleCount: 5000, isReplacing: true)
        let order = sampler.indices(epoch: 0)
        #expect(order == sampler.indices(epoch: 0) && order != sampler.indices(epoch: 1))
        let uses = (0..<50).map { index in order.count { $0 == index } }
        // 100 of each on average; the deviation is 10.
        #expect(uses.allSatisfy { (50...150).contains($0) } && Set(uses).count > 5)
        #expect(Set(RandomSampler(count: 50, seed: 1, isReplacing: true).indices(epoch: 0)).count < 50)
    }

    @Test func subsetsVisitTheirSamplesAlone() {
        let sampler = SubsetRandomSampler([3, 5, 8, 13, 21, 34], seed: 2)
        #expect(sampler.indices(epoch: 0).sorted() == [3, 5, 8, 13, 21, 34])
        #expect(sampler.indices(epoch: 0) != sampler.indices(epoch: 1))
    }

    @Test func weightsAreFrequencies() {
        let sampler = WeightedRandomSampler(weights: [1, 0, 2, 7], count: 10_000, seed: 1)
        let order = sampler.indices(epoch: 0)
        let uses = (0..<4).map { index in order.count { $0 == index } }
        #expect((900...1100).contains(uses[0]) && uses[1] == 0 && (1850...2150).contains(uses[2]))
        let few = WeightedRandomSampler(weights: [1, 0, 2, 7], count: 3, seed: 1, isReplacing: false)
        for epoch in 0..<50 { #expect(few.indices(epoch: epoch).sorted() == [0, 2, 3]) }
        // The first of an order without replacement is drawn in proportion to its weight.
        let firsts = (0..<2000).map { few.indices(epoch: $0)[0] }
        #expect((1300...1500).contains(firsts.count { $0 == 3 }))
    }

    @Test func balancedClassesAreEquallyFrequent() {
        let labels = Array(repeating: 0, count: 90) + Array(repeating: 2, count: 10)
        let exact = ClassBalancedSampler(labels: labels, seed: 1)
        let order = exact.indices(epoch: 0)
        #expect(exact.count == 180 && order.count == 180)
        #expect(order.count { labels[$0] == 0 } == 90 && Set(order).count == 100)
        // Of the small class, each comes as often as the others.
        #expect((90..<100).allSatisfy { index in order.count { $0 == index } == 9 })
        let average = WeightedRandomSampler(balancing: labels, count: 10_000, seed: 1).indices(epoch: 0)
        #expect((4800...5200).contains(average.count { labels[$0] == 2 }))
        #expect(ClassBalancedSampler(labels: labels, samplesPerClass: 4, seed: 1).indices(epoch: 0).count == 8)
    }

    @Test func ranksShareOneOrder() {
        let whole = RandomSampler(count: 23, seed: 5).indices(epoch: 2)
        let shares = (0..<4).map { DistributedSampler(count: 23, rank: $0, worldSize: 4, seed: 5).indices(epoch: 2) }
        #expect(shares.allSatisfy { $0.count == 6 })
        let dealt = (0..<24).map { shares[$0 % 4][$0 / 4] }
        #expect(dealt == whole + [whole[0]])
        let weighted = WeightedRandomSampler(weights: [1, 2, 3], count: 8, seed: 1)
        let own = (0..<2).map { DistributedSampler(weighted, rank: $0, worldSize: 2).indices(epoch: 0) }
        let together = (0..<8).map { own[$0 % 2][$0 / 2] }
        #expect(together == weighted.indices(epoch: 0))
    }

    @Test func givenBatchesAreRead() throws {
        let batches = GivenBatches([[4, 2], [0], [1, 3, 5]])
        let loader = DataLoader(CountedNumbers(count: 6), batchSampler: batches, workers: 2)
        #expect(loader.batchCount == 3)
        #expect(try loader.batches().allIndices == [[4, 2], [0], [1, 3, 5]])
    }

    @Test func aLoaderTakesASampler() throws {
        let sampler = SubsetRandomSampler([1, 3, 5], seed: 1)
        let loader = DataLoader(CountedNumbers(count: 6), sampler: sampler, batchSize: 2, dropsLast: true)
        #expect(try loader.batches(epoch: 4).allIndices == [Array(sampler.indices(epoch: 4).prefix(2))])
    }
}
