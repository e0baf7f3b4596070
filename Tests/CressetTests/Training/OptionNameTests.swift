import Foundation
import Testing

@testable import CressetTrain

/// A program's author is not told of flags, nor a command's user of properties.
@Suite struct OptionNameTests {
    private let loss = LossNotFinite(
        loss: .nan, phase: .training, epoch: 2, batch: 1, learningRate: 9, hasBest: false)

    @Test func messagesSpeakToTheirReader() {
        var options = TrainingOptions()
        options.learningRate = -1
        #expect(loss.hint.hasPrefix("try a lower learning rate, a lower momentum, a larger batch size, or other"))
        #expect(options.problem?.message == "learning rate must be 0 or more, got -1.0")
        OptionName.$areFlags.withValue(true) {
            #expect(loss.hint.hasPrefix("try a lower --lr, a lower --momentum, a larger --batch-size, or other"))
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
                for line in lines where !line.contains("//") && line.contains(flag) {
                    found.append("\(file.lastPathComponent): \(line)")
                }
            }
        }
        #expect(found == [])
    }
}
