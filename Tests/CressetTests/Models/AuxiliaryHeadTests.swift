import CressetData
import CressetNN
import CressetTrain
import CressetVision
import Testing

/// Networks that have more than one head in training.
@Suite struct AuxiliaryHeadTests {
    @Test(arguments: [("googlenet", 64, 2, 0.3), ("inception_v3", 75, 1, 0.4)])
    func auxiliaryScoresAreThereInTrainingOnly(_ name: String, _ side: Int, _ count: Int, _ weight: Double) throws {
        let made = try withoutInitialValues { try ModelZoo.make(name, classes: 4) }
        let model = try #require(made as? any AuxiliaryClassificationModel)
        model.fillWithWaves()
        #expect(model.auxiliaryWeight == weight)
        let x = Tensor.normal([2, 3, side, side], generator: Generator(seed: 2))
        let (main, auxiliary) = withoutGradients { model.eval().scores(x) }
        #expect(main.shape == [2, 4])
        #expect(auxiliary.isEmpty)
        #expect(withoutGradients { model(x) }.isAllClose(to: main))
    }

    @Test func theWholeOfGoogLeNetIsTrained() {
        Generator.$current.withValue(Generator(seed: 1)) {
            let model = withoutInitialValues { GoogLeNet(classes: 3) }
            model.fillWithWaves()
            let x = Tensor.normal([2, 3, 32, 32], generator: Generator(seed: 2))
            let (main, auxiliary) = model.scores(x)
            #expect(auxiliary.map(\.shape) == [[2, 3], [2, 3]])
            let labels = Tensor([0, 2])
            let loss = auxiliary.reduce(main.crossEntropy(labels)) {
                $0 + model.auxiliaryWeight * $1.crossEntropy(labels)
            }
            let gradients = loss.gradients()
            #expect(model.parameters.allSatisfy { gradients[$0] != nil })
            let alone = model(x).crossEntropy(labels).gradients()
            let unused = model.namedParameters.filter { alone[$0.parameter] == nil }.map(\.name)
            #expect(!unused.isEmpty && unused.allSatisfy { $0.hasPrefix("aux") })
        }
    }

    @Test func aPictureTooSmallForTheHeadOfInceptionIsTrainedWithoutIt() {
        let model = withoutInitialValues { InceptionV3(classes: 3) }
        model.fillWithWaves()
        let scores = withoutGradients { model.scores(Tensor.normal([2, 3, 96, 96], generator: Generator(seed: 2))) }
        #expect(scores.main.shape == [2, 3])
        #expect(scores.auxiliary.isEmpty)
    }

    @Test func aTaskAddsTheLossesOfAuxiliaryHeadsInTraining() {
        let model = withoutInitialValues { GoogLeNet(classes: 3, dropout: 0, auxiliaryDropout: 0) }
        model.fillWithWaves()
        let task = ClassificationTask(model)
        let x = Tensor.normal([2, 3, 32, 32], generator: Generator(seed: 2))
        let labels = Tensor([0, 2])
        let batch = Batch(fields: [x, labels], indices: [0, 1], number: 0)
        withoutGradients {
            let (main, auxiliary) = model.scores(x)
            let parts = auxiliary.map { $0.crossEntropy(labels).item() }
            let expected = main.crossEntropy(labels).item() + 0.3 * parts.reduce(0, +)
            #expect(abs(task.assess(batch, in: .training).loss.item() - expected) < 1e-5)
            model.eval()
            let alone = model(x).crossEntropy(labels).item()
            #expect(abs(task.assess(batch, in: .validation).loss.item() - alone) < 1e-5)
        }
    }

    @Test func thePublishedNormalisationIsOneOfHalves() {
        let model = withoutInitialValues { GoogLeNet(classes: 3) }.eval()
        model.fillWithWaves()
        let pixels = Tensor.normal([1, 3, 32, 32], generator: Generator(seed: 2))
        let means = Tensor([0.485, 0.456, 0.406] as [Float], shape: [3, 1, 1])
        let deviations = Tensor([0.229, 0.224, 0.225] as [Float], shape: [3, 1, 1])
        let halves = withoutGradients { model((pixels - 0.5) / 0.5) }
        model.transformsInput = true
        let imageNets = withoutGradients { model((pixels - means) / deviations) }
        #expect(imageNets.isAllClose(to: halves, relativeTolerance: 1e-3, absoluteTolerance: 1e-3))
    }
}

extension Module {
    /// Gives every parameter numbers between -0.1 and 0.1, faster than they could be drawn.
    func fillWithWaves() {
        for parameter in parameters where parameter.shape.count > 1 {
            let numbers = Tensor.arange(parameter.elementCount).to(.float32)
            parameter.value = ((numbers * 0.7).sin() * 0.1).reshaped(parameter.shape)
        }
    }
}
