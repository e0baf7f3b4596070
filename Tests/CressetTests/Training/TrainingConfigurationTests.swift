import Cresset
import CressetCommands
import CressetTrain
import Foundation
import Testing

/// Options from a file.
@Suite struct TrainingConfigurationTests {
    private let folder = TemporaryFolder()

    private func arguments(_ text: String) throws -> [String] {
        try TrainingConfiguration(contentsOf: folder.file("options.json", Array(text.utf8)).filePath).arguments
    }

    private func failure(_ text: String) throws -> Failure {
        try #require(throws: Failure.self) { try arguments(text) }
    }

    @Test func valuesBecomeArguments() throws {
        let text = """
            // Comments are allowed, and so is a comma at the end.
            {"epochs": 20, "lr": 1e-3, "seed": 18446744073709551615, "freeze": true, "find-lr": false, "clip": null,
             "max-bad": "5%", "data": "my pets", "mixup": 0.2,}
            """
        #expect(
            try arguments(text) == [
                "--data=my pets", "--epochs=20", "--freeze", "--lr=0.001", "--max-bad=5%", "--mixup=0.2",
                "--seed=18446744073709551615",
            ])
        #expect(try arguments("{}") == [])
    }

    @Test func unknownKeysNameTheNearest() throws {
        let misspelt = try failure(#"{"epoch": 3}"#)
        #expect(misspelt.message.hasSuffix("options.json: there is no option epoch"))
        #expect(misspelt.hint == "did you mean epochs?" && misspelt.kind == .configuration)
        #expect(try failure(#"{"batchSize": 3}"#).hint == "did you mean batch-size?")
        #expect(try failure(#"{"learningRate": 3}"#).hint == "did you mean lr?")
        #expect(try failure(#"{"nonsense": 3}"#).hint?.contains("--help-hidden") == true)
        #expect(try failure(#"{"config": "x"}"#).message.contains("there is no option config"))
    }

    @Test(arguments: [
        (#"{"epochs": true}"#, "epochs needs a value"), (#"{"freeze": 1}"#, "freeze must be true or false"),
        (#"{"lr": [1]}"#, "lr must be a single value"), (#"{"lr": {"a": 1}}"#, "lr must be a single value"),
        ("[]", "not a JSON object"), ("", "not a JSON object"), ("{\"epochs\": 3", "not a JSON object"),
        ("\0\u{1}", "not a JSON object"), (String(repeating: "[", count: 100_000), "not a JSON object"),
        (String(repeating: " ", count: 2_000_000) + "{}", "too large"),
    ])
    func whatIsNoFileOfOptionsIsSaid(_ text: String, _ message: String) throws {
        let failure = try failure(text)
        #expect(failure.message.contains(message) && failure.kind == .configuration, "\(failure)")
    }

    @Test func optionsOfTheFileComeBeforeThoseOfTheLine() throws {
        let file = folder.file("options.json", Array(#"{"epochs": 3, "freeze": true}"#.utf8))
        func expanded(_ line: String...) throws -> [String] { try TrainingConfiguration.expanded(line) }
        for named in [["--config", file], ["--config=\(file)"]] {
            #expect(
                try TrainingConfiguration.expanded(["train", "pets", "--epochs", "4"] + named)
                    == ["train", "--epochs=3", "--freeze", "pets", "--epochs", "4"] + named)
        }
        #expect(try expanded("train", "pets") == ["train", "pets"])
        #expect(try expanded("check", "pets", "--config", file) == ["check", "pets", "--config", file])
        #expect(try expanded("train", "--", "--config", file) == ["train", "--", "--config", file])
        // What only training has is no part of a search for a rate.
        let own = folder.file("own.json", Array(#"{"epochs": 3, "lr": 0.1, "freeze": true, "find-lr": true}"#.utf8))
        #expect(
            try expanded("find-lr", "pets", "--config", own) == ["find-lr", "--freeze", "pets", "--config", own])
        // What is missing is said with the rest of the line.
        #expect(try expanded("train", "--config") == ["train", "--config"])
        #expect(throws: SystemError.self) { try TrainingConfiguration.expanded(["train", "--config", file + "x"]) }
    }
}
