import CressetNN
import CressetTrain
import CressetVision
import Testing

/// The pictures that networks can take.
@Suite struct InputSideTests {
    @Test func sidesAreAFunctionOfTheSmallestAndAStep() {
        let any = InputSides.atLeast(32)
        #expect(any.contains(32) && any.contains(33) && !any.contains(31))
        #expect([0, 31, 32, 77].map(any.nearest) == [32, 32, 32, 77])
        #expect("\(any)" == "32 or more")
        let patches = InputSides.multiples(of: 16)
        #expect(patches.contains(16) && patches.contains(224) && !patches.contains(0) && !patches.contains(100))
        #expect([0, 1, 23, 24, 100, 104].map(patches.nearest) == [16, 16, 16, 32, 96, 112])
        #expect("\(patches)" == "multiples of 16")
    }

    @Test func everyNetworkTakesThePicturesItsWeightsWereTrainedOn() throws {
        for weights in PretrainedWeights.all {
            let sides = try ModelZoo.inputSides(of: weights.model)
            #expect(sides.contains(weights.preprocessing.cropSize), "\(weights)")
            // torchvision says 33 for the second EfficientNet, and the usual sizes for transformers.
            if !["efficientnet_v2", "vit", "swin", "maxvit"].contains(where: weights.model.hasPrefix) {
                #expect(sides.least == weights.minimumSize, "\(weights)")
            }
        }
    }

    /// One network of each family that cannot take every size.
    private static let smallest = [
        "alexnet", "vgg11", "squeezenet1_0", "squeezenet1_1", "densenet121", "inception_v3", "googlenet",
        "convnext_tiny",
        "swin_t", "swin_v2_t", "vit_b_32", "maxvit_t",
    ]

    private static func run(_ name: String, side: Int) throws -> Shape {
        let model = try withoutInitialValues { try ModelZoo.make(name, classes: 3, imageSize: side) }.eval()
        return withoutGradients { model(.zeros([1, 3, side, side])) }.shape
    }

    @Test(arguments: smallest) func theSmallestPictureIsTakenAndNoSmaller(_ name: String) async throws {
        let least = try ModelZoo.inputSides(of: name).least
        #expect(try Self.run(name, side: least) == [1, 3])
        await #expect(processExitsWith: .failure) {
            [name, side = (name == "maxvit_t" ? least - 32 : least - 1) as Int] in
            _ = try Self.run(name, side: side)
        }
    }

    @Test(arguments: [
        "resnet18", "mobilenet_v2", "mobilenet_v3_small", "efficientnet_b0", "efficientnet_lite0", "efficientnet_v2_s",
        "mnasnet0_5", "shufflenet_v2_x0_5", "regnet_x_400mf",
    ])
    func othersTakeASinglePixel(_ name: String) throws {
        #expect(try ModelZoo.inputSides(of: name) == .atLeast(1))
        #expect(try Self.run(name, side: 1) == [1, 3])
    }

    @Test func positionsAreResizedAsInTorchvision() throws {
        // torchvision 0.29: interpolate_embeddings(48, 16, {'encoder.pos_embedding': p}), p[0, i, j] = (2 i + j)² mod 7.
        let model = withoutInitialValues {
            VisionTransformer(
                patchSize: 16, layers: 1, attentionHeads: 1, features: 2, hidden: 2, classes: 2, imageSize: 48)
        }
        let positions = Tensor((0..<10).map { Float($0 * $0 % 7) }, shape: [1, 5, 2])
        let resized = model.resizingPositions(in: ["encoder.pos_embedding": positions, "other": .ones([1])])
        #expect(resized.keys == ["encoder.pos_embedding", "other"])
        let expected = Tensor(
            [0, 1, 4, 2, 3, 3, 2, 4, 2.5, 1, 2, 2.5, 1.5, 4, 1, 0, 1, 2, 1, 4] as [Float], shape: [1, 10, 2])
        #expect(try #require(resized["encoder.pos_embedding"]).isAllClose(to: expected))
        // What already fits, or is no square, stays as it is.
        for count in [10, 7] {
            let state: StateDict = ["encoder.pos_embedding": .ones([1, count, 2])]
            #expect(model.resizingPositions(in: state)["encoder.pos_embedding"]?.shape == [1, count, 2])
        }
    }

    @Test func theErrorNamesTheNearestSide() {
        let small = #expect(throws: UnsuitableInputSide.self) { try ModelZoo.requireSide(64, of: "inception_v3") }
        #expect(
            small?.description == """
                inception_v3 cannot take pictures of 64 × 64 pixels: their sides must be 75 or more
                  hint: the nearest side that it can take is 75
                """)
        // What is named can be asked for.
        let large = #expect(throws: UnsuitableInputSide.self) { try ModelZoo.requireSide(1024, of: "maxvit_t") }
        #expect(large?.explanation.hint == "the nearest side that it can take is 896")
    }
}
