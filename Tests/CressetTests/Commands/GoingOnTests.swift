import Cresset
import CressetNN
import CressetTrain
import CressetVision
import Foundation
import Testing

extension CommandTests {
    /// Training that continues from a run or from other weights, and weights that cannot be used.
    @Suite struct GoingOnTests {
        private let folder = TemporaryFolder()

        private func train(_ weights: String, _ out: String, _ more: String...) throws -> CommandProcess {
            let arguments = ["train", "data", "--batch-size", "4", "--epochs", "1", "--lr", "0", "--weights", weights]
            let process = try CommandProcess(arguments + ["--out", out] + more, in: folder)
            try process.status()
            return process
        }

        private func weights(of run: String) throws -> StateDict { try Checkpoint.load(folder.path + "/" + run) }

        /// A run of resnet18 with random weights, for the classes "dark" and "other".
        private func makeRun(_ name: String) throws -> StateDict {
            try folder.makeFolder(name)
            let run = RunFolder(path: folder.path + "/" + name)
            let record = RunRecord(
                model: RunRecord.Model(name: "resnet18", classCount: 2), classes: ["other", "dark"],
                preprocessing: Preprocessing(cropSize: 64, resizeSize: 72, interpolation: .bicubic),
                options: TrainingOptions(),
                data: RunRecord.Data(path: "data", trainCount: 8, validationCount: 4, skipped: []))
            try record.write(to: run)
            let state = try ModelZoo.make("resnet18", classes: 2).stateDict()
            try Checkpoint.save(state, to: run.weightsPath, metadata: ["model": "resnet18"])
            return state
        }

        @Test func aRunGoesOnWithItsPreprocessingAndItsClasses() throws {
            try folder.drawPictures(train: 2, validation: 1)
            let start = try makeRun("first")
            let second = try train("first", "second")
            #expect(second.output.contains("first with its preprocessing, head kept for dark, new for light)"))
            #expect(second.errors.isEmpty, "\(second.errors)")
            let record = try folder.record(of: "second")
            #expect(record.preprocessing == Preprocessing(cropSize: 64, resizeSize: 72, interpolation: .bicubic))
            #expect(record.classes == ["dark", "light"])
            let trained = try weights(of: "second")
            let (old, new) = (
                start["fc.weight"]!.scalars(as: Float.self), trained["fc.weight"]!.scalars(as: Float.self)
            )
            #expect(new[..<512].elementsEqual(old[512...]), "the row of dark has moved")
            #expect(!new[512...].elementsEqual(old[..<512]), "light has not got the row of other")
            #expect(
                trained["conv1.weight"]?.scalars(as: Float.self) == start["conv1.weight"]?.scalars(as: Float.self))

            // By the file, and with classes that are all known.
            let third = try train("second/model.safetensors", "third")
            #expect(third.output.contains("second/model.safetensors with its preprocessing, the same classes)"))
            #expect(try weights(of: "third")["fc.weight"]?.scalars(as: Float.self) == new)
            #expect(try cresset("predict", "third/model.safetensors", "data/val/dark/0.jpg", in: folder).status == 0)

            let other = try train("first", "fourth", "--model", "resnet34")
            #expect(try other.status() == 65)
            #expect(other.errors.contains("first: holds the weights of resnet18, not of resnet34"), "\(other.errors)")
            #expect(other.errors.contains("--model resnet18"))
        }

        @Test func weightsOfOthersAreNamed() throws {
            try folder.drawPictures(train: 2, validation: 1)
            let state = try ModelZoo.make("resnet18", classes: 3).stateDict()
            let wrapped = CheckpointValue(state.renamed { "model.net." + $0 })
            try CheckpointValue.dictionary([(key: "state_dict", value: wrapped), (key: "epoch", value: 3)]).save(
                to: folder.path + "/lightning.ckpt")
            let taken = try train("lightning.ckpt", "one")
            #expect(
                taken.output.contains(
                    "lightning.ckpt, from its \"state_dict\", names without \"model.net.\", new head)"),
                "\(taken.output)\(taken.errors)")

            let refused = try train("lightning.ckpt", "two", "--model", "resnet50")
            #expect(try refused.status() == 65)
            #expect(refused.errors.contains("lightning.ckpt: holds the weights of resnet18, not of resnet50"))

            var spoilt = state
            spoilt["layer1.0.bn1.weight"] = Tensor([Float](repeating: .nan, count: 64))
            try Checkpoint.save(spoilt, to: folder.path + "/spoilt.pth")
            let nan = try train("spoilt.pth", "three")
            #expect(try nan.status() == 65)
            #expect(nan.errors.contains("spoilt.pth: contains numbers that are not finite, in layer1.0.bn1.weight"))
            #expect(nan.errors.contains("--allow-nonfinite"))
            #expect(!FileManager.default.fileExists(atPath: folder.path + "/three"))
        }

        @Test func predictionsThatAreNotFiniteAreBadData() throws {
            try folder.drawPictures(train: 1, validation: 1)
            var state = try makeRun("run")
            state["fc.bias"] = Tensor([Float.nan, 0])
            try Checkpoint.save(state, to: folder.path + "/run/model.safetensors")
            let picture = "data/val/dark/0.jpg"
            let atTheDoor = try cresset("predict", "run", picture, in: folder)
            #expect(
                atTheDoor.status == 65 && atTheDoor.errors.contains("not finite, in fc.bias"), "\(atTheDoor.errors)")
            for more in [[], ["--json"]] {
                let process = try CommandProcess(["predict", "run", picture, "--allow-nonfinite"] + more, in: folder)
                #expect(try process.status() == 65)
                #expect(process.errors.contains("\(picture): the network's output is not a finite number"))
                #expect(!process.output.contains("nan") && !process.errors.contains("unexpected"))
            }
        }
    }
}
