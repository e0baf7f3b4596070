import Cresset
import CressetData
import CressetNN
import CressetOptim
import CressetTrain
import Testing

/// The loop with parts of one's own: whatever is not a folder of pictures.
@Suite struct TrainingLoopTests {
    /// A dataset of its own: points of a line with noise, y = 3x - 1.
    private struct Line: Dataset {
        let count: Int
        func read(_ index: Int, context: SampleContext, into sample: inout SampleWriter) throws {
            if index == 5 { throw Broken() }
            var random = SampleRandom(seed: 1, epoch: 0, index: index)
            let x = Double(index) / Double(count) * 2 - 1
            try sample.append(Tensor([Float(x)], shape: [1]))
            try sample.append(Tensor([Float(3 * x - 1 + random.uniform(in: -0.01...0.01))], shape: [1]))
        }
    }

    private struct Broken: Error {}

    /// A task of its own: Huber's loss, and the mean magnitude of the error.
    private struct Regression: TrainingTask {
        let network: any Layer
        let scoreNames = ["error"]
        var module: any Module { network }

        func assess(_ batch: Batch, in phase: Phase) -> Assessment {
            let difference = network(batch.inputs) - batch.labels
            let size = difference.abs()
            let loss = Tensor.select(size .< 1, difference * difference * 0.5, size - 0.5).mean()
            return Assessment(loss: loss, count: batch.count, sums: ["error": size.sum()], outputs: batch.labels)
        }
    }

    /// A schedule of its own.
    private struct Halving: Schedule {
        func learningRate(at step: Int, base: Double, group: Int) -> Double { base / Double(1 << min(step, 20)) }
    }

    /// An observer of its own: writes down what it is told, and may have seen enough.
    private final class Diary: TrainingObserver {
        var lines: [String] = []
        var epochs: [EpochResult] = []
        var enough: (EpochResult) -> Bool = { _ in false }

        func observe(_ event: TrainingEvent, of loop: TrainingLoop) {
            switch event {
            case .runBegan: lines.append("began")
            case .epochBegan(let epoch): lines.append("epoch \(epoch)")
            case .phaseBegan(let phase, _, let count): lines.append("\(phase.rawValue) of \(count)")
            case .batchEnded(let batch): lines.append("batch \(batch.number)")
            case .samplesFailed(let problems): lines.append("failed \(problems.map(\.index))")
            case .phaseEnded(let result): lines.append("\(result.phase.rawValue) \(result.figures.count)")
            case .checkpoint: break
            case .improved: lines.append("improved")
            case .epochEnded(let epoch):
                epochs.append(epoch)
                if enough(epoch) { loop.stop("enough") }
            case .runEnded(let ending): lines.append("\(ending)")
            case .runFailed(let error): lines.append("failed: \(error)")
            }
        }
    }

    private let generator = Generator(seed: 3)
    private let diary = Diary()

    private func network() -> Sequential {
        Generator.$current.withValue(generator) { Sequential(Linear(1, 8), Tanh(), Linear(8, 1)) }
    }

    private func loader(_ count: Int = 20) -> DataLoader<Line> {
        DataLoader(Line(count: count), batchSize: 8, shuffles: true, seed: 1)
    }

    /// The same samples in every pass, in their own order.
    private func others(_ count: Int = 20) -> DataLoader<Line> { DataLoader(Line(count: count), batchSize: 8) }

    @Test func anythingTrainsWithPartsOfItsOwn() throws {
        let network = network()
        var recipe = Recipe(try RAdam(network.parameters, lr: 0.1), epochs: 3)
        recipe.schedule = .eachEpoch(Halving())
        recipe.clipping = .norm(1)
        let loop = TrainingLoop(Regression(network: network), recipe, generator: generator)
        loop.observers = [diary]
        #expect(try loop.run(training: loader(), validation: others(10)) == .finished)
        #expect(
            diary.lines.prefix(12) == [
                "began", "epoch 1", "train of 3", "batch 0", "batch 1", "batch 2", "failed [5]", "train 19", "val of 2",
                "batch 0", "batch 1", "val 9",
            ])
        #expect(diary.lines[12] == "improved" && diary.lines.last == "finished")
        #expect(diary.lines.count { $0.hasPrefix("failed") } == 1, "each sample is reported once")
        #expect(diary.epochs.map(\.learningRate) == [0.1, 0.05, 0.025])
        let figures = try #require(diary.epochs.last?.figures)
        #expect(figures.loss < diary.epochs[0].figures.loss && figures["error"]! > 0)
        let judged = try Regression(network: network).evaluate(on: others(10))
        #expect(judged == figures)
    }

    @Test func theLoopByHandGivesTheSameWeights() throws {
        let (network, other) = (network(), self.network())
        try other.load(network.stateDict())
        let sgd = try SGD(network.parameters, lr: 0.05, momentum: 0.9)
        try TrainingLoop(Regression(network: network), Recipe(sgd, epochs: 2)).run(training: loader())

        let optimizer = try SGD(other.parameters, lr: 0.05, momentum: 0.9)
        for epoch in 0..<2 {
            let batches = loader().batches(epoch: epoch)
            while let batch = try batches.next() {
                let loss = Regression(network: other).assess(batch, in: .training).loss
                optimizer.step(loss.gradients())
            }
        }
        for (own, theirs) in zip(network.stateDict(), other.stateDict()) {
            #expect(own.tensor.scalars(as: Double.self) == theirs.tensor.scalars(as: Double.self))
        }
    }

    @Test func anObserverEndsTheRun() throws {
        let network = network()
        let loop = TrainingLoop(Regression(network: network), Recipe(try Adam(network.parameters, lr: 0.01), epochs: 9))
        let best = BestWeights()
        loop.observers = [best, diary]
        diary.enough = { $0.epoch == 2 }
        #expect(try loop.run(training: loader()) == .stopped("enough"))
        #expect(diary.epochs.count == 2 && diary.epochs[1].validation == nil)
        #expect(best.state != nil)
    }

    /// A task whose third batch has no loss.
    private struct Spoilt: TrainingTask {
        let task: Regression
        var module: any Module { task.module }
        func assess(_ batch: Batch, in phase: Phase) -> Assessment {
            let loss = task.assess(batch, in: phase).loss
            return Assessment(loss: batch.number == 2 ? loss * Double.infinity : loss, count: batch.count)
        }
    }

    @Test func aLossThatIsNoNumberEndsTheRunBeforeItReachesTheWeights() throws {
        let network = network()
        let task = Spoilt(task: Regression(network: network))
        let loop = TrainingLoop(task, Recipe(try SGD(network.parameters, lr: 0.1), epochs: 9))
        loop.observers = [diary]
        let failure = try #require(throws: LossNotFinite.self) { try loop.run(training: loader()) }
        #expect(failure.phase == .training && failure.epoch == 1 && failure.batch == 3 && failure.loss == .infinity)
        #expect(network.stateDict().nonFiniteNames.isEmpty)
        #expect(diary.lines.last?.hasPrefix("failed: the training loss is not a finite number") == true)
    }

    @Test func aPlateauLowersTheRate() throws {
        let network = network()
        var recipe = Recipe(try SGD(network.parameters, lr: 0), epochs: 4)
        recipe.optimizer.learningRate = 1e-12
        recipe.schedule = .onPlateau(.init(factor: 0.5, patience: 0, epsilon: 0), of: "error")
        let loop = TrainingLoop(Regression(network: network), recipe)
        loop.observers = [diary]
        try loop.run(training: loader(), validation: others())
        #expect(diary.epochs.map(\.learningRate) == [1e-12, 1e-12, 5e-13, 2.5e-13])
    }

    @Test func lbfgsEvaluatesTheLossItself() throws {
        let network = network()
        let recipe = Recipe(try LBFGS(network.parameters, lr: 0.5), epochs: 3)
        let loop = TrainingLoop(Regression(network: network), recipe)
        try loop.run(training: DataLoader(Line(count: 20), batchSize: 20))
        #expect(try #require(loop.best).figures.loss < 0.05)
    }

    /// Polyak averages of every step: what validation sees and the network keeps.
    @Test func averagedWeightsAreJudgedAndKept() throws {
        let network = network()
        var recipe = Recipe(try SGD(network.parameters, lr: 0.1), epochs: 2)
        recipe.averaging = WeightAveraging(.exponential(decay: 0.5))
        let loop = TrainingLoop(Regression(network: network), recipe)
        loop.observers = [diary]
        try loop.run(training: loader(), validation: others())
        let average = try #require(loop.average)
        #expect(average.updateCount == 6)
        for (own, averaged) in zip(network.stateDict(), average.stateDict()) {
            #expect(own.tensor.scalars(as: Double.self) == averaged.tensor.scalars(as: Double.self))
        }
        let judged = try Regression(network: network).evaluate(on: others())
        #expect(judged == diary.epochs[1].validation?.figures)
    }
}
