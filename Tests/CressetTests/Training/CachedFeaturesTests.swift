import Cresset
import CressetData
import CressetNN
import CressetOptim
import CressetTrain
import CressetVision
import Synchronization
import Testing

/// The features of a frozen body are computed once, and training on them is training on the pictures.
@Suite struct CachedFeaturesTests {
    /// Ten small pictures of two classes, of which one cannot be read; it counts how often they are.
    private final class Pictures: Dataset {
        struct Broken: Error {}
        let count = 10
        let reads = Mutex(0)

        func read(_ index: Int, context: SampleContext, into sample: inout SampleWriter) throws {
            reads.withLock { $0 += 1 }
            if index == 3 { throw Broken() }
            try sample.append(Tensor.normal([3, 32, 32], generator: Generator(seed: UInt64(index))))
            try sample.append(Tensor([Int64(index % 2)], shape: []))
        }
    }

    private let pictures = Pictures()
    private var loader: DataLoader<Pictures> { DataLoader(pictures, batchSize: 4, shuffles: true, seed: 7) }

    private func source(limit: Int = 1 << 20) -> CachedFeatures<Pictures> {
        CachedFeatures(loader, batchSize: 4, device: .cpu, limit: limit) { $0.mean(axes: [2, 3]) }
    }

    /// The batches of an epoch as text, in which equal numbers look equal.
    private func texts(_ batches: some BatchIterator, _ change: (Tensor) -> Tensor = { $0 }) throws -> [String] {
        var texts: [String] = []
        while let batch = try batches.next() {
            let numbers: [Float] = change(batch.inputs).scalars(), labels: [Int64] = batch.labels.scalars()
            texts.append("\(batch.number) \(batch.indices) \(labels) \(numbers)")
        }
        return texts
    }

    @Test func batchesAreThoseOfTheLoaderAndPicturesAreReadOnce() throws {
        let source = source()
        let found = try (0..<3).map { try texts(source.batches(epoch: $0, startingAt: 0)) }
        #expect(pictures.reads.withLock { $0 } == 10)
        #expect(source.unusableSamples.map(\.index) == [3])
        let expected = try (0..<3).map { epoch in
            try texts(loader.batches(epoch: epoch)) { $0.mean(axes: [2, 3]) }
        }
        #expect(found == expected && Set(found).count == 3)
    }

    @Test func anEpochMayBeginInTheMiddleOrEndThere() throws {
        let source = source(), whole = try texts(loader.batches(epoch: 2)) { $0.mean(axes: [2, 3]) }
        let first = source.batches(epoch: 2, startingAt: 0)
        _ = try first.next()
        first.cancel()
        let rest = try texts(source.batches(epoch: 2, startingAt: 1))
        #expect(rest == Array(whole.dropFirst()))
        pictures.reads.withLock { $0 = 0 }
        #expect(try texts(source.batches(epoch: 2, startingAt: 0)) == whole && pictures.reads.withLock { $0 } == 0)
    }

    @Test func moreThanTheLimitIsNotRemembered() throws {
        let source = source(limit: 10 * 3 * 4 - 1)
        for epoch in 0..<2 { _ = try texts(source.batches(epoch: epoch, startingAt: 0)) }
        #expect(pictures.reads.withLock { $0 } == 20)
    }

    private func options(_ augmentation: TrainingOptions.AugmentationName, mixUp: Double = 0) -> TrainingOptions {
        var options = TrainingOptions()
        (options.freezesBody, options.augmentation, options.mixUp) = (true, augmentation, mixUp)
        return options
    }

    @Test func whatIsRandomBeforeTheHeadIsNotRemembered() throws {
        func phases(_ name: String, _ options: TrainingOptions) throws -> Set<Phase>? {
            let model = try withoutInitialValues { try ModelZoo.make(name, classes: 2) }
            defer { #expect(model.isTraining) }
            return FrozenBody(model, options, side: 64, device: .cpu)?.phases
        }
        let both: Set<Phase> = [.training, .validation]
        #expect(try phases("resnet18", options(.none)) == both)
        // Dropout comes after the features.
        #expect(try phases("squeezenet1_1", options(.none)) == both)
        #expect(try phases("resnet18", options(.light)) == [.validation])
        #expect(try phases("resnet18", options(.none, mixUp: 0.2)) == [.validation])
        // Stochastic depth.
        #expect(try phases("efficientnet_b0", options(.none)) == [.validation])
        // Auxiliary heads read layers in the middle.
        #expect(try phases("googlenet", options(.none)) == nil)
        #expect(try phases("resnet18", TrainingOptions()) == nil)
    }

    @Test(arguments: [Precision.float32, .bfloat16]) func trainingOnFeaturesIsTrainingOnPictures(
        precision: Precision
    ) throws {
        let losses = try [false, true].map { remembers in
            let generator = Generator(seed: 3)
            return try Generator.$current.withValue(generator) {
                let model = try ModelZoo.make("mobilenet_v3_small", classes: 2)
                model.freezeBody()
                var options = options(.none)
                options.precision = precision
                var task = ClassificationTask(model, precision: precision)
                let body = try #require(FrozenBody(model, options, side: 32, device: .cpu))
                #expect(body.phases.count == 2)
                if remembers { task.featurePhases = body.phases }
                let loop = TrainingLoop(
                    task, Recipe(try SGD(model.parameters, lr: 0.1), epochs: 3), generator: generator)
                var losses: [Double] = []
                let diary = Diary { losses.append($0.training.figures.loss) }
                loop.observers = [diary]
                let source = try #require(body.source(.training, loader, batchSize: 4))
                try loop.run(training: remembers ? source : loader)
                return losses
            }
        }
        #expect(losses[0].count == 3 && losses[0][2] < losses[0][0])
        for (pictures, features) in zip(losses[0], losses[1]) {
            #expect(abs(pictures - features) <= (precision == .float32 ? 1e-5 : 1e-2) * pictures)
        }
    }

    private final class Diary: TrainingObserver {
        private let note: (EpochResult) -> Void

        init(_ note: @escaping (EpochResult) -> Void) { self.note = note }

        func observe(_ event: TrainingEvent, of loop: TrainingLoop) {
            if case .epochEnded(let result) = event { note(result) }
        }
    }
}
