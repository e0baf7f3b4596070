import Cresset
import CressetCommands
import CressetData
import CressetNN
import CressetTrain
import CressetVision
import Foundation
import Testing

/// Evaluating a run with random weights on a few small pictures.
@Suite struct EvaluationTests {
    private let folder = TemporaryFolder()
    private static let classes = ["light", "other", "dark"]

    /// Random weights, made once; the pictures are each test's own.
    // Safe: nothing of it changes.
    nonisolated(unsafe) private static let home = TemporaryFolder()
    private static let run = RunFolder(path: home.path)
    private static let classifier = Result {
        try record(classes: classes, data: "data").write(to: run)
        let generator = Generator(seed: 7)
        let model = try Generator.$current.withValue(generator) { try ModelZoo.make("resnet18", classes: 3) }
        try model.save(to: run.weightsPath)
        return try Classifier(run)
    }

    private static func record(classes: [String], data: String) -> RunRecord {
        RunRecord(
            model: RunRecord.Model(name: "resnet18", classCount: classes.count), classes: classes,
            preprocessing: Preprocessing(cropSize: 32, resizeSize: 36), options: TrainingOptions(),
            data: RunRecord.Data(path: data, trainCount: 4, validationCount: 6, skipped: []))
    }

    init() throws { try folder.drawPictures(train: 2, validation: 3) }

    private func pictures(
        _ data: String, classes: [String] = EvaluationTests.classes, maxBad: String? = nil
    ) throws -> LabelledPictures {
        try LabelledPictures(
            folder.path + "/" + data, for: Self.record(classes: classes, data: folder.path + "/data"),
            limit: maxBad.flatMap { BadPictureLimit($0) } ?? .standard, workers: 1)
    }

    private func evaluate(_ data: String, batchSize: Int? = nil, maxBad: String? = nil) throws -> EvaluationRun {
        var options = EvaluationRun.Options()
        (options.batchSize, options.workers) = (batchSize, 1)
        return try EvaluationRun(
            Self.classifier.get(), at: Self.run.path, pictures: pictures(data, maxBad: maxBad), options: options,
            progress: Lines().terminal)
    }

    private func failure(_ data: String, classes: [String] = EvaluationTests.classes) -> CressetTrain.Failure? {
        let error = #expect(throws: (any Error).self) { try pictures(data, classes: classes) }
        return error.map { CressetTrain.Failure($0) }
    }

    @Test func findsThePredictionsOfPredictToTheLastDigit() throws {
        let classifier = try Self.classifier.get()
        let evaluation = try evaluate("data").evaluation
        #expect(evaluation.classes == ["light", "other", "dark"])
        #expect(evaluation.pictures.count == 6)
        for picture in evaluation.pictures {
            let guesses = try classifier.predict(picture.path, count: 3)
            #expect(guesses[0].name == evaluation.classes[picture.prediction])
            #expect(guesses[0].probability == picture.probability)
            #expect(guesses[picture.rank].name == evaluation.classes[picture.label])
            #expect(guesses[picture.rank].probability == picture.labelProbability)
            #expect(abs(picture.loss + log(picture.labelProbability)) < 1e-6)
            #expect(picture.path.string.contains("/\(evaluation.classes[picture.label])/"))
        }
        for batchSize in [1, 4] {
            #expect(try evaluate("data/val", batchSize: batchSize).evaluation.pictures == evaluation.pictures)
        }
    }

    @Test func theLossIsThatOfTraining() throws {
        _ = try Self.classifier.get()
        let model = try ModelZoo.make("resnet18", classes: 3)
        try model.load(Checkpoint.load(Self.run.weightsPath))
        model.eval()
        let evaluation = try evaluate("data")
        let batch = try #require(try DataLoader(evaluation.pictures.folder, batchSize: 6).batches().next())
        let loss = withoutGradients { model(batch.inputs).crossEntropy(batch.labels) }
        #expect(abs(loss.item() - evaluation.evaluation.loss) < 1e-6)
    }

    @Test func choosesTheFolderAndMatchesClassesByName() throws {
        #expect(try pictures("data").folder.root.name == "val")
        #expect(try pictures("data/train").folder.root.name == "train")
        #expect(try pictures("data").warnings.contains("no pictures of other"))
        #expect(try pictures("data").warnings.contains { $0.contains("was chosen by its accuracy") })
        #expect(try pictures("data/train").warnings.contains { $0.contains("was trained on these") })
        try FileManager.default.moveItem(atPath: folder.path + "/data/val", toPath: folder.path + "/data/test")
        let tested = try pictures("data")
        #expect(tested.folder.root.name == "test" && tested.folder.classCounts == [3, 0, 3])
        #expect(tested.warnings.contains { $0.contains("/test is used instead") })
        try FileManager.default.removeItem(atPath: folder.path + "/data/test")
        #expect(failure("data")?.kind == .inputMissing)
        #expect(failure("data")?.hint?.contains("data/train") == true)
        #expect(failure("nowhere")?.kind == .inputMissing)
        try folder.makeFolder("hollow/dark")
        try folder.makeFolder("hollow/light")
        let hollow = failure("hollow")
        #expect(hollow?.kind == .badData && hollow?.message.contains("hollow: no pictures") == true)
        let unknown = failure("data/train", classes: ["dark", "Light"])
        #expect(unknown?.kind == .badData)
        #expect(unknown?.message.hasSuffix("the run does not know the class light (it knows dark, Light)") == true)
        #expect(unknown?.hint?.hasPrefix("rename light to Light, or ") == true)
    }

    @Test(arguments: [
        (TrainingOptions.MetricName.accuracy, "accuracy", "lower"), (.balancedAccuracy, "balanced accuracy", "lower"),
        (.f1, "F1", "lower"), (.loss, "loss", "higher"),
    ])
    func theFigureThatChoseTheEpochIsNamed(_ metric: TrainingOptions.MetricName, _ name: String, _ worse: String) throws
    {
        var record = Self.record(classes: Self.classes, data: folder.path + "/data")
        record.options.metric = metric
        let warnings = try LabelledPictures(folder.path + "/data", for: record, workers: 1).warnings
        let expected = "the run's epoch was chosen by its \(name) on these pictures: on others it may be \(worse)"
        #expect(warnings.contains(expected), "\(warnings)")
    }

    /// Of a folder that the run divided itself, it is tested on the part that it did not learn.
    @Test func keepsToTheValidationPartOfItsOwnFolder() throws {
        let root = folder.path + "/own"
        for i in 0..<10 {
            for (name, start) in [("dark", 0), ("light", 12)] {
                let picture = try Image(width: 36, height: 36, repeating: UInt8(25 * i + start)).png()
                try PictureFixtures.write(["\(name)/\(i).png": picture], in: root)
            }
        }
        let data = try TrainingData(root, preprocessing: Preprocessing(), workers: 1)
        var record = Self.record(classes: ["dark", "light"], data: root)
        record.data = RunRecord.Data(
            path: root, trainCount: data.train.count, validationCount: data.validation.count, skipped: [])
        record.data.division = data.division?.description
        let pictures = try LabelledPictures(root, for: record, workers: 1)
        #expect(pictures.folder.samples == data.validation.samples && pictures.folder.count == 4)
        #expect(pictures.warnings.contains { $0.hasSuffix("the 4 that it kept for validation are used") })
        #expect(!pictures.warnings.contains { $0.contains("added or removed") })
        record.data.trainCount += 1
        #expect(
            try LabelledPictures(root, for: record, workers: 1).warnings.contains { $0.contains("added or removed") })
    }

    @Test func skipsAndCountsWhatCannotBeRead() throws {
        _ = folder.file("data/val/dark/cut.jpg", [0xFF, 0xD8, 0xFF, 0xE0])
        _ = folder.file("data/val/light/text.jpg", Array("text".utf8))
        let refusal = failure("data")
        #expect(refusal?.kind == .badData)
        #expect(refusal?.message.contains("2 of 8 pictures cannot be used") == true)
        let run = try evaluate("data", maxBad: "25%")
        #expect(run.evaluation.pictures.count == 6)
        #expect(run.evaluation.skipped.map { $0.path.name } == ["text.jpg", "cut.jpg"])
        #expect(EvaluationReport(run).lines[1].hasSuffix("2 files skipped"))
    }

    @Test func namesThatCannotBePrintedAreInJSONAsBytes() throws {
        _ = folder.file("data/val/light/a\u{7}.jpg", Array("text".utf8))
        struct Object: Decodable { let skipped, mistakes: [[String: JSONText]] }
        let text = try Results.json(EvaluationRecord(evaluate("data", maxBad: "25%")))
        let bytes = Data((folder.path + "/data/val/light/a\u{7}.jpg").utf8).base64EncodedString()
        #expect(text.contains("\"imageBytes\":\"\(bytes)\",\"reason\""))
        let object = try JSONDecoder().decode(Object.self, from: Data(text.utf8))
        #expect(object.mistakes.allSatisfy { $0["imageBytes"] == nil })
    }

    @Test func printsTextAndJSON() throws {
        struct Object: Decodable {
            struct Class: Decodable {
                let name: String
                let recall: Double?
                let support: Int
            }
            let accuracy: Double
            let count: Int
            let correct: Int
            let confusionMatrix: [[Int]]
            let classes: [Class]
            let mistakes: [[String: JSONText]]
        }
        let run = try evaluate("data/val")
        let text = try Results.json(EvaluationRecord(run))
        let object = try JSONDecoder().decode(Object.self, from: Data(text.utf8))
        #expect(object.count == 6 && object.accuracy == Double(object.correct) / 6)
        #expect(object.classes.map(\.name) == ["light", "other", "dark"])
        #expect(object.classes.map(\.support) == [3, 0, 3])
        #expect(object.classes[1].recall == nil && text.contains("\"recall\":null"))
        #expect(object.confusionMatrix.map { $0.reduce(0, +) } == [3, 0, 3])
        #expect(object.mistakes.count == 6 - object.correct)
        let lines = EvaluationReport(run, mistakeCount: 1).lines
        let starts = [
            "run  ", "data  ", "device  ", "accuracy  ", "loss  ", "class  ", "mean  ", "label \\ taken for  ",
        ]
        for start in starts { #expect(lines.contains { $0.hasPrefix(start) }, "\(lines)") }
        #expect(lines.last == "… and \(object.mistakes.count - 1) more mistakes")
    }

    @Test func writesATableOfPredictions() throws {
        let run = try evaluate("data/val")
        let pictures = run.evaluation.pictures
        let path = FilePath(folder.path + "/predictions.csv")
        try PredictionFile.write(run.evaluation, to: path)
        let lines = try folder.text("predictions.csv").split(separator: "\n")
        #expect(lines.first == "image,label,prediction,probability,label_probability,loss")
        #expect(lines.count == 7 && lines[1].hasPrefix("\(pictures[0].path),light,"))
        #expect(lines[1].hasSuffix(",\(pictures[0].labelProbability),\(pictures[0].loss)"))
        let odd = Evaluation(
            classes: ["=cmd()", "a\"b,c"],
            pictures: [EvaluatedPicture(path: "x\n.jpg", label: 0, probabilities: [0.25, 0.75], loss: 1.5)],
            skipped: [])
        try PredictionFile.write(odd, to: path)
        #expect(
            try folder.text("predictions.csv").split(separator: "\n").last
                == "x\\u{a}.jpg,'=cmd(),\"a\"\"b,c\",0.75,0.25,1.5")
        #expect(throws: AtomicFile.WriteError.self) { try AtomicFile.check(FilePath(folder.path + "/none/x.csv")) }
        #expect(throws: AtomicFile.WriteError.self) { try AtomicFile.check(FilePath(folder.path)) }
        #expect(throws: AtomicFile.WriteError.self) { try AtomicFile.check("/dev/null") }
        #expect(throws: Never.self) { try AtomicFile.check(path) }
    }

    /// The whole way, from the files of the run.
    @Test func readsTheRunFromItsFolder() throws {
        _ = try Self.classifier.get()
        let run = try EvaluationRun(Self.run, data: folder.path + "/data", progress: Lines().terminal)
        #expect(run.evaluation.pictures == (try evaluate("data").evaluation.pictures))
        let missing = #expect(throws: CressetTrain.Failure.self) {
            try EvaluationRun(RunFolder(path: folder.path), data: folder.path + "/data", progress: Lines().terminal)
        }
        #expect(missing?.kind == .inputMissing)
    }
}

/// A value of JSON that is a text or a number.
private struct JSONText: Decodable {
    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if (try? container.decode(Double.self)) == nil { _ = try container.decode(String.self) }
    }
}
