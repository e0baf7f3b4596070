import CressetNN
import CressetVision
import Foundation
import Testing

/// Random weights beside torchvision's for the same seed, from the fixture that `scripts/zoo-fixtures` writes.
@Suite struct InitialWeightsTests {
    private static func make(_ family: String) -> any ClassificationModel {
        switch family {
        case "ResNet": ResNet(.basic, layers: [1, 1, 1, 1], classes: 5)
        case "SqueezeNet": SqueezeNet(.v1_1, classes: 5)
        case "InceptionV3": InceptionV3(classes: 5)
        case "EfficientNetLite": EfficientNetLite(.lite0, classes: 5)
        case "DenseNet": DenseNet(growth: 4, blocks: [2, 2], initialFeatures: 8, classes: 5)
        case "MobileNetV2": MobileNetV2(classes: 5, width: 0.1)
        case "MobileNetV3": MobileNetV3(.small, classes: 5)
        case "EfficientNet": EfficientNet(.b0, classes: 5)
        case "GoogLeNet": GoogLeNet(classes: 5)
        case "MNASNet": MNASNet(width: 0.1, classes: 5)
        case "ShuffleNetV2": ShuffleNetV2(channels: [8, 8, 16, 16, 32], repetitions: [2, 2, 2], classes: 5)
        case "RegNet":
            RegNet(depth: 4, initialWidth: 8, slope: 8, multiplier: 2, groupWidth: 4, squeeze: 0.25, classes: 5)
        case "ConvNeXt": ConvNeXt(channels: [8, 16], depths: [1, 2], classes: 5, stochasticDepth: 0.1)
        case "VisionTransformer":
            VisionTransformer(
                patchSize: 8, layers: 1, attentionHeads: 2, features: 8, hidden: 16, classes: 5, imageSize: 16)
        case "SwinTransformer", "SwinTransformerV2":
            SwinTransformer(
                family.hasSuffix("V2") ? .v2 : .v1, features: 12, depths: [1, 1], attentionHeads: [2, 2], window: 2,
                classes: 5, stochasticDepth: 0.1)
        default: MaxViT(stemChannels: 8, channels: [8], depths: [1], headFeatures: 4, classes: 5)
        }
    }

    private static let rows: [String: [[String]]] = {
        let fixture = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixtures/models/initial-weights.txt")
        let text = (try? String(contentsOf: fixture, encoding: .utf8)) ?? ""
        let cells = text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        return Dictionary(grouping: cells) { $0[0] }
    }()

    @Test func everyFamilyIsThere() { #expect(Self.rows.count == 17) }

    @Test(arguments: rows.keys.sorted())
    func weightsAreThoseOfTorchvision(_ family: String) throws {
        let model = Generator.$current.withValue(Generator(seed: 0)) { Self.make(family) }
        let state = model.stateDict()
        for row in Self.rows[family] ?? [] {
            let numbers = try #require(state[row[1]]).scalars(as: Float.self).map(Double.init)
            let size = numbers.reduce(0) { max($0, abs($1)) }
            let sum = numbers.reduce(0, +)
            #expect(abs(sum - Double(row[2])!) <= 1e-6 * size * Double(numbers.count), "\(row[1])")
            #expect(abs(numbers[0] - Double(row[3])!) <= 1e-6 * size, "\(row[1])")
            #expect(abs(numbers[numbers.count - 1] - Double(row[4])!) <= 1e-6 * size, "\(row[1])")
        }
    }
}
