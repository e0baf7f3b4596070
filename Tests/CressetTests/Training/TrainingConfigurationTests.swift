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

    /// A run whose options cannot be written has failed, and says so.
    @Test func aRunWithoutItsFileOfOptionsFails() throws {
        try folder.drawPictures(train: 2, validation: 1)
        let run = try folder.plan().makeRun(in: folder.path + "/run")
        try folder.makeFolder("run/config.json/inner")
        let options = try TrainingConfiguration(contentsOf: folder.file("o.json", Array("{}".utf8)).filePath)
        #expect(throws: AtomicFile.WriteError.self) {
            try run.train(observers: [ConfigurationFile(options, in: run.folder)])
        }
        #expect(try folder.record(of: "run").state == .failed)
    }

    /// What a run's file always has, and what cannot be together with what the line asks for.
    private func overruledOptionsAreLeftOut() throws {
        let file = folder.file(
            "run.json", Array(#"{"lr": 0.1, "freeze-epochs": 1, "layer-decay": 0.8, "scheduler": "cosine"}"#.utf8))
        let all = ["--freeze-epochs=1", "--layer-decay=0.8", "--lr=0.1", "--scheduler=cosine"]
        for (line, left) in [
            (["--find-lr"], [0, 1, 3]), (["--find-lr", "--no-find-lr"], [0, 1, 2, 3]), (["--freeze"], [2, 3]),
            (["--freeze", "--no-freeze"], [0, 1, 2, 3]), (["--step-size", "3"], [0, 1, 2]),
            (["--gamma=0.5"], [0, 1, 2]),
        ] {
            let expected = ["train"] + left.map { all[$0] } + ["--config", file] + line
            #expect(try TrainingConfiguration.expanded(["train", "--config", file] + line) == expected)
        }
        let frozen = folder.file(
            "frozen.json",
            Array(#"{"find-lr": true, "freeze": true, "optimizer": "adamw", "val": "v", "weight-decay": 1}"#.utf8))
        func expanded(_ line: String...) throws -> [String] {
            Array(
                try TrainingConfiguration.expanded(["train", "--config", frozen] + line).dropFirst().prefix {
                    $0 != "--config"
                })
        }
        let (rate, freeze, optimizer, val, decay) = (
            "--find-lr", "--freeze", "--optimizer=adamw", "--val=v", "--weight-decay=1"
        )
        #expect(try expanded("--lr", "0.1") == [freeze, optimizer, val, decay])
        #expect(try expanded("--layer-decay", "1", "--freeze-epochs=0") == [rate, freeze, optimizer, val, decay])
        #expect(try expanded("--freeze-epochs", "2") == [rate, optimizer, val, decay])
        #expect(try expanded("--val-split=0.3") == [rate, freeze, optimizer, decay])
        #expect(try expanded("--optimizer", "rprop") == [rate, freeze, optimizer, val])
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
        try overruledOptionsAreLeftOut()
        // What is missing is said with the rest of the line.
        #expect(try expanded("train", "--config") == ["train", "--config"])
        #expect(throws: SystemError.self) { try TrainingConfiguration.expanded(["train", "--config", file + "x"]) }
    }
}
