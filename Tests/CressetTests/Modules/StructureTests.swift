import Cresset
import CressetNN
import CressetOptim
import CressetVision
import Foundation
import Testing

@Suite struct StructureTests {
    /// A common trick in language models: the table of words also gives the scores.
    final class Tied: Layer {
        final class Scores: Layer {
            let weight: Parameter
            let bias = Parameter(.zeros([3]))
            init(_ weight: Parameter) { self.weight = weight }
            func forward(_ x: Tensor) -> Tensor { x.matmul(weight.value.t) + bias.value }
        }

        let input = Linear(3, 3, bias: false)
        let output: Scores
        init() { output = Scores(input.weight) }
        func forward(_ x: Tensor) -> Tensor { output(input(x)) }
    }

    @Test func sharedParametersAreSavedOnce() throws {
        let model = Tied()
        #expect(model.namedParameters.map(\.name) == ["input.weight", "output.bias"])
        #expect(model.stateDict().keys == ["input.weight", "output.weight", "output.bias"])
        let path = FileManager.default.temporaryDirectory.appending(path: "tied-\(UUID()).safetensors").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try model.save(to: path)
        let saved = try Checkpoint.load(path)
        #expect(saved.keys == ["input.weight", "output.bias"])

        let other = Tied()
        try other.load(saved)
        #expect(other.input.weight === other.output.weight)
        #expect(other.output.weight.value.scalars(as: Float.self) == model.input.weight.value.scalars(as: Float.self))
        // Under the other name too, as a file may store it.
        try other.load(["output.weight": .ones([3, 3]), "output.bias": .zeros([3])])
        #expect(other.input.weight.value.sum().item() == 9)
    }

    @Test func aMissingTensorThatIsNotSharedIsStillMissing() {
        #expect(throws: StateDict.Mismatch.self) { try Tied().load(["input.weight": .ones([3, 3])]) }
    }

    @Test func copiesTrainApart() throws {
        let model = Sequential(Linear(4, 3), BatchNorm1d(3), Dropout(0.5))
        model.freeze(matching: "1.*")
        model.eval()
        // A separate generator: other tests draw from the shared one at the same time.
        let generator = Generator(seed: 5)
        let state = generator.state
        let copy = try Generator.$current.withValue(generator) {
            try model.copy { Sequential(Linear(4, 3), BatchNorm1d(3), Dropout(0.5)) }
        }
        #expect(generator.state == state)
        #expect(copy.namedModules.allSatisfy { !$0.module.isTraining })
        #expect(copy.namedParameters.map(\.parameter.requiresGradient) == [true, true, false, false])
        let x = Tensor.ones([2, 4])
        let before = model(x).scalars(as: Float.self)
        #expect(copy(x).scalars(as: Float.self) == before)
        let optimizer = try SGD(copy.parameters, lr: 0.1)
        optimizer.step(copy(x).sum().gradients())
        #expect(model(x).scalars(as: Float.self) == before)
        #expect(copy(x).scalars(as: Float.self) != before)
    }

    @Test func copiesKeepWhatIsShared() throws {
        let copy = try Tied().copy { Tied() }
        #expect(copy.input.weight === copy.output.weight)
        #expect(throws: StateDict.Mismatch.self) { try Sequential(Linear(2, 2)).copy { Sequential(Linear(2, 3)) } }
    }

    @Test func freezingByPattern() throws {
        let model = Sequential(Linear(2, 2), Linear(2, 2))
        model.freeze(matching: "0.*")
        #expect(model.namedParameters.filter { !$0.parameter.requiresGradient }.map(\.name) == ["0.weight", "0.bias"])
        let gradients = model(.ones([1, 2])).sum().gradients()
        #expect(gradients.count == 2 && gradients[model.parameters[0]] == nil)
        model.freeze(matching: "*.weight")
        model.freeze(matching: "0.bias", false)
        #expect(
            model.namedParameters.filter { !$0.parameter.requiresGradient }.map(\.name) == ["0.weight", "1.weight"])
        model.freeze()
        #expect(!model(.ones([1, 2])).requiresGradient)
    }

    @Test func aFrozenBatchNormKeepsItsStatisticsStill() {
        let norm = BatchNorm1d(2)
        norm.train()
        let x = Tensor([1, 2, 3, 4] as [Float], shape: [2, 2])
        norm.freeze()
        _ = norm(x)
        #expect(norm.namedBuffers.first { $0.name == "running_mean" }!.buffer.value.scalars(as: Float.self) == [0, 0])
        norm.freeze(matching: nil, false)
        _ = norm(x)
        #expect(norm.namedBuffers.first { $0.name == "running_mean" }!.buffer.value.sum().item() > 0)
    }
}

@Suite struct FeatureTests {
    @Test func featuresFromInsideAResNet() throws {
        let model = ResNet(.basic, layers: [1, 1, 1, 1], classes: 5)
        model.eval()
        let x = Tensor.ones([1, 3, 32, 32])
        let features = try withoutGradients { try model.features(at: ["layer2", "layer3.0", "layer3", ""], x) }
        #expect(features["layer2"]!.shape == [1, 128, 4, 4])
        #expect(features["layer3"]!.shape == [1, 256, 2, 2])
        #expect(features["layer3.0"]!.scalars(as: Float.self) == features["layer3"]!.scalars(as: Float.self))
        #expect(features[""]!.shape == [1, 5])
    }

    /// Layers that are fused in a plain call report their own results to hooks, and the result is the same.
    @Test(arguments: [false, true]) func everyLayerCalledIsSeen(_ isTraining: Bool) throws {
        let model = ResNet(.basic, layers: [1, 1, 1, 1], classes: 5)
        let x = Tensor.normal([2, 3, 32, 32])
        model.train(isTraining)
        try withoutGradients {
            let plain = model(x)
            let names = ["conv1", "bn1", "relu", "layer2.0.bn2", "layer2.0.downsample", "layer2.0", "fc", ""]
            let features = try model.features(at: names, x)
            #expect(features["conv1"]!.shape == [2, 64, 16, 16])
            let normal = model.bn1(features["conv1"]!)
            #expect(features["bn1"]!.isAllClose(to: normal, relativeTolerance: 1e-3, absoluteTolerance: 1e-5))
            #expect(features["relu"]!.isAllClose(to: features["bn1"]!.relu()))
            let sum = features["layer2.0.bn2"]! + features["layer2.0.downsample"]!
            #expect(features["layer2.0"]!.isAllClose(to: sum.relu()))
            #expect(features[""]!.isAllClose(to: plain, relativeTolerance: 1e-4, absoluteTolerance: 1e-5))
            #expect(features["fc"]!.scalars(as: Float.self) == features[""]!.scalars(as: Float.self))
        }
    }

    @Test func aNameThatIsNotSeenIsExplained() throws {
        final class Half: Layer {
            let used = Linear(2, 2)
            let idle = Linear(2, 2)
            func forward(_ x: Tensor) -> Tensor { used(x) }
        }
        let hidden = try #require(throws: FeatureError.self) { try Half().features(at: ["idle"], .ones([1, 2])) }
        #expect(hidden.exists && hidden.available == ["used"])
        #expect(hidden.description.contains("it was not called"))
        let missing = try #require(throws: FeatureError.self) { try Half().features(at: ["layer9"], .ones([1, 2])) }
        #expect(missing.description.hasPrefix("no features at \"layer9\": there is no such module"))
    }

    /// Modules that take more than one tensor report their result as well.
    @Test func featuresOfATransformer() throws {
        let options = TransformerOptions(8, heads: 2, feedForward: 16)
        let model = TransformerEncoder(options, layers: 2).eval()
        let features = try model.features(
            at: ["layers.0", "layers.0.self_attn", "layers.1.linear2"], .normal([3, 1, 8]))
        #expect(features.values.allSatisfy { $0.shape == [3, 1, 8] })
    }

    /// A convolution, its normalisation and its activation in a `Sequential` are one pass in evaluation: same values.
    @Test func neighboursInASequentialWorkAsOne() {
        let model = Sequential(
            Conv2d(3, 4, kernelSize: 3, bias: false), BatchNorm2d(4), ReLU(), Conv2d(4, 4, kernelSize: 1, bias: false),
            BatchNorm2d(4), Conv2d(4, 2, kernelSize: 1))
        _ = model(.normal([4, 3, 8, 8]))
        model.eval()
        let x = Tensor.normal([2, 3, 8, 8])
        withoutGradients {
            let apart = withForwardHook { _, _ in
            } body: {
                model(x)
            }
            #expect(model(x).isAllClose(to: apart, relativeTolerance: 1e-4, absoluteTolerance: 1e-5))
        }
    }

    @Test func aMatrixAndItsActivationWorkAsOne() throws {
        let model = Sequential(Linear(3, 4), ReLU(), Linear(4, 2, bias: false), ReLU())
        let x = Tensor.normal([5, 3])
        let apart = withForwardHook { _, _ in
        } body: {
            model(x)
        }
        #expect(model(x).isAllClose(to: apart))
        let (ours, theirs) = (model(x).sum().gradients(), apart.sum().gradients())
        for parameter in model.parameters { #expect(ours[parameter]!.isAllClose(to: theirs[parameter]!)) }
    }

    @Test func modesAreAskedOfThoseThatKeepThem() {
        final class Doubling: Layer {
            let inner = Sequential(Linear(1, 1))
            func forward(_ x: Tensor) -> Tensor { isTraining ? x * 2 : x }
        }
        let model = Sequential(Doubling())
        #expect(model.isTraining && model.train()(.ones([1])).item() == 2)
        #expect(!model.eval().isTraining && model(.ones([1])).item() == 1)
    }

    /// Names decide, not positions: sharing in one but not in the other shifts nothing.
    @Test func aCopyIntoAStructureThatSharesLess() throws {
        final class Pair: Layer {
            let a, b, c: Linear
            init(shared: Bool) {
                a = Linear(2, 2, bias: false)
                b = shared ? Linear(weight: a.weight) : Linear(2, 2, bias: false)
                c = Linear(2, 2, bias: false)
            }
            func forward(_ x: Tensor) -> Tensor { c(b(a(x))) }
        }
        let model = Pair(shared: true)
        let copy = try model.copy { Pair(shared: false) }
        let x = Tensor.normal([3, 2])
        #expect(copy(x).scalars(as: Float.self) == model(x).scalars(as: Float.self))
    }

    @Test func printing() {
        let model = Sequential(Linear(2, 1))
        #expect("\(model)" == model.description && "\(model[0] as any Module)".hasPrefix("Linear("))
        #expect("\(Parameter(.zeros([2])))" == "Parameter containing:\ntensor([0., 0.], requires_grad=True)")
    }

    /// A module that reports its own result is not reported again by its container.
    @Test func everyResultIsShownOnce() {
        final class Doubling: Layer { func forward(_ x: Tensor) -> Tensor { observed(x * 2) } }
        let doubling = Doubling()
        let model = Sequential(doubling, ReLU(), Sequential(doubling))
        var seen: [String] = []
        let y = withForwardHook {
            seen.append("\(type(of: $0).className) \($1.item())")
        } body: {
            model(Tensor([3] as [Float]))
        }
        #expect(seen == ["Doubling 6.0", "ReLU 6.0", "Doubling 12.0", "Sequential 12.0", "Sequential 12.0"])
        #expect(y.item() == 12)
    }
}

@Suite struct SequentialTests {
    /// A number that was used once is not used again while it is taken.
    @Test func appendingAfterRemoving() {
        let model = Sequential(ReLU(), Tanh(), Linear(2, 2))
        model["0"] = nil
        model.append(Linear(2, 1))
        #expect(model.layers.map(\.name) == ["1", "2", "3"])
        #expect(model.stateDict().map(\.name) == ["2.weight", "2.bias", "3.weight", "3.bias"])
    }
}
