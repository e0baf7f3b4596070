import Cresset
import CressetNN
import CressetTrain
import CressetVision
import Testing

/// A run remembers how files become pictures, and its network sees them in that way.
@Suite struct ReadingOptionTests {
    private let folder = TemporaryFolder()

    private static let network = "shufflenet_v2_x0_5"
    /// Random weights, made once.
    private static let state = Result {
        try Generator.$current.withValue(Generator(seed: 7)) { try ModelZoo.make(network, classes: 2).stateDict() }
    }

    /// A run with random weights.
    private func run(
        _ name: String, _ preprocessing: Preprocessing, truncated: ImageReadingOptions.TruncationRule = .skip
    ) throws -> RunFolder {
        try folder.makeFolder(name)
        let run = RunFolder(path: folder.path + "/" + name)
        var options = TrainingOptions()
        options.truncated = truncated
        let record = RunRecord(
            model: RunRecord.Model(name: Self.network, classCount: 2), classes: ["a", "b"],
            preprocessing: preprocessing, options: options,
            data: RunRecord.Data(path: "data", trainCount: 3, validationCount: 3, skipped: []))
        try record.write(to: run)
        try Checkpoint.save(Self.state.get(), to: run.weightsPath, metadata: record.notes)
        return run
    }

    private func preprocessing(
        _ alpha: ImageReadingOptions.AlphaRule = .drop, appliesOrientation: Bool = true
    ) -> Preprocessing {
        Preprocessing(cropSize: 32, resizeSize: 36, alpha: alpha, appliesOrientation: appliesOrientation)
    }

    @Test func whatIsUnderTransparentPicturesIsThatOfTheRun() throws {
        // A dark disc of which only the middle can be seen.
        let side = 40
        func file(_ ground: UInt8?) -> [UInt8] {
            var rows: [UInt8] = []
            for y in 0..<side {
                rows.append(0)
                for x in 0..<side {
                    let isSeen = abs(x - 20) + abs(y - 20) < 14
                    rows +=
                        ground.map { Array(repeating: isSeen ? 40 : $0, count: 3) } ?? [40, 40, 40, isSeen ? 255 : 0]
                }
            }
            return PictureFixtures.PNG(width: side, height: side, color: ground == nil ? 6 : 2, rows: rows).file
        }
        var probabilities: Set<Double> = []
        let transparent = folder.file("clear.png", file(nil))
        for (rule, ground) in [(ImageReadingOptions.AlphaRule.overWhite, UInt8(255)), (.overBlack, 0), (.drop, 40)] {
            let flat = folder.file("\(rule).png", file(ground))
            let run = try run("run-\(rule)", preprocessing(rule))
            let classifier = try Classifier(run)
            let expected = try classifier.predict(flat, count: 2)
            #expect(try classifier.predict(transparent, count: 2) == expected)
            probabilities.formUnion(expected.filter { $0.name == "a" }.map(\.probability))
            #expect(try classifier.predict(decoding: file(nil), count: 2) == expected)
            var answers: [[Classifier.Guess]] = []
            try classifier.predict([transparent.filePath], count: 2) { answers.append(try $1.get()) }
            #expect(answers == [expected])
            // The weights alone say it, too.
            let copy = folder.path + "/\(rule).safetensors"
            _ = folder.file("\(rule).safetensors", Array(try folder.bytes("run-\(rule)/model.safetensors")))
            #expect(try Classifier(copy).predict(transparent, count: 2) == expected)

            // Pictures to evaluate it on are read in the same way.
            for name in ["a", "b"] {
                try folder.makeFolder("set-\(rule)/\(name)")
                _ = folder.file("set-\(rule)/\(name)/x.png", file(name == "a" ? nil : ground))
            }
            let pictures = try LabelledPictures("\(folder.path)/set-\(rule)", for: classifier.record, workers: 0)
            let evaluated = try classifier.evaluate(pictures, workers: 0).pictures
            #expect(evaluated.count == 2 && evaluated[0].probabilities == evaluated[1].probabilities)
        }
        #expect(probabilities.count == 3, "the network tells them apart")
    }

    @Test func soIsWhetherPicturesAreTurned() throws {
        let image = PictureFixtures.pattern(width: 48, height: 40), plain = try image.jpeg()
        let turned = PictureFixtures.jpeg(plain, exif: PictureFixtures.exif(orientation: 6))
        for applies in [true, false] {
            let classifier = try Classifier(run("turned-\(applies)", preprocessing(appliesOrientation: applies)))
            let same = try classifier.predict(decoding: turned) == classifier.predict(decoding: plain)
            #expect(same == !applies)
        }
    }

    @Test func cutPicturesAreClassifiedIfTheRunUsedThem() throws {
        let file = try PictureFixtures.pattern(width: 48, height: 64).jpeg(quality: 90)
        let cut = folder.file("cut.jpg", Array(file.prefix(file.count * 3 / 4)))
        let (run, padded) = (try run("usual", preprocessing()), try run("padded", preprocessing(), truncated: .pad))
        #expect(throws: ImageFileError.self) { try Classifier(run).predict(cut) }
        let guess = try Classifier(padded).predict(cut)
        #expect(try Classifier(run, truncated: .pad).predict(cut) == guess)
        #expect(throws: ImageFileError.self) { try Classifier(padded, truncated: .skip).predict(cut) }
        #expect(throws: ImageFileError.self) { try Classifier(padded, rejectsSuspect: true).predict(cut) }
    }

    @Test func aPlanHasWhatWasChosenOrWhatTheWeightsExpect() throws {
        try folder.drawPictures(train: 2, validation: 1)
        let start = try run("start", preprocessing(.overWhite, appliesOrientation: false))
        func plan(_ weights: String, _ change: (inout TrainingOptions) -> Void = { _ in }) throws -> Preprocessing {
            var options = TrainingOptions()
            (options.weights, options.imageSize, options.workers) = (weights, 32, 0)
            change(&options)
            return try TrainingPlan(data: folder.path + "/data", model: Self.network, options: options).preprocessing
        }
        let usual = try plan("none")
        #expect(usual.alpha == .drop && usual.appliesOrientation)
        let kept = try plan("\(start.path)")
        #expect(kept.alpha == .overWhite && !kept.appliesOrientation)
        let chosen = try plan("\(start.path)") { ($0.alpha, $0.appliesOrientation) = (.overBlack, true) }
        #expect(chosen.alpha == .overBlack && chosen.appliesOrientation)
    }
}
