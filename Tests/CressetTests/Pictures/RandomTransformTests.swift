import Cresset
import CressetData
import CressetVision
import Testing

/// Random transforms: torchvision's ranges and frequencies. Counts lie within six standard deviations, seeds are fixed.
@Suite struct RandomTransformTests {
    private let image = PictureFixtures.pattern(width: 9, height: 7)

    private func random(_ index: Int) -> SampleRandom { SampleRandom(seed: 11, epoch: 2, index: index) }

    /// Whether `count` of `trials` is likely with the given probability.
    private func isLikely(_ count: Int, of trials: Int, _ probability: Double) -> Bool {
        let expected = Double(trials) * probability
        return abs(Double(count) - expected) <= 6 * (expected * (1 - probability)).squareRoot() + 1
    }

    /// Whether numbers fill `range` evenly, by their ends and their mean.
    private func isUniform(_ numbers: [Double], in range: ClosedRange<Double>) -> Bool {
        let width = range.upperBound - range.lowerBound
        let mean = numbers.reduce(0, +) / Double(numbers.count)
        let bound = 6 * width / (12 * Double(numbers.count)).squareRoot()
        return numbers.allSatisfy(range.contains) && abs(mean - (range.lowerBound + range.upperBound) / 2) < bound
            && numbers.min()! < range.lowerBound + width / 20 && numbers.max()! > range.upperBound - width / 20
    }

    @Test func cropsComeFromEverywhereAlike() throws {
        let image = Image(width: 4, height: 3, channels: 1, pixels: (0..<12).map { UInt8($0) })
        let crop = RandomCrop(width: 2, height: 2)
        let corners = try (0..<3000).map { try crop(image, random: random($0)).image[0, 0][0] }
        for corner in [0, 1, 2, 4, 5, 6] as [UInt8] {
            #expect(isLikely(corners.count { $0 == corner }, of: 3000, 1.0 / 6))
        }
    }

    @Test func cropsPadAsTorchvisionDoes() throws {
        // Each side is padded by what is lacking: a crop of 4 from 3 pixels is a window on 5.
        let image = Image(width: 3, height: 1, channels: 1, pixels: [10, 20, 30])
        let crop = RandomCrop(width: 4, height: 1, padsIfNeeded: true, fill: 5)
        let found = try Set((0..<60).map { try crop(image, random: random($0)).image.pixels })
        #expect(found == [[5, 10, 20, 30], [10, 20, 30, 5]])
        let framed = RandomCrop(width: 5, height: 3, padding: 1, mode: .edge)
        #expect(try framed(image).image == image.padded(left: 1, top: 1, right: 1, bottom: 1, mode: .edge))
    }

    @Test func affineParametersFillTheirRanges() {
        let affine = RandomAffine(-30...60, translation: (0.1, 0.25), scale: 0.5...2, shear: (-5...10, 20...40))
        let drawn = (0..<2000).map { index in
            var random = self.random(index)
            return affine.parameters(width: 200, height: 100, random: &random)
        }
        #expect(isUniform(drawn.map(\.angle), in: -30...60))
        #expect(isUniform(drawn.map(\.translation.x), in: -20...20))
        #expect(isUniform(drawn.map(\.translation.y), in: -25...25))
        #expect(drawn.allSatisfy { $0.translation.x == $0.translation.x.rounded() })
        #expect(isUniform(drawn.map(\.scale), in: 0.5...2))
        #expect(isUniform(drawn.map(\.shear.x), in: -5...10) && isUniform(drawn.map(\.shear.y), in: 20...40))
    }

    @Test func perspectiveCornersStayInTheirQuarters() {
        let perspective = RandomPerspective(distortion: 0.4)
        let corners = (0..<2000).map { index in
            var random = self.random(index)
            return perspective.points(width: 101, height: 60, random: &random).to
        }
        // 0.4 of half of 101 is 20, of half of 60 is 12.
        let ranges: [(x: ClosedRange<Double>, y: ClosedRange<Double>)] = [
            (0...20, 0...12), (80...100, 0...12), (80...100, 47...59), (0...20, 47...59),
        ]
        for (i, range) in ranges.enumerated() {
            #expect(isUniform(corners.map { $0[i].x }, in: range.x) && isUniform(corners.map { $0[i].y }, in: range.y))
        }
    }

    @Test func jitterDrawsFactorsAndOrder() {
        let jitter = ColorJitter(brightness: 0.4, contrast: 1.5, saturation: 0.2, hue: 0.1)
        let drawn = (0..<2400).map { index in
            var random = self.random(index)
            return jitter.changes(random: &random)
        }
        func factors(_ read: (ColorJitter.Change) -> Double?) -> [Double] { drawn.map { $0.compactMap(read)[0] } }
        #expect(isUniform(factors { if case .brightness(let x) = $0 { x } else { nil } }, in: 0.6...1.4))
        #expect(isUniform(factors { if case .contrast(let x) = $0 { x } else { nil } }, in: 0...2.5))
        #expect(isUniform(factors { if case .saturation(let x) = $0 { x } else { nil } }, in: 0.8...1.2))
        #expect(isUniform(factors { if case .hue(let x) = $0 { x } else { nil } }, in: -0.1...0.1))
        let orders = Dictionary(grouping: drawn) { changes in
            changes.map { "\($0)".prefix(1) }.joined()
        }
        #expect(orders.count == 24 && orders.values.allSatisfy { isLikely($0.count, of: 2400, 1.0 / 24) })
        var random = self.random(0)
        #expect(ColorJitter().changes(random: &random).isEmpty)
        #expect(ColorJitter(hue: 0.25...0.25).changes(random: &random) == [.hue(0.25)])
    }

    @Test func erasedPartsHaveTorchvisionsShape() throws {
        let erasing = RandomErasing(scale: 0.1...0.2, ratio: 0.5...2)
        let parts = try (0..<2000).map { index in
            var random = self.random(index)
            return try #require(erasing.part(width: 100, height: 80, random: &random))
        }
        // Rounding to whole pixels moves area and proportion by a few percent.
        #expect(
            isUniform(parts.map { Double($0.width * $0.height) / 8000 }.map { min(max($0, 0.1), 0.2) }, in: 0.1...0.2))
        #expect(parts.allSatisfy { (0.47...2.12).contains(Double($0.height) / Double($0.width)) })
        #expect(isLikely(parts.count { $0.height > $0.width }, of: 2000, 0.49))
        #expect(parts.allSatisfy { $0.left + $0.width <= 100 && $0.top + $0.height <= 80 })
        var random = self.random(0)
        #expect(RandomErasing(scale: 1...1, ratio: 1...1).part(width: 10, height: 10, random: &random) == nil)
    }

    @Test func changesHappenAsOftenAsAsked() throws {
        let invert = RandomInvert(probability: 1)
        let transforms: [any Transform] = [
            RandomInvert(probability: 0.3), RandomPosterize(bits: 2, probability: 0.3),
            RandomSolarize(threshold: 100, probability: 0.3), RandomAdjustSharpness(factor: 3, probability: 0.3),
            RandomGrayscale(probability: 0.3), RandomPerspective(probability: 0.3),
            RandomApply([invert], probability: 0.3),
        ]
        for transform in transforms {
            let changed = try (0..<1000).filter { try transform(image, random: random($0)).image != image }
            #expect(isLikely(changed.count, of: 1000, 0.3), "\(type(of: transform)): \(changed.count)")
        }
    }

    @Test func choicesFollowTheirWeights() throws {
        let steps: [any Transform] = (1...3).map { amount in Lambda(image: { $0.posterized(bits: amount) }) }
        func counts(_ choice: RandomChoice) throws -> [Int] {
            let found = try (0..<2000).map { try choice(image, random: random($0)).image }
            return (1...3).map { amount in found.count { $0 == image.posterized(bits: amount) } }
        }
        for (count, share) in zip(try counts(RandomChoice(steps, weights: [1, 0, 3])), [0.25, 0, 0.75]) {
            #expect(isLikely(count, of: 2000, share))
        }
        for count in try counts(RandomChoice(steps)) { #expect(isLikely(count, of: 2000, 1.0 / 3)) }
    }

    @Test func anyOrderIsEquallyLikely() throws {
        // Each step appends its number to the only pixel.
        let steps: [any Transform] = (1...3).map { number in
            Lambda(image: { Image(width: 1, height: 1, channels: 1, repeating: $0[0, 0][0] * 4 + UInt8(number)) })
        }
        let start = Image(width: 1, height: 1, channels: 1, repeating: 0)
        let found = try (0..<1800).map { try RandomOrder(steps)(start, random: random($0)).image[0, 0][0] }
        let orders = Dictionary(grouping: found) { $0 }
        #expect(orders.count == 6 && orders.values.allSatisfy { isLikely($0.count, of: 1800, 1.0 / 6) })
    }

    @Test func equalNumbersMakeEqualPictures() throws {
        let transform = Compose([
            RandomApply([ColorJitter(brightness: 0.5), GaussianBlur(kernelSize: 3)]), RandomRotation(20),
            TrivialAugmentWide(),
            ElasticTransform(alpha: 5, sigma: 1), ToTensor(), RandomErasing(probability: 1, value: .random),
        ])
        func draw(_ index: Int) throws -> [Float] { try transform(image, random: random(index)).tensor.scalars() }
        #expect(try draw(4) == draw(4))
        #expect(try draw(4) != draw(5))
    }
}
