import Cresset
import CressetNN
import CressetVision
import Testing

/// Where the heads of networks are, and how they are replaced.
@Suite struct HeadTests {
    /// A network with an auxiliary head, and a 1×1 convolution as the main one.
    private final class TwoHeads: ClassificationModel {
        let body = Conv2d(3, 4, kernelSize: 3, padding: 1)
        let aux = Sequential(named: [("drop", Dropout(0.5)), ("out", Linear(4, 5))])
        let classifier = Sequential(Dropout(0.5), Conv2d(4, 5, kernelSize: 1, bias: false), ReLU())
        var heads: [Head] { [Head(lastOf: aux, in: self), Head(lastOf: classifier, in: self)] }

        func forward(_ x: Tensor) -> Tensor { classifier(body(x)).mean(axes: [2, 3]) }
    }

    @Test(arguments: [
        ("resnet18", "fc", 512), ("squeezenet1_1", "classifier.1", 512),
    ])
    func aNetworkOfTheZooSaysWhereItsHeadIs(_ name: String, _ head: String, _ features: Int) throws {
        let model = try Generator.$current.withValue(Generator()) { try ModelZoo.make(name, classes: 4) }
        #expect(model.heads.map(\.name) == [head])
        #expect(model.head.inFeatures == features)
        #expect(model.classCount == 4)
        Generator.$current.withValue(Generator()) { model.replaceHeads(classes: 2) }
        #expect(model.classCount == 2)
        #expect(model.stateDict()["\(head).weight"]?.shape.first == 2)
        let x = Tensor.zeros([1, 3, 64, 64])
        #expect(model.eval()(x).shape == [1, 2])
    }

    @Test func everyHeadIsReplacedInItsPlaceAndItsMode() {
        Generator.$current.withValue(Generator()) {
            let model = TwoHeads().eval()
            #expect(model.heads.map(\.name) == ["aux.out", "classifier.1"])
            model.replaceHeads(classes: 3)
            #expect(model.stateDict()["aux.out.weight"]?.shape == [3, 4])
            #expect(model.stateDict()["classifier.1.weight"]?.shape == [3, 4, 1, 1])
            #expect(model.stateDict()["classifier.1.bias"] == nil, "the new head has a bias, the old one had none")
            #expect(!model.head.layer.isTraining)
            #expect(model(.zeros([2, 3, 8, 8])).shape == [2, 3])
        }
    }

    @Test func aHeadStaysOnItsDevice() {
        Generator.$current.withValue(Generator()) {
            let model = TwoHeads().to(.guarded)
            model.replaceHeads(classes: 2)
            #expect(model.parameters.allSatisfy { $0.device == .guarded })
        }
    }

    @Test func aFrozenBodyLeavesTheHeadsTrainable() {
        Generator.$current.withValue(Generator()) {
            let model = TwoHeads()
            model.freezeBody()
            let trained = model.namedParameters.filter(\.parameter.requiresGradient).map(\.name)
            #expect(trained == ["aux.out.weight", "aux.out.bias", "classifier.1.weight"])
        }
    }

    @Test func programsMayWriteFcAsInPyTorch() throws {
        try Generator.$current.withValue(Generator()) {
            let model = try ModelZoo.make("resnet18", classes: 4)
            let head = Linear(model.fc.inFeatures, 2)
            model.fc = head
            #expect(model.fc === head)
            #expect(model.head.layer === head)
        }
    }

    @Test func otherLayersAreRefused() async {
        await #expect(processExitsWith: .failure) {
            let model = Generator.$current.withValue(Generator()) { ResNet(.basic, layers: [1, 1, 1, 1]) }
            model.head.replace(with: Linear(100, 2))
        }
    }
}
