import Cresset
import CressetData
import CressetNN
import CressetOptim
import CressetTrain
import Testing

/// Networks whose head is no linear layer, or not the only one.
@Suite struct ClassificationTaskTests {
    /// Squares whose left or right half is bright.
    private static func pictures(_ count: Int) -> TensorDataset {
        let generator = Generator(seed: 9)
        let noise = Generator.$current.withValue(generator) { Tensor.uniform([count, 1, 6, 6]) }
        let labels = (0..<count).map { Int64($0 % 2) }
        let bright: [Float] = labels.flatMap { label in (0..<36).map { ($0 % 6 < 3) == (label == 0) ? 1 : 0 } }
        return TensorDataset(noise + Tensor(bright, shape: [count, 1, 6, 6]), Tensor(labels))
    }

    private static func loader() -> DataLoader<TensorDataset> {
        DataLoader(pictures(32), batchSize: 8, shuffles: true, seed: 2)
    }

    /// SqueezeNet's kind of head: a 1x1 convolution to a channel per class, averaged over all places.
    @Test func aHeadThatIsAConvolution() throws {
        let generator = Generator(seed: 4)
        let network = Generator.$current.withValue(generator) {
            Sequential(
                Conv2d(1, 4, kernelSize: 6, padding: 2), ReLU(), Conv2d(4, 2, kernelSize: 1), AdaptiveAvgPool2d(1),
                Flatten())
        }
        let loop = TrainingLoop(
            ClassificationTask(network, labelSmoothing: 0.1),
            Recipe(try AdamW(network.parameters, lr: 0.02), epochs: 8), generator: generator)
        loop.observers = [BestWeights()]
        try loop.run(training: Self.loader(), validation: Self.loader())
        #expect(try #require(loop.best).figures["accuracy"] == 1)
        #expect(try ClassificationTask(network).evaluate(on: Self.loader())["accuracy"] == 1)
    }

    /// Two heads, the second for training only: GoogLeNet's and Inception's.
    private final class TwoHeads: Layer {
        var isTraining = true
        let body = Conv2d(1, 4, kernelSize: 3, stride: 3)
        let head = Linear(16, 2)
        let auxiliary = Linear(16, 2)
        func forward(_ x: Tensor) -> Tensor { head(features(x)) }
        func features(_ x: Tensor) -> Tensor { body(x).relu().flattened(from: 1) }
    }

    private struct AuxiliaryTask: TrainingTask {
        let network: TwoHeads
        var module: any Module { network }
        var scoreNames: [String] { ["accuracy"] }

        func assess(_ batch: Batch, in phase: Phase) -> Assessment {
            guard phase == .training else { return ClassificationTask(network).assess(batch, in: phase) }
            let features = network.features(batch.inputs)
            let scores = network.head(features)
            let loss =
                scores.crossEntropy(batch.labels) + 0.3 * network.auxiliary(features).crossEntropy(batch.labels)
            let correct = (scores.detached().argmax(axis: 1) .== batch.labels).to(.int64).sum()
            return Assessment(loss: loss, count: batch.count, sums: ["accuracy": correct])
        }
    }

    @Test func anAuxiliaryHeadLearnsInTrainingOnly() throws {
        let network = Generator.$current.withValue(Generator(seed: 1)) { TwoHeads() }
        let before = network.auxiliary.weight.value.scalars(as: Double.self)
        let loop = TrainingLoop(
            AuxiliaryTask(network: network), Recipe(try Adam(network.parameters, lr: 0.01), epochs: 10))
        try loop.run(training: Self.loader(), validation: Self.loader())
        let best = try #require(loop.best)
        #expect(best.figures["accuracy"]! > 0.9)
        #expect(network.auxiliary.weight.value.scalars(as: Double.self) != before)
    }

    /// Values of PyTorch 2.13: cross_entropy(scores, labels, weight=(1, 3), label_smoothing=0.1), and without both.
    @Test func smoothingAndWeightsAreForTraining() {
        let task = ClassificationTask(Identity(), labelSmoothing: 0.1, classWeights: Tensor([1, 3] as [Float]))
        let batch = Batch(
            fields: [Tensor([2, -1, 0.5, 1] as [Float], shape: [2, 2]), Tensor([0, 1] as [Int64])], indices: [0, 1],
            number: 0)
        let training = task.assess(batch, in: .training), validation = task.assess(batch, in: .validation)
        #expect(abs(training.loss.item() - 0.47581733521335645) < 1e-6)
        #expect(abs(validation.loss.item() - 0.2613321678769243) < 1e-6)
        #expect(validation.sums["accuracy"]?.item() == 2)
    }
}
