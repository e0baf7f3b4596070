import Cresset
import CressetData
import CressetNN
import CressetOptim
import CressetTrain
import Testing

/// The loop where there is little or nothing to do, and where it ends before its time.
@Suite struct LoopEdgeTests {
    private struct Points: Dataset {
        let count: Int
        func read(_ index: Int, context: SampleContext, into sample: inout SampleWriter) throws {
            try sample.append(Tensor([Float(index), 1], shape: [2]))
            try sample.append(Tensor([Float(index)], shape: [1]))
        }
    }

    private struct Fitting: TrainingTask {
        let network: any Layer
        var module: any Module { network }
        func assess(_ batch: Batch, in phase: Phase) -> Assessment {
            Assessment(loss: (network(batch.inputs) - batch.labels).squared().mean(), count: batch.count)
        }
    }

    private final class Observer: TrainingObserver {
        let body: (TrainingEvent, TrainingLoop) throws -> Void
        init(_ body: @escaping (TrainingEvent, TrainingLoop) throws -> Void) { self.body = body }
        func observe(_ event: TrainingEvent, of loop: TrainingLoop) throws { try body(event, loop) }
    }

    /// Counts how often its batches were given up.
    private final class Source: BatchSource, BatchIterator {
        let loader: DataLoader<Points>
        var stream: BatchStream?
        var cancelled = 0

        init(_ loader: DataLoader<Points>) { self.loader = loader }

        var batchCount: Int { loader.batchCount }
        func batches(epoch: Int, startingAt start: Int) -> Source {
            stream = loader.batches(epoch: epoch)
            return self
        }
        func next() throws -> Batch? { try stream?.next() }
        func cancel() { cancelled += 1 }
    }

    private struct Enough: Error {}

    private let network = Generator.$current.withValue(Generator(seed: 1)) {
        Sequential(Linear(2, 4), BatchNorm1d(4), Linear(4, 1))
    }

    private func loader(_ count: Int = 8) -> DataLoader<Points> { DataLoader(Points(count: count), batchSize: 4) }

    private func loop(epochs: Int = 2, _ change: (inout Recipe) -> Void = { _ in }) throws -> TrainingLoop {
        var recipe = Recipe(try SGD(network.parameters, lr: 0.001), epochs: epochs)
        change(&recipe)
        return TrainingLoop(Fitting(network: network), recipe)
    }

    @Test func aPassWithoutSamplesIsAnError() throws {
        let loop = try loop { $0.smallestBatch = 2 }
        let training = #expect(throws: NoSamples.self) { try loop.run(training: loader(0)) }
        #expect(training?.phase == .training && loop.best == nil)
        #expect("\(try #require(training))".contains("the training data gave no batch of 2 or more samples\n  hint: "))
        #expect(throws: NoSamples.self) { try loop.run(training: loader(1)) }
        let validation = #expect(throws: NoSamples.self) { try loop.run(training: loader(), validation: loader(0)) }
        #expect(validation?.phase == .validation)
    }

    @Test func batchesAreGivenUpWhenTheRunEndsInTheMiddle() throws {
        let source = Source(loader())
        let loop = try loop()
        loop.observers = [Observer { event, _ in if case .batchEnded = event { throw Enough() } }]
        #expect(throws: Enough.self) { try loop.run(training: source) }
        #expect(source.cancelled == 1)
        loop.observers = [Observer { event, loop in if case .batchEnded = event { loop.stop("enough") } }]
        try loop.run(training: source)
        #expect(source.cancelled == 2)
        loop.observers = []
        try loop.run(training: source)
        #expect(source.cancelled == 2, "nothing is left of a pass that was completed")
    }

    @Test(arguments: ["model.safetensors", "model.pth"])
    func weightsAreSavedEvenIfTheFirstEpochIsStopped(name: String) throws {
        let folder = TemporaryFolder()
        let path = folder.path + "/" + name
        let loop = try loop()
        let file = BestWeightsFile(path)
        loop.observers = [file, Observer { event, loop in if case .batchEnded = event { loop.stop("enough") } }]
        #expect(try loop.run(training: loader()) == .stopped("enough"))
        #expect(file.hasWeights)
        try network.load(Checkpoint.load(path))
    }

    @Test func aLoopRunsAgainAfterItWasStopped() throws {
        let loop = try loop(epochs: 1)
        var batches = 0
        loop.observers = [
            Observer { event, loop in
                guard case .batchEnded = event else { return }
                batches += 1
                if batches == 1 { loop.stop("enough") }
            }
        ]
        #expect(try loop.run(training: loader()) == .stopped("enough"))
        #expect(try loop.run(training: loader()) == .finished && batches == 3)
        loop.stop("before it began")
        #expect(try loop.run(training: loader()) == .stopped("before it began") && batches == 3)
    }

    /// A batch of one has no variance: it is left out of the averaged network's statistics as well.
    @Test func smallBatchesAreLeftOutOfStatistics() throws {
        let loop = try loop {
            $0.smallestBatch = 2
            $0.averaging = WeightAveraging(.mean)
        }
        #expect(try loop.run(training: loader(9)) == .finished)
        let norm = try #require(network[1] as? BatchNorm1d)
        #expect(norm.numBatchesTracked?.value.item() == 2)
    }

    @Test func recipesThatCannotWorkAreRefusedBeforeTheFirstEpoch() async {
        await #expect(processExitsWith: .failure) {
            _ = try LoopEdgeTests().loop { $0.schedule = .onPlateau(of: "accuracy") }
        }
        await #expect(processExitsWith: .failure) {
            let network = Linear(2, 1)
            var recipe = Recipe(try LBFGS(network.parameters, lr: 1), epochs: 1)
            recipe.clipping = .norm(1)
            _ = TrainingLoop(Fitting(network: network), recipe)
        }
    }
}
