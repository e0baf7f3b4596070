import Cresset
import CressetVision
import Testing

@Suite struct StateDictTests {
    @Test func order() {
        var state: StateDict = ["b": Tensor.zeros([1]), "a": Tensor.zeros([2]), "c": Tensor.zeros([3])]
        state["a"] = Tensor.zeros([4])
        #expect(state.keys == ["b", "a", "c"])
        state["b"] = nil
        state["d"] = Tensor.zeros([5])
        #expect(state.keys == ["a", "c", "d"])
        #expect(state["d"]?.shape == [5])
        #expect(state["c"]?.shape == [3])
        #expect(state.count == 3 && state.elementCount == 12)
        #expect(state.map(\.name) == state.keys)
    }

    @Test func wrapperPrefixesAndMissingCounters() throws {
        let model: StateDict = [
            "bn.weight": Tensor.zeros([2]), "bn.num_batches_tracked": Tensor([Int64(0)], shape: []),
            "scale": Tensor.zeros([]),
        ]
        let file: StateDict = [
            "_orig_mod.module.scale": Tensor([Float(3)], shape: [1]), "_orig_mod.module.bn.weight": Tensor.ones([2]),
        ]
        let fitted = try file.fitted(to: model)
        #expect(fitted.keys == model.keys)
        #expect(fitted["bn.weight"]?.scalars(as: Float.self) == [1, 1])
        #expect(fitted["scale"]?.shape == [])
        let wrapped: StateDict = ["module.bn.weight": Tensor.ones([2])]
        #expect(wrapped.strippingWrapperPrefixes(for: wrapped).keys == ["module.bn.weight"])
    }

    @Test(arguments: [
        (["model.a", "model.b"], "model."), (["module.model.a", "module.model.b"], "module.model."),
        (["net._orig_mod.a", "net._orig_mod.b"], "net._orig_mod."), (["backbone.a", "backbone.b"], "backbone."),
        (["model.a", "loss.b"], ""), (["other.a", "other.b"], ""), (["module.a", "module.b", "n_averaged"], "module."),
        (["model.", "model.b"], ""), (["a", "b"], ""), ([], ""),
    ])
    func prefixesThatAllNamesShare(_ names: [String], _ prefix: String) {
        let file = StateDict(names.map { ($0, Tensor.zeros([1])) })
        #expect(file.wrapperPrefix(for: ["a": Tensor.zeros([1]), "b": Tensor.zeros([1])]) == prefix)
        let stripped = file.strippingWrapperPrefixes(for: ["a": Tensor.zeros([1])]).keys
        #expect(stripped == (prefix.isEmpty ? names : ["a", "b"]))
    }

    @Test func tensorsThatAreNotFiniteAreNamed() {
        let state: StateDict = [
            "good": Tensor([1, -2, 0] as [Float]), "nan": Tensor([1, .nan] as [Float]),
            "infinite": Tensor([-Float.infinity]), "int": Tensor([Int64.max]), "empty": Tensor.zeros([0]),
            "half": Tensor([1e30] as [Float]).to(.float16),
        ]
        #expect(state.nonFiniteNames == ["nan", "infinite", "half"])
    }

    @Test func anotherModelsWeightsAreNoLongTable() throws {
        let model = StateDict((0..<30).map { ("a.\($0)", Tensor.zeros([2])) })
        let file = StateDict((0..<30).map { ("b.\($0)", Tensor.zeros([3])) })
        let mismatch = try #require(throws: StateDict.Mismatch.self) { try file.fitted(to: model) }
        #expect(mismatch.isAnotherModel && mismatch.description.split(separator: "\n").count == 7)
        #expect(mismatch.description.hasSuffix("hint: these are the weights of another model"))
        // One entry of thirty, and nothing else.
        #expect(StateDict.Mismatch(model: model, file: ["a.0": Tensor.zeros([2])]).isAnotherModel)
    }

    @Test func networksAreToldByTheirParameters() {
        // ResNet-18 has 11,689,512 parameters, 513,000 of them in its head of 1000 classes; VGG-16 138,357,544.
        for (total, features, name, network) in [
            (11_689_512, 512, "fc", "resnet18"), (138_357_544, 4096, "classifier.6", "vgg16"),
            (5_000_000, 64, "fc", nil),
        ] as [(Int, Int, String, String?)] {
            let state: StateDict = [
                "body.weight": Tensor.zeros([total - 1000 * (features + 1)], dtype: .uint8),
                "body.running_mean": Tensor.zeros([77]), "\(name).weight": Tensor.zeros([7, features], dtype: .uint8),
                "\(name).bias": Tensor.zeros([7]),
            ]
            #expect(PretrainedWeights.network(of: state) == network)
        }
        #expect(PretrainedWeights.network(of: [:]) == nil)
        #expect(PretrainedWeights.network(of: ["fc.weight": Tensor.zeros([0, 3])]) == nil)
    }

    @Test func mismatchesAreAllReported() throws {
        let model: StateDict = [
            "conv1.weight": Tensor.zeros([4, 3]), "layer1.0.bn1.weight": Tensor.zeros([4]),
            "fc.weight": Tensor.zeros([2, 4]),
        ]
        let file: StateDict = [
            "conv1.weight": Tensor.zeros([4, 3]), "layer1.0.norm1.weight": Tensor.zeros([4]),
            "fc.weight": Tensor.zeros([10, 4]), "extra": Tensor.zeros([1]),
        ]
        let mismatch = try #require(throws: StateDict.Mismatch.self) { try file.fitted(to: model) }
        #expect(mismatch.missing.map(\.name) == ["layer1.0.bn1.weight"])
        #expect(mismatch.missing[0].suggestion == "layer1.0.norm1.weight")
        #expect(mismatch.unexpected.map(\.name) == ["layer1.0.norm1.weight", "extra"])
        #expect(mismatch.reshaped.map(\.expected) == [[2, 4]])
        #expect(
            mismatch.description == """
                the weights do not fit the model: 1 missing, 2 unexpected, 1 of another shape
                  name                   model      file
                  fc.weight              [2, 4]     [10, 4]
                  layer1.0.bn1.weight    [4]        missing (did you mean layer1.0.norm1.weight?)
                  layer1.0.norm1.weight  not there  [4]
                  extra                  not there  [1]
                """)
    }

    @Test func anotherHeadIsExplained() throws {
        let model: StateDict = ["fc.weight": Tensor.zeros([2, 4]), "fc.bias": Tensor.zeros([2])]
        let file: StateDict = ["fc.weight": Tensor.zeros([10, 4]), "fc.bias": Tensor.zeros([10])]
        let mismatch = try #require(throws: StateDict.Mismatch.self) { try file.fitted(to: model) }
        #expect(mismatch.description.contains("hint: only fc differs (10 classes in the file, 2 in the model)"))
    }

    @Test func namesOfDenseNet() {
        let renamed = [
            ("features.denseblock1.denselayer12.norm.1.weight", "features.denseblock1.denselayer12.norm1.weight"),
            ("denselayer1.conv.2.weight", "denselayer1.conv2.weight"),
            ("features.denseblock1.denselayer1.norm1.weight", "features.denseblock1.denselayer1.norm1.weight"),
            ("features.denseblock1.denselayer.norm.1.weight", "features.denseblock1.denselayer.norm.1.weight"),
            ("features.denselayer1.norm.3.weight", "features.denselayer1.norm.3.weight"),
            ("classifier.weight", "classifier.weight"),
        ]
        for (old, new) in renamed {
            let state: StateDict = [old: Tensor.zeros([1])]
            #expect(state.renamingDenseNetKeys().keys == [new])
        }
    }
}
