import Cresset
import CressetData
import CressetNN
import CressetOptim
import CressetTrain
import CressetVision
import Testing

/// What a recipe's parts do in the loop.
@Suite struct RecipeRunTests {
    /// Points of two classes.
    private struct Points: Dataset {
        let count: Int
        func read(_ index: Int, context: SampleContext, into sample: inout SampleWriter) throws {
            var random = SampleRandom(seed: 3, epoch: 0, index: index)
            let numbers = (0..<4).map { _ in Float(random.uniform(in: -1...1) + Double(index % 2)) }
            try sample.append(Tensor(numbers, shape: [4]))
            try sample.append(Tensor([Int64(index % 2)], shape: []))
        }
    }

    private static func model() -> Sequential {
        Generator.$current.withValue(Generator(seed: 5)) { Sequential(Linear(4, 3), ReLU(), Linear(3, 2)) }
    }

    private func train(
        _ model: Sequential, epochs: Int = 1, batchSize: Int, count: Int = 12, observers: [any TrainingObserver] = [],
        _ change: (inout Recipe) -> Void = { _ in }
    ) throws -> Ending {
        var recipe = Recipe(try SGD(model.parameters, lr: 0.5, momentum: 0.9), epochs: epochs)
        change(&recipe)
        let loop = TrainingLoop(ClassificationTask(model), recipe)
        loop.observers = observers
        return try loop.run(training: DataLoader(Points(count: count), batchSize: batchSize))
    }

    private func values(_ model: Sequential) -> [Float] {
        model.stateDict().flatMap { $0.tensor.scalars(as: Float.self) }
    }

    /// Twelve points in batches of 4, four of them a step: 8 + 4 points, as in batches of 8.
    @Test(arguments: [(12, 4, 2), (10, 3, 2), (12, 2, 4)])
    func accumulatedBatchesAreOneLargeOne(_ count: Int, _ small: Int, _ batches: Int) throws {
        let (whole, parts) = (Self.model(), Self.model())
        _ = try train(whole, epochs: 2, batchSize: small * batches, count: count)
        _ = try train(parts, epochs: 2, batchSize: small, count: count) { $0.accumulatedBatches = batches }
        let differences = zip(values(whole), values(parts)).map { abs($0 - $1) }
        #expect(differences.max()! < 1e-6, "\(differences)")
        #expect(values(whole) != values(Self.model()))
    }

    @Test func accumulatedStepsAreCountedByTheSchedule() throws {
        let model = Self.model()
        final class Last: TrainingObserver {
            var rate = 0.0
            func observe(_ event: TrainingEvent, of loop: TrainingLoop) { rate = loop.recipe.optimizer.learningRate }
        }
        let last = Last()
        // Five batches are three steps.
        _ = try train(model, batchSize: 2, count: 10, observers: [last]) {
            $0.accumulatedBatches = 2
            $0.schedule = .eachStep(StepLR(stepSize: 1, gamma: 0.5))
        }
        #expect(last.rate == 0.0625)
    }

    @Test func frozenParametersWaitForTheirEpoch() throws {
        let model = Self.model()
        final class Diary: TrainingObserver {
            let body: Parameter
            var changes: [Bool] = []
            private var before: [Float]
            init(_ body: Parameter) {
                self.body = body
                before = body.value.scalars(as: Float.self)
            }
            func observe(_ event: TrainingEvent, of loop: TrainingLoop) {
                guard case .epochEnded = event else { return }
                let now = body.value.scalars(as: Float.self)
                changes.append(now != before)
                before = now
            }
        }
        let diary = Diary(model.parameters[0])
        _ = try train(model, epochs: 4, batchSize: 4, observers: [diary]) {
            $0.freezing = Freezing(Array(model.parameters.prefix(2)), epochs: 2)
        }
        #expect(diary.changes == [false, false, true, true])
    }

    @Test func patienceEndsARunThatGetsNoBetter() throws {
        final class Counter: TrainingObserver {
            var count = 0
            func observe(_ event: TrainingEvent, of loop: TrainingLoop) { if case .epochEnded = event { count += 1 } }
        }
        let counter = Counter()
        let ending = try train(Self.model(), epochs: 20, batchSize: 4, observers: [counter, Patience(3)]) {
            $0.optimizer.learningRate = 0
        }
        #expect(ending == .stopped("no improvement in 3 epochs") && counter.count == 4)
    }

    @Test func noEpochBeginsThatWouldNotEndInTime() throws {
        final class Clock: TrainingObserver {
            var seconds = 0.0
            var epochs = 0
            func observe(_ event: TrainingEvent, of loop: TrainingLoop) {
                if case .batchEnded = event { seconds += 1 }
                if case .epochEnded = event { epochs += 1 }
            }
        }
        // Three batches an epoch, a second each.
        for (limit, epochs) in [(10.0, 3), (9, 3), (8.9, 2), (2, 0)] {
            let clock = Clock()
            let budget = TimeBudget(.seconds(limit)) { .seconds(clock.seconds) }
            let ending = try train(Self.model(), epochs: 20, batchSize: 4, observers: [clock, budget])
            #expect(ending == .stopped("the time is up") && clock.epochs == epochs, "\(limit): \(clock.epochs)")
        }
    }

    @Test func mixturesDependOnSeedEpochAndBatchAlone() throws {
        struct Pictures: Dataset {
            let count = 8
            func read(_ index: Int, context: SampleContext, into sample: inout SampleWriter) throws {
                try sample.append(Tensor([Float](repeating: Float(index), count: 48), shape: [3, 4, 4]))
                try sample.append(Tensor([Int64(index % 2)], shape: []))
            }
        }
        let loader = DataLoader(Pictures(), batchSize: 4)
        let transforms: [any BatchTransform] = [MixUp(alpha: 0.5, classes: 2), CutMix(classes: 2)]
        func inputs(_ seed: UInt64, epoch: Int, from start: Int = 0) throws -> [[Float]] {
            let batches = MixedBatches(loader, transforms, seed: seed).batches(epoch: epoch, startingAt: start)
            var all: [[Float]] = []
            while let batch = try batches.next() {
                #expect(batch.labels.shape == [4, 2])
                all.append(batch.inputs.scalars(as: Float.self))
            }
            return all
        }
        let first = try inputs(1, epoch: 0)
        #expect(try inputs(1, epoch: 0) == first)
        #expect(try inputs(1, epoch: 0, from: 1) == Array(first.dropFirst()))
        #expect(try inputs(1, epoch: 1) != first && inputs(2, epoch: 0) != first)
    }

    @Test func theTaskUnderstandsMixedLabels() {
        let model = Self.model()
        let inputs = Tensor([Float](repeating: 0.5, count: 8), shape: [2, 4])
        let plain = Batch(fields: [inputs, Tensor([Int64(0), 1], shape: [2])], indices: [0, 1], number: 0)
        let mixed = Batch(
            fields: [inputs, Tensor([Float(0.75), 0.25, 0.25, 0.75], shape: [2, 2])], indices: [0, 1], number: 0)
        let task = ClassificationTask(model)
        let (a, b) = (task.assess(plain, in: .training), task.assess(mixed, in: .training))
        #expect(a.sums["accuracy"]?.item() == 1 && b.sums["accuracy"]?.item() == 1 && b.count == 2)
        // Both samples are the same, so the mixtures' losses have the same mean.
        #expect(abs(a.loss.detached().item() - b.loss.detached().item()) < 1e-6)
    }

    /// Three of four in one class and one of one in the other: (3/4 + 1) / 2.
    @Test func balancedAccuracyIsTheMeanOfTheClasses() throws {
        let model = Linear(2, 2, bias: false)
        model.weight.value = Tensor([Float(1), 0, 0, 1], shape: [2, 2])
        var task = ClassificationTask(model)
        task.metric = "balanced_accuracy"
        task.classCounts = [.training: [4, 1], .validation: [4, 1]]
        let inputs = Tensor([Float(1), 0, 1, 0, 1, 0, 0, 1, 0, 1], shape: [5, 2])
        let labels = Tensor([Int64(0), 0, 0, 0, 1], shape: [5])
        let data = DataLoader(TensorDataset(inputs, labels), batchSize: 2)
        let figures = try task.evaluate(on: data)
        #expect(figures["accuracy"] == 0.8 && abs((figures["balanced_accuracy"] ?? 0) - 0.875) < 1e-12)
        let worse = Figures(count: 5, loss: 0, scores: ["accuracy": 0.9, "balanced_accuracy": 0.8])
        #expect(task.isBetter(figures, than: worse))
        task.metric = "loss"
        #expect(!task.isBetter(figures, than: worse))
    }

    /// `f1_score(labels, predictions, labels=range(4), average="macro", zero_division=numpy.nan)` of scikit-learn 1.9.1; the
    /// fourth class has no samples and is not named.
    @Test func macroF1IsScikitLearns() throws {
        let model = Linear(4, 4, bias: false)
        model.weight.value = Tensor((0..<16).map { Float($0 % 5 == 0 ? 1 : 0) }, shape: [4, 4])
        var task = ClassificationTask(model)
        task.metric = "f1"
        task.classCounts = [.validation: [4, 2, 1, 0]]
        let predictions = [0, 0, 1, 0, 1, 0, 1], labels: [Int64] = [0, 0, 0, 0, 1, 1, 2]
        let inputs = Tensor(predictions.flatMap { row in (0..<4).map { Float($0 == row ? 1 : 0) } }, shape: [7, 4])
        let data = TensorDataset(inputs, Tensor(labels, shape: [7]))
        for batchSize in [1, 3, 7] {
            let figures = try task.evaluate(on: DataLoader(data, batchSize: batchSize))
            #expect(abs((figures["f1"] ?? 0) - 0.3833333333333333) < 1e-15)
        }
        var confusion = ConfusionMatrix(classCount: 4)
        for (label, prediction) in zip(labels, predictions) { confusion.add(label: Int(label), prediction: prediction) }
        #expect(try task.evaluate(on: DataLoader(data, batchSize: 7))["f1"] == confusion.classes.mean(\.f1))
        let worse = Figures(count: 7, loss: 0, scores: ["accuracy": 0.9, "f1": 0.3])
        #expect(task.isBetter(try task.evaluate(on: DataLoader(data, batchSize: 7)), than: worse))
    }
}
