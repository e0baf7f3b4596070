import Cresset
import CressetNN
import CressetTrain
import CressetVision
import Foundation
import Testing

extension CommandTests {
    /// The main job on a small scale, with the command itself: ResNet-18 on a few pictures.
    @Suite struct TrainCommandTests {
        private let folder = TemporaryFolder()

        private func train(_ more: String...) throws -> (status: Int32, output: String, errors: String) {
            let arguments = ["train", "data", "--batch-size", "4"] + more
            let process = try CommandProcess(arguments, in: folder)
            return (try process.status(), process.output, process.errors)
        }

        @Test func fromAFolderOfPicturesToPredictions() throws {
            try folder.drawPictures()
            let trained = try train("--weights", "none", "--epochs", "2", "--seed", "7")
            #expect(trained.status == 0, "\(trained.errors)")
            for text in [
                "resnet18 (11.2 M parameters, random weights)  ->  runs/train-1", "8 train / 4 val, 2 classes",
                "1/2 train  loss ", "2/2 val    loss ", "best    epoch ", "next    cresset predict runs/train-1",
            ] {
                #expect(trained.output.contains(text), "\(trained.output)")
            }
            #expect(trained.errors.contains("warning: 8 pictures are few"))
            let record = try folder.record(of: "runs/train-1")
            #expect(record.state == .finished && record.classes == TemporaryFolder.classes)
            #expect(try folder.bestWeightsAreIntact(in: "runs/train-1"))

            // The same again with a different number of loader threads: the same numbers, to the last bit.
            #expect(try train("--weights", "none", "--epochs", "2", "--seed", "7", "--workers", "1").status == 0)
            #expect(try folder.figures(of: "runs/train-1") == folder.figures(of: "runs/train-2"))
            #expect(
                try folder.bytes("runs/train-1/model.safetensors") == folder.bytes("runs/train-2/model.safetensors"))

            try predictsFromTheRunFolderAlone()
        }

        /// Only the run folder is left, under another name, and one picture of two is broken.
        private func predictsFromTheRunFolderAlone() throws {
            let elsewhere = TemporaryFolder()
            let files = FileManager.default
            try files.moveItem(atPath: folder.path + "/runs/train-1", toPath: elsewhere.path + "/moved")
            try files.copyItem(atPath: folder.path + "/data/val/light/0.jpg", toPath: elsewhere.path + "/good.jpg")
            try files.removeItem(atPath: folder.path + "/data")
            _ = elsewhere.file("broken.jpg", [0xFF, 0xD8, 0xFF, 0xE0])

            let good = try cresset("predict", "moved", "good.jpg", in: elsewhere)
            #expect(good.status == 0, "\(good.errors)")
            let rows = good.output.split(separator: "\n")
            #expect(rows.count == 2 && rows[0] == "picture   class   likely  then", "\(good.output)")
            #expect(
                try #require(rows.last).contains(/^good\.jpg  (dark |light) {2,}[0-9.]+ %  (dark|light) [0-9.]+ %$/))

            let both = try cresset("predict", "moved", "broken.jpg", "good.jpg", "--top-k", "1", in: elsewhere)
            #expect(both.status == 65)
            #expect(both.output.contains("good.jpg") && !both.output.contains("broken.jpg"))
            #expect(both.errors.contains("skipped: broken.jpg: "))
            #expect(both.errors.contains("error: 1 of 2 pictures could not be read"))

            let missing = try cresset("predict", "moved", "nowhere.jpg", in: elsewhere)
            #expect(missing.status == 66)
            #expect(missing.output.isEmpty)

            try predictsAsJSON(elsewhere)
            try predictsFromFoldersAndLists(elsewhere)
            try evaluatesAsCSV(elsewhere)
            try refusesWeightsThatHaveChanged(elsewhere)
        }

        private func evaluatesAsCSV(_ elsewhere: TemporaryFolder) throws {
            try elsewhere.makeFolder("known/light")
            try FileManager.default.copyItem(
                atPath: elsewhere.path + "/good.jpg", toPath: elsewhere.path + "/known/light/\u{1}\u{E9}.jpg")
            let table = try cresset("evaluate", "moved", "known", "--csv", "-", in: elsewhere)
            let lines = table.output.split(separator: "\n")
            #expect(table.status == 0 && lines.count == 2 && lines[0].hasPrefix("image,label,"), "\(table.errors)")
            #expect(lines[1].hasPrefix("known/light/\\u{1}\u{E9}.jpg,light,"))
            let both = try cresset("evaluate", "moved", "known", "--csv", "-", "--json", in: elsewhere)
            #expect(both.status == 64)
        }

        /// A single bit on the disk.
        private func refusesWeightsThatHaveChanged(_ elsewhere: TemporaryFolder) throws {
            var bytes = try elsewhere.bytes("moved/model.safetensors")
            bytes[bytes.count / 2] ^= 1
            _ = elsewhere.file("moved/model.safetensors", Array(bytes))
            let result = try cresset("predict", "moved", "good.jpg", in: elsewhere)
            #expect(result.status == 65 && result.output.isEmpty)
            #expect(result.errors.contains("moved/model.safetensors: damaged: the weights are not those"))
        }

        private func predictsAsJSON(_ elsewhere: TemporaryFolder) throws {
            struct Line: Decodable {
                let image: String
                let classes: [Classifier.Guess]?
                let error: String?
            }
            let result = try cresset("predict", "moved", "good.jpg", "broken.jpg", "--json", in: elsewhere)
            #expect(result.status == 65)
            let lines = try result.output.split(separator: "\n").map {
                try JSONDecoder().decode(Line.self, from: Data($0.utf8))
            }
            #expect(lines.map(\.image) == ["good.jpg", "broken.jpg"])
            let guesses = try #require(lines[0].classes)
            #expect(Set(guesses.map(\.name)) == Set(TemporaryFolder.classes))
            #expect(abs(guesses.reduce(0) { $0 + $1.probability } - 1) < 1e-5)
            #expect(guesses[0].probability >= guesses[1].probability)
            #expect(lines[1].classes == nil && lines[1].error != nil)
        }

        /// Bytes that are not UTF-8 are a name like any other.
        @Test func namesOfFilesAreBytes() throws {
            try folder.drawPictures(train: 1, validation: 1)
            let name = FilePath(bytes: Array("data/train/dark/caf".utf8) + [0xE9] + Array(".jpg".utf8))
            let path = folder.path.filePath.pushing(name)
            try Image(width: 8, height: 8, pixels: Array(repeating: 9, count: 192)).writeJPEG(to: path)
            let trained = try train("--weights", "none", "--epochs", "1", "--out", "run")
            #expect(trained.status == 0, "\(trained.errors)")
            #expect(trained.output.contains("3 train / 2 val"))
            // Foundation would repair the name; a shell's pattern does not.
            let (status, output) = try shell("\"$0\" predict run data/train/dark/caf*", in: folder)
            #expect(status == 0)
            #expect(output.contains("data/train/dark/caf\\xe9.jpg"), "\(output)")
        }

        /// Runs a script in which the command is `"$0"`; returns its exit status and what it wrote to standard output.
        private func shell(_ script: String, in place: TemporaryFolder) throws -> (status: Int32, output: String) {
            let executable = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            let shell = Process()
            shell.executableURL = URL(filePath: "/bin/sh")
            shell.arguments = ["-c", script, executable.path + "/cresset"]
            shell.currentDirectoryURL = URL(filePath: place.path)
            let pipe = Pipe()
            shell.standardOutput = pipe
            try shell.run()
            let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            shell.waitUntilExit()
            return (shell.terminationStatus, output)
        }

        private func predictsFromFoldersAndLists(_ elsewhere: TemporaryFolder) throws {
            try elsewhere.makeFolder("photos/deep")
            let files = FileManager.default
            for name in ["b.jpg", "a.jpg", "deep/c.JPG"] {
                try files.copyItem(atPath: elsewhere.path + "/good.jpg", toPath: elsewhere.path + "/photos/" + name)
            }
            _ = elsewhere.file("photos/notes.txt", Array("no picture".utf8))
            _ = elsewhere.file("photos/other.gif", Array("GIF89a......".utf8))
            func names(_ script: String, status expected: Int32) throws -> [Substring] {
                let (status, output) = try shell(script, in: elsewhere)
                #expect(status == expected, "\(output)")
                return output.split(separator: "\n").dropFirst().compactMap { $0.split(separator: " ").first }
            }
            let lines = try names("printf 'good.jpg\\nphotos\\n' | \"$0\" predict moved -", status: 65)
            #expect(lines == ["good.jpg", "photos/a.jpg", "photos/b.jpg", "photos/deep/c.JPG"])
            unlink(elsewhere.path + "/photos/other.gif")
            #expect(try names("find photos -name 'a*' -print0 | \"$0\" predict moved -", status: 0) == ["photos/a.jpg"])
            #expect(try names("\"$0\" predict moved - </dev/null", status: 66) == [])
        }

        @Test func fineTuningReplacesAHeadOfAnotherSizeAndSaysSo() throws {
            try folder.drawPictures(train: 2, validation: 1)
            let start = try ModelZoo.make("resnet18", classes: 5)
            try Checkpoint.save(start.stateDict(), to: folder.path + "/start.safetensors")
            let result = try train("--weights", "start.safetensors", "--epochs", "1", "--freeze", "--out", "run")
            #expect(result.status == 0, "\(result.errors)")
            #expect(result.output.contains("start.safetensors, new head"))
            let trained = try Checkpoint.load(folder.path + "/run/model.safetensors")
            #expect(trained["fc.weight"]?.shape == [2, 512])
            for (name, tensor) in start.stateDict() where !name.hasPrefix("fc.") {
                let isSame = trained[name]?.scalars(as: Double.self) == tensor.scalars(as: Double.self)
                #expect(isSame, "a frozen body stays as it was: \(name)")
            }
        }
    }
}
