import Cresset
import CressetNN
import CressetVision
import Testing

/// Heat maps beside those that ten lines of PyTorch 2.15 compute with the same weights: a hook on the layer,
/// `torch.autograd.grad`, the mean over places, `relu`, and `interpolate`.
@Suite struct GradCAMTests {
    private static func network() -> Sequential {
        let model = Sequential(
            Conv2d(3, 4, kernelSize: 3, stride: 2, padding: 1), ReLU(),
            Conv2d(4, 6, kernelSize: 3, stride: 2, padding: 1), Tanh(), AdaptiveAvgPool2d(1), Flatten(), Linear(6, 3))
        for parameter in model.parameters {
            let numbers = Tensor.arange(parameter.elementCount).to(.float32)
            let values = parameter.shape.count > 1 ? (numbers * 0.7).sin() * 0.1 : (numbers * 1.3).cos() * 0.05
            parameter.value = values.reshaped(parameter.shape)
        }
        return model.eval()
    }

    private static func pictures(_ shape: Shape) -> Tensor {
        (Tensor.arange(shape.elementCount).to(.float32) * 0.37).sin().reshaped(shape)
    }

    private func expect(_ values: [Float], _ expected: [Float], within tolerance: Float = 2e-4) {
        #expect(values.count == expected.count)
        #expect(zip(values, expected).allSatisfy { abs($0 - $1) < tolerance }, "\(values)")
    }

    private static let first: [Float] = [
        0.780077, 0.866204, 0.783298, 1.0, 0.850455, 0.917553, 0.441378, 0.17849, 0.453103, 0.801884, 0.911266,
        0.432949,
    ]

    @Test func mapsAreThoseOfPyTorch() throws {
        let model = Self.network()
        let maps = try model.gradCAM(Self.pictures([2, 3, 12, 16]), classes: [2, 0])
        #expect(maps.map(\.width) == [4, 4] && maps.map(\.height) == [3, 3])
        expect(maps[0].values, Self.first)
        // Nothing in the second picture speaks for its class.
        #expect(maps[1].values == Array(repeating: 0, count: 12))
        #expect(model.parameters.allSatisfy { $0.requiresGradient })
    }

    @Test func frozenParametersChangeNothing() throws {
        let model = Self.network()
        model.freeze()
        expect(try model.gradCAM(Self.pictures([2, 3, 12, 16]), classes: [2, 0])[0].values, Self.first)
        #expect(model.parameters.allSatisfy { !$0.requiresGradient })
    }

    @Test func sizesChangeAsInPyTorch() {
        let map = HeatMap(width: 4, height: 3, values: Self.first).resized(width: 7, height: 5)
        expect(
            map.values,
            [
                0.780077, 0.810836, 0.860052, 0.824751, 0.798777, 0.922607, 1.0, 0.808228, 0.836269, 0.881135, 0.766637,
                0.648306, 0.662515, 0.671396, 0.850455, 0.874418, 0.91276, 0.679465, 0.4226, 0.272379, 0.17849,
                0.612043,
                0.696368, 0.831287, 0.785731, 0.6953, 0.471217, 0.331165, 0.453103, 0.577667, 0.776971, 0.856575,
                0.8771,
                0.603776, 0.432949,
            ], within: 2e-6)
        #expect(map.resized(width: 7, height: 5) == map)
    }

    /// The patches of a Vision Transformer are a grid: `encoder.layers[-1].ln_1` without the class token.
    @Test func patchesAreAGrid() throws {
        let model = VisionTransformer(
            patchSize: 8, layers: 2, attentionHeads: 2, features: 8, hidden: 16, classes: 3, imageSize: 32)
        for parameter in model.parameters {
            let isMatrix = parameter.shape.count > 1
            guard isMatrix || parameter.elementCount == 16 else { continue }
            let numbers = Tensor.arange(parameter.elementCount).to(.float32)
            parameter.value = ((numbers * 0.7).sin() * (isMatrix ? 0.3 : 0)).reshaped(parameter.shape)
        }
        let map = try model.eval().gradCAM(Self.pictures([1, 3, 32, 32]), classes: [1])[0]
        #expect(map.width == 4 && map.height == 4)
        expect(
            map.values,
            [
                0.0, 0.63774, 0.0, 0.427023, 0.0, 0.705938, 0.0, 0.391266, 0.0, 0.824689, 0.0, 1.0, 0.0, 0.770133, 0.0,
                0.664068,
            ])
    }

    /// One network of each family, at a small size.
    @Test(arguments: [
        ("alexnet", 63), ("vgg11", 32), ("resnet18", 64), ("squeezenet1_1", 64), ("densenet121", 64), ("googlenet", 64),
        ("inception_v3", 96), ("mobilenet_v2", 64), ("mobilenet_v3_small", 64), ("mnasnet0_5", 64),
        ("shufflenet_v2_x0_5", 64), ("efficientnet_lite0", 64), ("regnet_y_400mf", 64), ("convnext_tiny", 64),
        ("swin_t", 64), ("swin_v2_t", 64), ("vit_b_32", 64),
    ])
    func everyFamilyHasAMap(_ name: String, _ side: Int) throws {
        let model = try withoutInitialValues { try ModelZoo.make(name, classes: 4, imageSize: side) }
        model.fillWithWaves()
        let map = try model.eval().gradCAM(Self.pictures([1, 3, side, side]), classes: [1])[0]
        #expect(map.width > 1 && map.width == map.height)
        #expect(map.values.allSatisfy { (0...1).contains($0) })
    }

    /// Within a block pixels are laid out by windows; what a block returns is a map again.
    @Test func blocksOfAttentionHaveAMap() throws {
        let model = MaxViT(
            stemChannels: 8, channels: [8, 16], depths: [1, 1], headFeatures: 4, window: 2, classes: 3)
        model.fillWithWaves()
        let maps = try model.eval().gradCAM(Self.pictures([2, 3, 32, 32]), classes: [1, 2])
        #expect(maps.allSatisfy { $0.width == 4 && $0.height == 4 })
        #expect(maps.allSatisfy { $0.values.allSatisfy { (0...1).contains($0) } && $0.values.contains(1) })
    }

    @Test func aNetworkWithoutPlacesHasNone() {
        let model = Sequential(Flatten(), Linear(12, 2))
        let error = #expect(throws: NoFeatureMap.self) { try model.gradCAM(.zeros([1, 3, 2, 2]), classes: [0]) }
        #expect(error?.explanation.problem == "Sequential has no map of features to explain its answers with")
    }

    @Test func overlaysGlowWhereTheMapIsHighAndFadeWhatIsCutOff() {
        let map = HeatMap(width: 2, height: 1, values: [0, 1])
        let grey = Image(width: 8, height: 4, channels: 1, repeating: 100)
        let whole = map.overlaid(on: grey)
        #expect(whole.channels == 3 && whole.width == 8)
        #expect(whole[0, 0].map(Int.init).reduce(0, +) < 300 && whole[7, 0].map(Int.init).reduce(0, +) > 450)
        #expect(map.overlaid(on: grey, opacity: 0)[7, 0] == [100, 100, 100])
        // The network sees the 4 x 4 pixels in the middle.
        let part = map.overlaid(on: grey, seenThrough: Preprocessing(cropSize: 4, resizeSize: 4))
        #expect(part[1, 0] == [50, 50, 50] && part[6, 3] == [50, 50, 50])
        #expect(part[2, 0] == whole[0, 0] && part[5, 0] == whole[7, 0])
        let wide = Preprocessing(cropSize: 224, resizeSize: 256).visiblePart(width: 640, height: 480)
        #expect(wide == (109, 30, 420, 420))
        #expect(Preprocessing(cropSize: 8, resizeSize: 4).visiblePart(width: 8, height: 4) == (0, -2, 8, 8))
    }
}
