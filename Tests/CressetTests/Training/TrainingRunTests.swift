import Cresset
import CressetCommands
import CressetData
import CressetNN
import CressetTrain
import CressetVision
import Foundation
import Testing

/// Runs on folders of pictures of 32 pixels, with a network of a few weights.
@Suite struct TrainingRunTests {
    private let folder = TemporaryFolder()
    private let lines = Lines()
    private let problems = Lines()

    private static let preprocessing = Preprocessing(cropSize: 32, resizeSize: 36)

    private func options(_ change: (inout TrainingOptions) -> Void = { _ in }) -> TrainingOptions {
        var options = TrainingOptions()
        options.epochs = 3
        options.batchSize = 4
        options.learningRate = 0.1
        options.weights = "none"
        change(&options)
        return options
    }

    private static func model() -> Sequential {
        Sequential(
            Conv2d(3, 8, kernelSize: 3, stride: 2, bias: false), BatchNorm2d(8), ReLU(), AdaptiveAvgPool2d(1),
            Flatten(),
            Linear(8, 2))
    }

    /// A run that writes to the folder `run`, and its model.
    private func make(
        _ options: TrainingOptions, run: String = "run", model: (any Layer)? = nil
    ) throws -> (TrainingRun, any Layer) {
        let data = try TrainingData(folder.path + "/data", preprocessing: Self.preprocessing)
        let record = RunRecord(
            model: RunRecord.Model(name: "small", classCount: 2), classes: data.train.classes,
            preprocessing: Self.preprocessing, options: options,
            data: RunRecord.Data(
                path: "data", trainCount: data.train.count, validationCount: data.validation.count, skipped: []))
        let own = Generator.$current.withValue(Generator(seed: options.seed)) { Self.model() }
        let model = model ?? own
        let run = try TrainingRun(
            model: model, data: data, record: record, folder: RunFolder.create(at: folder.path + "/" + run))
        return (run, model)
    }

    @discardableResult
    private func train(_ run: TrainingRun) throws -> Ending {
        try run.train(
            observers: [
                TrainingReport(run, note: "random weights", results: lines.terminal, progress: problems.terminal)
            ])
    }

    @Test func learnsAndKeepsTheBestWeights() throws {
        try folder.drawPictures(train: 8, validation: 4)
        let (run, model) = try make(options { $0.epochs = 6 })
        #expect(try train(run) == .finished)
        let rows = try folder.figures(of: "run").dropFirst().map { $0.compactMap(Double.init) }
        #expect(rows.count == 6)
        let best = try #require(run.record.best)
        #expect(best.validationAccuracy == 1, "dark and light are told apart: \(lines.text)")
        #expect(rows.map { $0[5] }.max() == best.validationAccuracy)
        #expect(rows[best.epoch - 1][4] == best.validationLoss)
        #expect(rows.filter { $0[5] == 1 }.map { $0[4] }.min() == best.validationLoss, "of equals the lowest loss")
        #expect(rows.last![2] < rows[0][2], "the loss falls")
        #expect(try folder.record(of: "run").state == .finished)
        let kept = try Checkpoint.load(run.record.best.map { _ in folder.path + "/run/model.safetensors" }!)
        for (name, tensor) in model.stateDict() {
            #expect(kept[name]?.scalars(as: Double.self) == tensor.scalars(as: Double.self), "\(name)")
        }
        #expect(lines.text.contains("best so far"))
        // Behind its time in whole seconds, every line that was printed.
        let log = try folder.text("run/log.txt").split(separator: "\n")
        #expect(log.allSatisfy { $0.prefix(21).hasSuffix("Z ") })
        let printed = Set((lines.text + problems.text).split(separator: "\n"))
        #expect(printed.isSubset(of: log.map { $0.dropFirst(21) }))
    }

    /// Two batches of four and one of a single picture, which batch normalisation could not take a variance of.
    @Test func aLastBatchOfOneIsLeftOut() throws {
        try folder.drawPictures(train: 9, validation: 4)
        let model = Sequential(
            AdaptiveAvgPool2d(1), Conv2d(3, 4, kernelSize: 1), BatchNorm2d(4), ReLU(), Flatten(), Linear(4, 2))
        for (size, isNoted) in [(4, false), (17, true)] {
            let (run, _) = try make(
                options {
                    $0.epochs = 1
                    $0.batchSize = size
                }, run: "run\(size)", model: model)
            #expect(try train(run) == .finished)
            #expect(problems.text.contains("left out") == isNoted, "\(problems.text)")
        }
        let (run, _) = try make(options { $0.batchSize = 1 }, run: "single", model: model)
        #expect(throws: Failure.self) { try train(run) }
    }

    @Test func theSameSeedGivesTheSameNumbers() throws {
        try folder.drawPictures()
        for (name, workers, seed) in [("a", 2, 1), ("b", 2, 1), ("c", 0, 1), ("d", 3, 2)] {
            let (run, _) = try make(
                options {
                    $0.workers = workers
                    $0.seed = UInt64(seed)
                }, run: name)
            try train(run)
        }
        let figures = try ["a", "b", "c", "d"].map { try folder.figures(of: $0) }
        let weights = try ["a", "b", "c", "d"].map { try folder.bytes("\($0)/model.safetensors") }
        #expect(figures[0] == figures[1] && weights[0] == weights[1])
        #expect(figures[0] == figures[2] && weights[0] == weights[2], "the number of workers changes nothing")
        #expect(figures[0] != figures[3], "another seed, other numbers")
    }

    @Test func theLearningRateGoesDownInSteps() throws {
        try folder.drawPictures(train: 2, validation: 1)
        let (run, _) = try make(
            options {
                $0.epochs = 4
                $0.stepSize = 2
                $0.gamma = 0.5
            })
        try train(run)
        #expect(try folder.figures(of: "run").dropFirst().map { $0[1] } == ["0.1", "0.1", "0.05", "0.05"])
    }

    @Test func aLossThatIsNoNumberEndsTheRunWithTheBestWeightsKept() throws {
        try folder.drawPictures()
        let (run, _) = try make(
            options {
                $0.stepSize = 1
                $0.gamma = 1e37
            })
        let failure = Failure(try #require(throws: LossNotFinite.self) { try train(run) })
        #expect(failure.kind == .trainingFailed)
        #expect(failure.description.contains("the training loss is not a finite number"), "\(failure)")
        #expect(failure.description.contains("; the best weights so far are kept"))
        let record = try folder.record(of: "run")
        #expect(record.state == .failed)
        let best = try #require(record.best)
        let weights = try Checkpoint.load(folder.path + "/run/model.safetensors")
        for (name, tensor) in weights {
            let isFinite = tensor.scalars(as: Double.self).allSatisfy(\.isFinite)
            #expect(isFinite, "\(name) of epoch \(best.epoch)")
        }
    }

    @Test func aBrokenPictureIsNamedSkippedAndCounted() throws {
        try folder.drawPictures()
        try breakPictures(1)
        let (run, _) = try make(options())
        #expect(try train(run) == .finished)
        let data = try folder.record(of: "run").data
        #expect(data.totalSkipped == 1)
        #expect(
            data.skipped[0].contains("data/train/dark/broken0.png: damaged PNG: IDAT"), "\(data.skipped)")
        #expect(problems.text.components(separatedBy: "skipped: ").count == 2, "reported once: \(problems.text)")
        #expect(problems.text.contains("broken0.png"))
    }

    /// The beginning and end of these pictures are in order; the damage shows when they are decoded.
    private func breakPictures(_ count: Int) throws {
        var bytes = try PictureFixtures.pattern(width: 30, height: 20).png()
        bytes[60] ^= 1
        for number in 0..<count { _ = folder.file("data/train/dark/broken\(number).png", bytes) }
    }

    @Test func tooManyBrokenPicturesEndTheRunAfterTheirEpoch() throws {
        try folder.drawPictures()
        try breakPictures(2)
        let (run, _) = try make(options())
        let failure = try #require(throws: Failure.self) { try train(run) }
        #expect(failure.kind == .badData)
        #expect(failure.message.contains("data/train: 2 of 10 pictures cannot be used, such as "))
        let record = try folder.record(of: "run")
        #expect(record.state == .failed && record.best?.epoch == 1, "the weights of the epoch are kept")

        let (patient, _) = try make(options { $0.maxBad = "20%" }, run: "run2")
        #expect(try train(patient) == .finished)
    }

    @Test(arguments: ["train", "val"]) func picturesThatAreAllBrokenEndTheRunAtOnce(_ split: String) throws {
        try folder.drawPictures(train: 2, validation: 2)
        for name in TemporaryFolder.classes {
            for number in 0..<2 { _ = folder.file("data/\(split)/\(name)/\(number).jpg", [0xFF, 0xD8, 0xFF]) }
        }
        let failure = try #require(throws: Failure.self) { try make(options()) }
        #expect(failure.kind == .badData)
        #expect(failure.message.contains("data/\(split): none of the 2 pictures of the class dark can be used"))
    }

    /// A network whose scores are finite though one of its weights is not.
    private final class Spoilt: Layer {
        let body = TrainingRunTests.model()
        let unused = Linear(1, 1)
        init() { unused.weight.value = Tensor([Float.nan], shape: [1, 1]) }
        func forward(_ x: Tensor) -> Tensor { body(x) }
    }

    @Test func weightsThatAreNotFiniteAreNeverSaved() throws {
        try folder.drawPictures()
        let (run, _) = try make(options(), model: Spoilt())
        let failure = try #require(throws: Failure.self) { try train(run) }
        #expect(failure.kind == .trainingFailed)
        #expect(failure.message.contains("unused.weight"), "\(failure)")
        #expect(!run.hasWeights)
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/run/model.safetensors"))
        #expect(try folder.record(of: "run").state == .failed)
    }
}
