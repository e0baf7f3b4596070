import Cresset
import CressetTrain
import CressetVision
import Foundation
import Testing

extension CommandTests {
    /// Options that say which files are used and how they are read: of a run, and of what is done with it.
    @Suite struct PictureOptionTests {
        private let folder = TemporaryFolder()

        private func run(_ line: [String], status expected: Int32 = 0) throws -> (output: String, errors: String) {
            let process = try CommandProcess(line, in: folder)
            #expect(try process.status() == expected, "\(process.output)\(process.errors)")
            return (process.output, process.errors)
        }

        private func train(_ line: String..., status: Int32 = 0) throws -> (output: String, errors: String) {
            let small = ["--model", "squeezenet1_1", "--weights", "none", "--img-size", "32", "--batch-size", "4"]
            return try run(
                ["train"] + line + small + ["--workers", "0", "--epochs", "1", "--no-report"], status: status)
        }

        @Test func aRunRemembersThem() throws {
            try folder.drawPictures(train: 4, validation: 2)
            let photo = try folder.bytes("data/train/dark/0.jpg")
            _ = folder.file("data/train/dark/cut.jpg", Array(photo.prefix(photo.count * 3 / 4)))
            for name in ["train/empty", "val/empty", "val/zebra"] { try folder.makeFolder("data/\(name)") }
            _ = folder.file("data/val/zebra/0.jpg", Array(photo))
            let first = try train(
                "data", "--out", "a", "--ignore-unknown-classes", "--alpha", "white", "--exif", "ignore", "--truncated",
                "pad", "--allow-empty")
            #expect(first.output.contains("9 train / 4 val, 3 classes (dark 5, empty 0, light 4)"), "\(first.output)")
            #expect(first.errors.contains("unknown classes are left out: zebra"), "\(first.errors)")
            let record = try folder.record(of: "a")
            #expect(record.preprocessing.alpha == .overWhite && !record.preprocessing.appliesOrientation)
            #expect(record.options.truncated == .pad && record.options.allowsEmptyClasses)
            _ = try run(["train", "--config", "a/config.json", "--out", "b", "--no-report"])
            #expect(try folder.text("a/config.json") == folder.text("b/config.json"))
            #expect(try folder.bytes("a/model.safetensors") == folder.bytes("b/model.safetensors"))
            _ = try run(["train", "--config", "a/config.json", "--out", "c", "--no-allow-empty"], status: 65)

            // The run pads, and knows no zebra.
            _ = try run(["predict", "a", "data/train/dark/cut.jpg"])
            _ = try run(["predict", "a", "data/train/dark/cut.jpg", "--truncated", "skip"], status: 65)
            let evaluated = try run(["evaluate", "a", "data/train"])
            #expect(evaluated.output.contains("9 pictures (dark 5, light 4)"), "\(evaluated.output)")
            #expect(try run(["evaluate", "a", "data"]).errors.contains("left out: zebra"))
            let strict = try run(["evaluate", "a", "data/train", "--truncated", "skip", "--strict", "--max-bad", "20%"])
            #expect(strict.output.contains("8 pictures (dark 4, light 4), 1 file skipped"), "\(strict.output)")
        }

        @Test func aFolderWithATableOfClassesIsDividedAndFoundAgain() throws {
            try folder.drawPictures(train: 6, validation: 1)
            try folder.makeFolder("set")
            var rows = "file name,class\n"
            for name in TemporaryFolder.classes {
                for number in 0..<6 {
                    _ = folder.file(
                        "set/\(name)-\(number).jpg", Array(try folder.bytes("data/train/\(name)/\(number).jpg")))
                    rows += "\(name)-\(number).jpg,\(name)\n"
                }
            }
            _ = folder.file("set/classes.csv", Array(rows.utf8))
            let hint = try train("set", "--out", "none", status: 66).errors
            #expect(hint.contains("--labels FILE.csv"), "\(hint)")
            let result = try train("set", "--labels", "set/classes.csv", "--out", "run")
            #expect(result.output.contains("10 train / 2 val, 2 classes (dark 5, light 5)"), "\(result.output)")
            #expect(try folder.record(of: "run").data.labelsPath?.hasSuffix("set/classes.csv") == true)
            #expect(try run(["check", "set", "--labels", "set/classes.csv"]).output.contains("10 train / 2 val of 12"))

            let own = try run(["evaluate", "run", "set"])
            #expect(own.errors.contains("the 2 that it kept for validation are used"), "\(own.errors)")
            _ = folder.file("other.csv", Array("light-0.jpg,light\ndark-0.jpg,dark\ndark-1.jpg,other\n".utf8))
            let unknown = try run(["evaluate", "run", "set", "--labels", "other.csv"], status: 65).errors
            #expect(unknown.contains("other.csv: line 3 has the label other"), "\(unknown)")
            let others = try run(["evaluate", "run", "set", "--labels", "other.csv", "--ignore-unknown-classes"])
            #expect(others.output.contains("2 pictures (dark 1, light 1)"), "\(others.output)")

            try FileManager.default.moveItem(atPath: folder.path + "/set", toPath: folder.path + "/moved")
            let resumed = try run(["resume", "run", "--epochs", "2", "--data", "moved"])
            #expect(resumed.output.contains("2/2 val"), "\(resumed.output)")
        }

        @Test(arguments: [
            ["--truncated", "grey"], ["--alpha", "red"], ["--exif", "maybe"], ["--truncated", "pad", "--strict"],
        ])
        func valuesThatThereAreNotAreRefused(_ options: [String]) throws {
            try folder.drawPictures(train: 1, validation: 1)
            let refused = try run(["train", "data", "--weights", "none"] + options, status: 64).errors
            #expect(refused.hasPrefix("error: ") && refused.contains(options[0]), "\(refused)")
            #expect(folder.names == ["data"])
        }
    }
}
