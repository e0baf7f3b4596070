import Cresset
import CressetTrain
import CressetVision
import Foundation
import Testing

extension CommandTests {
    /// What a user may give the command by mistake, or a file by malice: each ends with a message and its exit status.
    @Suite struct BadInputTests {
        private let folder = TemporaryFolder()

        /// Expects `cresset train` to end with a status and one line that says what is wrong, and to write nothing.
        private func expectRefusal(
            _ status: Int32, _ texts: String..., data: String = "data", arguments: [String] = ["--weights", "none"],
            at location: SourceLocation = #_sourceLocation
        ) throws {
            let process = try CommandProcess(["train", data] + arguments, in: folder)
            #expect(try process.status() == status, "\(process.errors)", sourceLocation: location)
            for text in texts {
                #expect(process.errors.contains(text), "\(process.errors)", sourceLocation: location)
            }
            #expect(process.errors.hasPrefix("error: "), "\(process.errors)", sourceLocation: location)
            #expect(!FileManager.default.fileExists(atPath: folder.path + "/runs"), sourceLocation: location)
        }

        @Test func foldersThatAreNotAsTheyShouldBe() throws {
            try expectRefusal(66, "nowhere: no such folder", "hint: ", data: "nowhere")

            try folder.makeFolder("data/train")
            try expectRefusal(66, "data/train: no class folders, the folder is empty", "hint: ")

            try folder.makeFolder("data/val")
            try expectRefusal(66, "data/train: no class folders, the folder is empty", "hint: ")

            _ = folder.file("data/train/loose.jpg", [])
            try expectRefusal(66, "data/train: no class folders, only loose.jpg")

            try folder.drawPictures(train: 1, validation: 1)
            try folder.makeFolder("data/train/empty")
            try expectRefusal(65, "data/train: no pictures in empty", "hint: ")
            rmdir(folder.path + "/data/train/empty")

            try folder.makeFolder("data/val/grey")
            try expectRefusal(
                65, "data/val: classes that the training folder lacks: grey (it has dark, light)", "hint: ")
            rmdir(folder.path + "/data/val/grey")

            try folder.makeFolder("data/val/.hidden")
            try folder.makeFolder("out")
            _ = folder.file("out/something", [])
            try expectRefusal(
                73, "out: the folder is not empty", "hint: ", arguments: ["--weights", "none", "--out", "out"])
        }

        @Test func everyPictureBroken() throws {
            for split in ["train", "val"] {
                for name in TemporaryFolder.classes {
                    try folder.makeFolder("data/\(split)/\(name)")
                    _ = folder.file("data/\(split)/\(name)/0.jpg", Array("<html>".utf8))
                }
            }
            try expectRefusal(
                65, "data/train: none of the 1 pictures of the class dark can be used, such as ", "HTML page")
        }

        @Test func weightFilesThatCannotBeUsed() throws {
            try folder.drawPictures(train: 1, validation: 1)
            try expectRefusal(66, "nowhere.pth", arguments: ["--weights", "nowhere.pth"])

            let model = try ModelZoo.make("resnet18", classes: 2)
            try Checkpoint.save(model.stateDict(), to: folder.path + "/whole.safetensors")
            let bytes = try folder.bytes("whole.safetensors")
            _ = folder.file("cut.safetensors", Array(bytes.prefix(1 << 20)))
            try expectRefusal(65, "cut.safetensors: ", "truncated", arguments: ["--weights", "cut.safetensors"])

            var pickle = PickleWriter()
            pickle.op("}")
            pickle.global("posix", "system")
            pickle.stop()
            _ = folder.file("evil.pth", torchZip(pickle.bytes, storages: []))
            try expectRefusal(65, "evil.pth: ", "posix", arguments: ["--weights", "evil.pth"])

            _ = folder.file("page.pth", Array("<!DOCTYPE html><html></html>".utf8))
            try expectRefusal(65, "page.pth: ", arguments: ["--weights", "page.pth"])

            try expectRefusal(
                65, "whole.safetensors: holds the weights of resnet18, not of resnet50", "hint: ", "--model resnet18",
                arguments: ["--weights", "whole.safetensors", "--model", "resnet50"])
        }

        @Test func weightsOfAnotherHeadInARunFolder() throws {
            try folder.drawPictures(train: 1, validation: 1)
            let trained = try cresset("train", "data", "--weights", "none", "--epochs", "1", "--out", "run", in: folder)
            #expect(trained.status == 0)
            let other = try ModelZoo.make("resnet18", classes: 3)
            try Checkpoint.save(other.stateDict(), to: folder.path + "/run/model.safetensors")
            let result = try cresset("predict", "run", "data/val/dark/0.jpg", in: folder)
            #expect(result.status == 65)
            #expect(
                result.errors.contains("run/model.safetensors: the weights do not fit the model: 2 of another shape"))
            #expect(result.errors.contains(/fc\.weight +\[2, 512\] +\[3, 512\]/), "\(result.errors)")
        }

        @Test func wrongUsage() throws {
            try folder.drawPictures(train: 1, validation: 1)
            try expectRefusal(64, "--epochs must be 1 or more, got 0", arguments: ["--epochs", "0"])
            try expectRefusal(64, "--lr must be 0 or more", arguments: ["--lr", "nan"])
            try expectRefusal(64, "--model", arguments: ["--modle", "resnet18"])
            try expectRefusal(
                64, "did you mean one of resnet18, resnet34,", arguments: ["--weights", "none", "--model", "resnet81"])
            try expectRefusal(64, "IMAGENET1K_V9", arguments: ["--weights", "IMAGENET1K_V9"])
            #expect(try cresset("predict", "nowhere", "x.jpg", in: folder).status == 66)
            #expect(try cresset("sample-data", "data", in: folder).status == 73, "never writes over anything")
        }

        @Test func noNetworkForPublishedWeights() throws {
            try folder.drawPictures(train: 1, validation: 1)
            try expectRefusal(
                69, "resnet18-f37072fd.pth is not in \(folder.path)/torch/hub/checkpoints",
                "hint: download https://download.pytorch.org/models/resnet18-f37072fd.pth", "and put it into ",
                arguments: ["--weights", "imagenet"])
            try folder.makeFolder("torch/hub/checkpoints")
            _ = folder.file("torch/hub/checkpoints/resnet18-f37072fd.pth", [1, 2, 3])
            try expectRefusal(65, "not the published file", arguments: ["--weights", "imagenet"])
        }
    }
}
