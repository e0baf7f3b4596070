import CressetData
import CressetVision
import Testing

/// Policies of augmentation: torchvision 0.29's operations, magnitudes and frequencies.
@Suite struct AugmentationTests {
    private let image = PictureFixtures.pattern(width: 23, height: 17)
    private let style = Augmentation.Style("test", .nearest, 0)

    private func hash(_ image: Image) -> UInt64 { PictureFixtures.hash(image.pixels) }

    /// Hashes of what torchvision makes of the picture on Pillow 13.
    private static let expected: [(String, Double, UInt64)] = [
        ("ShearX", 0.25, 0xe989_ca17_9f73_49d1), ("ShearY", -0.3, 0x2cfd_f8cf_8a58_460b),
        ("TranslateX", 9.7, 0x1d1e_11e5_913f_0cdd), ("TranslateY", -4.2, 0x93d9_182d_715a_7891),
        ("Rotate", -21, 0x99d1_3dcf_8ce1_de7d), ("Brightness", 0.6, 0x296f_ef60_716f_d854),
        ("Color", -0.6, 0xfe7e_d548_da62_d31d), ("Contrast", 0.4, 0xc93f_5a6a_0e54_c15b),
        ("Sharpness", -0.7, 0xeb04_d6d8_ccd4_c2fe), ("Posterize", 5, 0x8c0a_bda4_6cfc_2def),
        ("Solarize", 127.5, 0x962e_81de_465b_18d3), ("AutoContrast", 0, 0x3ace_1bc5_dc77_af55),
        ("Equalize", 0, 0x960f_f2b4_8da6_4be3), ("Invert", 0, 0xf7ef_a6eb_cbca_fb3c),
    ]

    @Test func operationsEqualTorchvisions() throws {
        for (name, magnitude, hash) in AugmentationTests.expected {
            let operation = try #require(Augmentation(rawValue: name))
            #expect(self.hash(operation.apply(to: image, magnitude: magnitude, style)) == hash, "\(name)")
        }
    }

    /// Numbers 0, 1, 4 and the last.
    private func check(_ magnitudes: Magnitudes, _ expected: [Augmentation: [Double]]) {
        for (operation, values) in expected {
            let found = [0, 1, 4, magnitudes.count - 1].map { magnitudes.value(operation, $0) }
            #expect(zip(found, values).allSatisfy { abs($0 - $1) <= 1e-6 * abs($1) }, "\(operation): \(found)")
        }
    }

    @Test func magnitudesEqualTorchvisions() {
        check(
            .randAugment(31, image),
            [
                .shearX: [0, 0.01, 0.04, 0.3], .translateX: [0, 0.347432017, 1.38972807, 10.4229603],
                .translateY: [0, 0.256797582, 1.02719033, 7.70392752], .rotate: [0, 1, 4, 30],
                .color: [0, 0.03, 0.12, 0.9], .posterize: [8, 8, 7, 4], .solarize: [255, 246.5, 221, 0],
            ])
        check(
            .trivialAugment(31),
            [
                .shearY: [0, 0.033, 0.132, 0.99], .translateY: [0, 1.06666672, 4.26666689, 32],
                .rotate: [0, 4.5, 18, 135], .sharpness: [0, 0.033, 0.132, 0.99], .posterize: [8, 8, 7, 2],
                .solarize: [255, 246.5, 221, 0],
            ])
        check(
            .randAugment(10, image),
            [
                .rotate: [0, 3.33333325, 13.3333330, 30], .posterize: [8, 8, 6, 4],
                .solarize: [255, 226.666672, 141.666656, 0],
            ])
        check(
            .augMix(image),
            [
                .translateX: [0, 0.851851821, 3.40740728, 7.66666651], .posterize: [4, 4, 2, 0],
                .brightness: [0, 0.1, 0.4, 0.9],
            ])
    }

    /// Compares how often results come up with how likely they are; bounds of six standard deviations.
    private func check(_ transform: any Transform, trials: Int, _ likely: [UInt64: Double]) throws {
        var counts: [UInt64: Int] = [:]
        for index in 0..<trials {
            let random = SampleRandom(seed: 8, epoch: 0, index: index)
            counts[hash(try transform(image, random: random).image), default: 0] += 1
        }
        #expect(Set(counts.keys).isSubset(of: likely.keys))
        for (result, share) in likely {
            let expected = share * Double(trials)
            #expect(abs(Double(counts[result, default: 0]) - expected) <= 6 * expected.squareRoot() + 1)
        }
    }

    @Test func randAugmentDrawsAllOperationsAlike() throws {
        let magnitudes = Magnitudes.randAugment(31, image)
        var likely: [UInt64: Double] = [:]
        for operation in Augmentation.wide {
            for sign in [1.0, -1] {
                let magnitude = magnitudes.value(operation, 20) * (operation.isSigned ? sign : 1)
                likely[hash(operation.apply(to: image, magnitude: magnitude, style)), default: 0] += 1.0 / 28
            }
        }
        #expect(likely.count >= 20)
        try check(RandAugment(operations: 1, magnitude: 20), trials: 2000, likely)
    }

    @Test func trivialAugmentDrawsAllMagnitudesAlike() throws {
        let magnitudes = Magnitudes.trivialAugment(4)
        var likely: [UInt64: Double] = [:]
        for operation in Augmentation.wide {
            for (sign, index) in [1.0, -1].flatMap({ sign in (0..<4).map { (sign, $0) } }) {
                let magnitude = magnitudes.value(operation, index) * (operation.isSigned ? sign : 1)
                likely[hash(operation.apply(to: image, magnitude: magnitude, style)), default: 0] += 1.0 / (14 * 8)
            }
        }
        try check(TrivialAugmentWide(bins: 4), trials: 2000, likely)
    }

    @Test(arguments: AutoAugment.Policy.allCases) func policiesApplyTheirPairs(_ policy: AutoAugment.Policy) throws {
        let magnitudes = Magnitudes.randAugment(10, image)
        let rows = try #require(autoAugmentPolicies[policy]).split(separator: "\n").map { $0.split(separator: " ") }
        #expect(rows.count == 25)
        var likely: [UInt64: Double] = [:]
        for row in rows {
            var results: [(image: Image, share: Double)] = [(image, 0.04)]
            for step in [Array(row[0..<3]), Array(row[3..<6])] {
                let operation = try #require(Augmentation(rawValue: String(step[0])))
                let probability = try #require(Double(step[1]))
                let magnitude: Double = Int(step[2]).map { magnitudes.value(operation, $0) } ?? 0
                let other: Double = operation.isSigned ? -magnitude : magnitude
                var next: [(image: Image, share: Double)] = []
                for (image, share) in results {
                    let half: Double = share * probability / 2
                    next.append((image, share * (1 - probability)))
                    next.append((operation.apply(to: image, magnitude: magnitude, style), half))
                    next.append((operation.apply(to: image, magnitude: other, style), half))
                }
                results = next.filter { $0.share > 0 }
            }
            for (image, share) in results { likely[hash(image), default: 0] += share }
        }
        try check(AutoAugment(policy), trials: 1500, likely)
    }

    @Test func augMixIsAConvexMixture() throws {
        let dark = Image(width: 5, height: 4, repeating: 10)
        let light = Image(width: 5, height: 4, repeating: 201)
        // 0.25 * 10 + 0.75 * 201 = 153.25, rounded down.
        #expect(AugMix.mix([(dark, 0.25), (light, 0.75)])[2, 2] == [153, 153, 153])
        let results = try (0..<40).map { index in
            try AugMix()(image, random: SampleRandom(seed: 2, epoch: 0, index: index)).image
        }
        #expect(Set(results.map(hash)).count == 40)
    }
}
