import Cresset
import CressetData
import CressetVision
import Testing

/// MixUp and CutMix by torchvision 0.29's formulas.
@Suite struct MixingTests {
    private func batch(_ labels: Tensor? = nil, number: Int = 0) -> Batch {
        let x = Tensor((0..<3).flatMap { n in (0..<20).map { Float(n * 100 + $0) } }, shape: [3, 1, 4, 5])
        return Batch(fields: [x, labels ?? Tensor([2, 0, 1])], indices: [7, 8, 9], number: number)
    }

    @Test func mixUpAddsTheNeighbour() {
        let mixed = MixUp(classes: 3).mixed(batch(), share: 0.75)
        // Sample 1 is 100 + i, its neighbour i: 75 + i. Sample 0's neighbour is the last one.
        let values: [Float] = mixed.inputs.scalars()
        #expect(values[20] == 75 && values[23] == 78 && values[0] == 50)
        #expect(mixed.labels.scalars(as: Float.self) == [0, 0.25, 0.75, 0.75, 0, 0.25, 0.25, 0.75, 0])
        #expect(mixed.indices == [7, 8, 9])
    }

    @Test func cutMixPutsInTheNeighboursRectangle() {
        let mixed = CutMix(classes: 3).mixed(batch(), columns: 1..<4, rows: 0..<2)
        let values: [Float] = mixed.inputs.scalars()
        #expect(Array(values[20..<26]) == [100, 1, 2, 3, 104, 105])
        #expect(values[30] == 110)
        // 6 of 20 pixels are the neighbour's.
        let labels: [Float] = mixed.labels.scalars()
        #expect(zip(labels, [0, 0.3, 0.7, 0.7, 0, 0.3, 0.3, 0.7, 0] as [Float]).allSatisfy { abs($0 - $1) < 1e-6 })
        let untouched = CutMix(classes: 3).mixed(batch(), columns: 2..<2, rows: 0..<4)
        #expect(untouched.inputs.scalars(as: Float.self) == batch().inputs.scalars())
    }

    @Test func labelsMayBeProbabilities() {
        let soft = Tensor([1, 0, 0.5, 0.5, 0, 1] as [Float], shape: [3, 2])
        let mixed = MixUp(classes: 2).mixed(batch(soft), share: 0.5)
        #expect(mixed.labels.scalars(as: Float.self) == [0.5, 0.5, 0.75, 0.25, 0.25, 0.75])
    }

    @Test func sharesFollowTheBetaDistribution() {
        for alpha in [0.2, 1, 4] {
            let shares = (0..<4000).map { index in
                var random = SampleRandom(seed: 1, epoch: 0, index: index)
                return random.beta(alpha)
            }
            let mean: Double = shares.reduce(0, +) / 4000
            let variance: Double = shares.map { ($0 - 0.5) * ($0 - 0.5) }.reduce(0, +) / 4000
            let expected: Double = 1 / (4 * (2 * alpha + 1))
            let root: Double = 4000.0.squareRoot()
            // Six standard errors: of the mean, and of the squares, whose deviation is below 0.1.
            let bound: Double = 6 * expected.squareRoot() / root
            #expect(abs(mean - 0.5) < bound, "\(alpha): \(mean)")
            #expect(abs(variance - expected) < 0.6 / root, "\(alpha): \(variance)")
        }
        var random = SampleRandom(seed: 1, epoch: 0, index: 0)
        let parts = (0..<1000).map { _ in random.dirichlet(0.5, count: 3) }
        for part in parts {
            let sum: Double = part.reduce(0, +)
            #expect(abs(sum - 1) < 1e-12 && part.allSatisfy { $0 >= 0 })
        }
        let third: Double = parts.map { $0[2] }.reduce(0, +) / 1000
        // A deviation below 0.3: six standard errors.
        #expect(abs(third - 0.33333) < 0.057)
    }

    @Test func rectanglesAreCutOffAtTheBorder() {
        let cutMix = CutMix(alpha: 1)
        let parts = (0..<4000).map { index in
            var random = SampleRandom(seed: 3, epoch: 0, index: index)
            return cutMix.part(width: 40, height: 24, random: &random)
        }
        #expect(parts.allSatisfy { $0.columns.lowerBound >= 0 && $0.columns.upperBound <= 40 })
        #expect(parts.allSatisfy { $0.rows.lowerBound >= 0 && $0.rows.upperBound <= 24 })
        // Never wider than twice int(0.5 * 40), and as often towards the left as towards the right.
        #expect(parts.map(\.columns.count).max()! > 34)
        let left = parts.count { $0.columns.lowerBound + $0.columns.upperBound < 40 }
        let right = parts.count { $0.columns.lowerBound + $0.columns.upperBound > 40 }
        #expect(abs(left - right) < 6 * 64)
    }

    @Test func mixturesDependOnSeedEpochAndNumber() {
        let mixUp = MixUp(classes: 3)
        func values(_ number: Int, _ seed: UInt64, _ epoch: Int) -> [Float] {
            mixUp(batch(number: number), seed: seed, epoch: epoch).inputs.scalars()
        }
        #expect(values(0, 0, 0) == values(0, 0, 0))
        #expect(values(0, 0, 0) != values(1, 0, 0) && values(0, 0, 0) != values(0, 1, 0))
        #expect(values(0, 0, 0) != values(0, 0, 1))
    }

    @Test func mixedLabelsTrain() {
        let mixed = CutMix(classes: 3)(batch())
        let scores = Tensor.zeros([3, 3])
        #expect(abs(scores.crossEntropy(mixed.labels).item() - 1.0986123) < 1e-5)
    }
}
