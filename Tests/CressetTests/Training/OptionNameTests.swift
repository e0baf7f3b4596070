import Cresset
import CressetData
import CressetNN
import CressetOptim
import CressetTrain
import Foundation
import Testing

/// A program's author is not told of flags, nor a command's user of properties.
@Suite struct OptionNameTests {
    private struct Point: Dataset {
        let count = 1
        func read(_ index: Int, context: SampleContext, into sample: inout SampleWriter) throws {
            try sample.append(Tensor([Float(1)], shape: [1]))
        }
    }

    private struct Spoilt: TrainingTask {
        let network = Linear(1, 1)
        var module: any Module { network }
        func assess(_ batch: Batch, in phase: Phase) -> Assessment {
            Assessment(loss: network(batch.inputs).sum() * (phase == .validation ? Double.infinity : 1), count: 1)
        }
    }

    @Test func messagesSpeakToTheirReader() throws {
        var options = TrainingOptions()
        options.learningRate = -1
        let task = Spoilt()
        let data = DataLoader(Point(), batchSize: 1)
        let loop = TrainingLoop(task, Recipe(try SGD(task.network.parameters, lr: 0.1), epochs: 1))
        let loss = try #require(throws: LossNotFinite.self) { try loop.run(training: data, validation: data) }
        #expect(loss.hint.contains("try a lower learning rate or a larger batch size"))
        #expect(options.problem?.message == "learning rate must be 0 or more, got -1.0")
        OptionName.$areFlags.withValue(true) {
            #expect(loss.hint.contains("try a lower --lr or a larger --batch-size"))
            #expect(options.problem?.message == "--lr must be 0 or more, got -1.0")
        }
    }

    /// Texts of the libraries name options by ``OptionName`` alone.
    @Test func noTextOfALibraryHasAFlag() throws {
        let sources = URL(filePath: #filePath).appending(path: "../../../../Sources").standardizedFileURL
        let flag = /"[^"]*--[a-z][a-z-]+/
        var found: [String] = []
        for target in ["CressetTrain", "CressetVision", "CressetData", "CressetOptim", "CressetNN", "Cresset"] {
            let folder = sources.appending(path: target)
            let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
            for case let file as URL in try #require(files) where file.pathExtension == "swift" {
                if file.lastPathComponent == "OptionName.swift" { continue }
                let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
                // Those of other programs are theirs.
                for line in lines where !line.contains("//") && !line.contains("pip ") && line.contains(flag) {
                    found.append("\(file.lastPathComponent): \(line)")
                }
            }
        }
        #expect(found == [])
    }
}
