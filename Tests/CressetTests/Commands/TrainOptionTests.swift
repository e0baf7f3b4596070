import Cresset
import CressetCommands
import CressetTrain
import Foundation
import Testing

extension CommandTests {
    /// Options of `cresset train` from files and by search, and runs that are only rehearsed.
    @Suite struct TrainOptionTests {
        private let folder = TemporaryFolder()
        private static let small = [
            "--model", "mobilenet_v3_small", "--weights", "none", "--img-size", "32", "--batch-size", "4", "--workers",
            "0",
        ]

        private func run(_ line: [String], status expected: Int32 = 0) throws -> (output: String, errors: String) {
            let process = try CommandProcess(line, in: folder)
            #expect(try process.status() == expected, "\(process.errors)")
            return (process.output, process.errors)
        }

        /// The names of the options that a help lists, without those of every command.
        private func options(_ help: String) throws -> Set<String> {
            let lines = try run(["train", help]).output.split(separator: "\n")
            let named = lines.compactMap { $0.firstMatch(of: /^  (?:-\w, )?--([a-z-]+)/).map { String($0.1) } }
            #expect(Set(named).count == named.count)
            return Set(named).subtracting(["version", "help"])
        }

        @Test func theHelpIsShortAndTheFileHasAllOptions() throws {
            let (shown, all) = (try options("--help"), try options("--help-hidden"))
            #expect(shown.count > 30 && shown.count <= 40, "\(shown.count)")
            #expect(shown.isSubset(of: all))
            #expect(all.subtracting(["config", "dry-run", "no-report"]).sorted() == TrainingConfiguration.keys)
        }

        @Test func aRunIsRepeatedFromItsFileOfOptions() throws {
            try folder.drawPictures(train: 4, validation: 2)
            let options = #"{"epochs": 5, "optimizer": "adamw", "weight-decay": 0, "freeze": true, "layer-decay": 1}"#
            _ = folder.file("options.json", Array(options.utf8))
            _ = try run(
                [
                    "train", "data", "--config", "options.json", "--epochs", "1", "--no-freeze", "--ema", "0.5",
                    "--out", "a",
                ]
                    + Self.small)
            let record = try folder.record(of: "a")
            #expect(record.options.epochs == 1 && record.options.optimizer == .adamw && !record.options.freezesBody)
            #expect(record.options.weightDecay == 0)
            _ = try run(["train", "--config", "a/config.json", "--out", "b"])
            #expect(try folder.text("a/config.json") == folder.text("b/config.json"))
            #expect(try folder.bytes("a/model.safetensors") == folder.bytes("b/model.safetensors"))
            #expect(try folder.record(of: "b").options == record.options)
            try optionsOfARunAreOverruled()
            try aRunThatGoesOnKeepsItsFileOfOptions()
        }

        /// A run's file always has a rate and says how layers learn.
        private func optionsOfARunAreOverruled() throws {
            let line = ["train", "--config", "a/config.json", "--dry-run"]
            let found = try run(line + ["--find-lr"]).output
            #expect(found.contains("rate    "), "\(found)")
            _ = try run(line + ["--freeze"])
            _ = try run(line + ["--val-split", "0.3"], status: 64)
            _ = try run(line + ["--find-lr", "--lr", "0.1"], status: 64)
            // Weights are found from any folder.
            _ = try run(["train", "data", "--epochs", "1", "--out", "c"] + Self.small + ["--weights", "a"])
            let place = SystemFiles.realPath(FilePath(folder.path + "/a"))?.string ?? ""
            #expect(try folder.text("c/config.json").contains("\"weights\" : \"\(place)\""))
        }

        private func aRunThatGoesOnKeepsItsFileOfOptions() throws {
            let before = try folder.text("b/config.json")
            try FileManager.default.moveItem(atPath: folder.path + "/data", toPath: folder.path + "/moved")
            _ = try run(["resume", "b", "--epochs", "2", "--data", "moved"])
            let expected = before.replacing("\"epochs\" : 1", with: "\"epochs\" : 2")
                .replacing("/data\"", with: "/moved\"")
            #expect(try folder.text("b/config.json") == expected)
            #expect(try folder.text("b/report.html").contains("--config a/config.json --out b --epochs 2</pre>"))
            _ = try run(["evaluate", "b", "moved"])
        }

        @Test(arguments: [
            (#"{"epoch": 1}"#, 78, "did you mean epochs?"), (#"{"epochs": "ten"}"#, 64, "--epochs"),
            (#"{"epochs": 0}"#, 64, "must be 1 or more"), (#"{"optimizer": "lion"}"#, 64, "lion"),
            ("{", 78, "options.json"),
        ])
        func aFileThatCannotBeUsedIsAnError(_ text: String, _ status: Int, _ says: String) throws {
            try folder.drawPictures(train: 1, validation: 1)
            _ = folder.file("options.json", Array(text.utf8))
            let result = try run(["train", "data", "--config", "options.json"], status: Int32(status))
            #expect(result.errors.hasPrefix("error: ") && result.errors.contains(says), "\(result.errors)")
            #expect(folder.names == ["data", "options.json"])
        }

        @Test func aRehearsalLeavesNothing() throws {
            try folder.drawPictures(train: 4, validation: 2)
            let result = try run(["train", "data", "--dry-run"] + Self.small)
            for text in ["->  runs/train-1", "8 train / 4 val", "would   10 epochs of 2 steps, sgd 0.001", "loss    "] {
                #expect(result.output.contains(text), "\(result.output)")
            }
            #expect(folder.names == ["data"])
            _ = try run(["train", "data", "--dry-run", "--out", "data"] + Self.small, status: 73)
            _ = try run(["train", "nowhere", "--dry-run"], status: 66)
            _ = try run(["train", "--dry-run"], status: 64)
        }

        @Test func aRateIsFoundAndTrainedWith() throws {
            try folder.drawPictures(train: 6, validation: 2)
            struct Record: Decodable {
                struct Point: Decodable { let learningRate: Double }
                let suggestion: Double?
                let steps: Int
                let points: [Point]
            }
            let text = try run(["find-lr", "data", "--json", "--steps", "20"] + Self.small).output
            let record = try JSONDecoder().decode(Record.self, from: Data(text.utf8))
            #expect(record.steps == 20 && record.points.first?.learningRate == 1e-7)
            #expect(folder.names == ["data"])
            let shown = try run(["find-lr", "data", "--steps", "20"] + Self.small).output
            #expect(shown.contains("rate       loss\n1e-07"))
            #expect(shown.contains("found  ") || shown.contains("none   "))
            _ = try run(["train", "data", "--find-lr", "--epochs", "1", "--out", "found"] + Self.small)
            let search = try #require(try folder.record(of: "found").rateSearch)
            let points = try folder.text("found/learning-rates.csv").split(separator: "\n").count - 1
            #expect(search.steps == points)
            let rate = try #require(try folder.record(of: "found").options.learningRate)
            #expect(abs(rate / (search.suggestion ?? 0.001) - 1) < 0.05)
            let again = try run(["find-lr", "--config", "found/config.json", "--steps", "20", "--json"]).output
            #expect(try JSONDecoder().decode(Record.self, from: Data(again.utf8)).suggestion == record.suggestion)
            #expect(try folder.text("found/report.html").contains("<section id=\"search\""))
            _ = try run(["find-lr", "data", "--lr", "0.1"], status: 64)
            _ = try run(["find-lr", "data", "--steps", "3"], status: 64)
            _ = try run(["train", "data", "--find-lr", "--lr", "0.1"], status: 64)
            _ = try run(["find-lr"], status: 64)
        }
    }
}
