import Cresset
import CressetData
import CressetTrain
import CressetVision
import Testing

@Suite struct ClassifierTests {
    private let folder = TemporaryFolder()

    /// A classifier with random weights.
    private func classifier() throws -> Classifier {
        let run = RunFolder(path: folder.path)
        let preprocessing = Preprocessing(cropSize: 32, resizeSize: 36)
        try RunRecord(
            model: RunRecord.Model(name: "resnet18", classCount: 3), classes: ["a", "b", "c"],
            preprocessing: preprocessing, options: TrainingOptions(),
            data: RunRecord.Data(path: "data", trainCount: 3, validationCount: 3, skipped: [])
        ).write(to: run)
        let generator = Generator(seed: 7)
        let model = try Generator.$current.withValue(generator) { try ModelZoo.make("resnet18", classes: 3) }
        try model.save(to: run.weightsPath)
        return try Classifier(run)
    }

    private static func image(_ number: Int) -> Image {
        let pixels = (0..<(40 * 48 * 3)).map { UInt8(truncatingIfNeeded: $0 &* (number &* 37 &+ 11) / 7) }
        return Image(width: 40, height: 48, pixels: pixels)
    }

    @Test func takesFilesBytesPicturesAndBatchesFromManyTasks() async throws {
        let classifier = try classifier()
        let image = Self.image(1)
        let expected = try classifier.predict(image, count: 3)
        #expect(expected.count == 3 && abs(expected.map(\.probability).reduce(0, +) - 1) < 1e-6)
        #expect(expected.map(\.probability) == expected.map(\.probability).sorted(by: >))
        #expect(Set(expected.map(\.name)) == ["a", "b", "c"])
        let file = try image.png()
        try image.writePNG(to: "\(folder.path)/x.png")
        #expect(try classifier.predict("\(folder.path)/x.png", count: 3) == expected)
        #expect(try classifier.predict(decoding: file, count: 3) == expected)
        #expect(try classifier.predict(decoding: file[...], count: 3) == expected)
        let prepared = try classifier.record.preprocessing.evaluation(image).tensor.unsqueezed(at: 0)
        #expect(try classifier.predict(prepared, count: 3) == [expected])
        let two = try classifier.predict([image, Self.image(2)])
        #expect(two.count == 2 && two[0][0].name == expected[0].name)
        #expect(try classifier.predict([Image]()).isEmpty)
        #expect(try classifier.predict(Image(width: 50, height: 40, channels: 1, repeating: 90)).count == 1)
        #expect(throws: ImageError.self) { try classifier.predict(decoding: [1, 2, 3]) }
        #expect(throws: ImageFileError.self) { try classifier.predict("\(folder.path)/missing.png") }
        try await tasksPredictAtOnce(classifier)
    }

    private func tasksPredictAtOnce(_ classifier: Classifier) async throws {
        let files = try (0..<3).map { try Self.image($0).png() }
        let expected = try files.map { try classifier.predict(decoding: $0, count: 3) }
        let found = try await withThrowingTaskGroup(of: (Int, [Classifier.Guess]).self) { group in
            for i in 0..<9 {
                group.addTask { (i, try classifier.predict(decoding: files[i % files.count], count: 3)) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(found.count == 9)
        #expect(found.allSatisfy { $0.1 == expected[$0.0 % files.count] })
    }
}
