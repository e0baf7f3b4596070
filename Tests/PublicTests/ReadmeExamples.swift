import Cresset
import CressetData
import CressetNN
import CressetOptim
import CressetTrain
import CressetVision
import Foundation
import Testing

/// The programs of README.md, word for word: they compile, and those that need no network run.
@Suite struct ReadmeExamples {
    private func exclusiveOr() throws -> [Int64] {
        // README: a network
        Generator.current.manualSeed(0)
        let model = Sequential(Linear(2, 16), ReLU(), Linear(16, 2))
        let optimizer = try SGD(model.parameters, lr: 0.5, momentum: 0.9)

        let points: Tensor = [[0.0, 0], [0, 1], [1, 0], [1, 1]]
        let labels: Tensor = [0, 1, 1, 0]
        for _ in 0..<100 {
            let loss = model(points).crossEntropy(labels)
            optimizer.step(loss.gradients())
        }
        print(model(points).argmax(axis: 1).scalars(as: Int64.self))  // [0, 1, 1, 0]
        // README: end
        return model(points).argmax(axis: 1).scalars(as: Int64.self)
    }

    private func fineTuning() async throws {
        // README: fine-tuning
        let preprocessing = Preprocessing()
        let pictures = try ImageFolder("pets/train", transform: preprocessing.training)
        let loader = DataLoader(pictures, batchSize: 16, shuffles: true, workers: 2)

        let model = try ModelZoo.make("resnet18")
        try model.load(PretrainedWeights.named("resnet18").load())  // from torch's cache, else downloaded
        model.replaceHeads(classes: pictures.classes.count)
        model.freezeBody()

        let optimizer = try SGD(model.head.layer.parameters, lr: 0.001, momentum: 0.9)
        for epoch in 0..<5 {
            for try await batch in loader.batches(epoch: epoch) {
                let loss = model(batch.inputs).crossEntropy(batch.labels)
                optimizer.step(loss.gradients())
            }
        }
        try Checkpoint.save(model.stateDict(), to: "pets.safetensors")
        // README: end
    }

    private func server() throws -> String {
        // README: a server
        let classifier = try Classifier("runs/train-1")  // once, for all requests

        func classify(_ upload: [UInt8]) throws -> String {
            let guesses = try classifier.predict(decoding: upload, count: 3)
            return guesses.map { "\($0.name): \($0.probability)" }.joined(separator: "\n")
        }
        // README: end
        return try classify([])
    }

    @Test func theNetworkLearnsWhatTheReadmeSays() throws {
        let answers = try Generator.$current.withValue(Generator()) { try exclusiveOr() }
        #expect(answers == [0, 1, 1, 0])
    }

    @Test func theReadmeShowsTheseVeryLines() throws {
        let readme = try String(
            contentsOf: URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../README.md"),
            encoding: .utf8)
        let source = try String(contentsOfFile: #filePath, encoding: .utf8)
        var examples: [String] = []
        var lines: [Substring]?
        for line in source.split(separator: "\n", omittingEmptySubsequences: false) {
            let text = line.drop { $0 == " " }
            if text == "// README: end" {
                examples.append((lines ?? []).map { $0 + "\n" }.joined())
                lines = nil
            } else if text.hasPrefix("// README: ") {
                lines = []
            } else {
                lines?.append(line.dropFirst(8))
            }
        }
        #expect(examples.count == 3)
        for example in examples { #expect(readme.contains(example), "\(example)") }
    }
}
