import Cresset
import CressetTrain
import CressetVision
import Testing

extension CommandTests {
    /// Pictures of another size than the weights were trained with.
    @Suite struct InputSizeTests {
        private let folder = TemporaryFolder()

        private func train(_ more: String...) throws -> (status: Int32, output: String, errors: String) {
            let process = try CommandProcess(
                ["train", "data", "--weights", "none", "--epochs", "1"] + more, in: folder)
            return (try process.status(), process.output, process.errors)
        }

        @Test func aRunKeepsTheSizeThatItWasTrainedWith() throws {
            try folder.drawPictures(train: 2, validation: 1)
            let trained = try train("--img-size", "48", "--batch-size", "2")
            #expect(trained.status == 0, "\(trained.errors)")
            let record = try folder.record(of: "runs/train-1")
            #expect(record.preprocessing.cropSize == 48 && record.preprocessing.resizeSize == 55)
            #expect(record.options.imageSize == 48)
            let predicted = try cresset("predict", "runs/train-1", "data/val/light/0.jpg", in: folder)
            #expect(predicted.status == 0, "\(predicted.errors)")
        }

        @Test func sizesThatANetworkCannotTakeAreRefusedBeforeAnythingElse() throws {
            let small = try train("--img-size", "40", "--model", "inception_v3")
            #expect(small.status == 64)
            #expect(
                small.errors.contains(
                    "inception_v3 cannot take pictures of 40 × 40 pixels: their sides must be 75 or more"))
            #expect(small.errors.contains("hint: the nearest side that it can take is 75"))
            let patches = try train("--img-size", "100", "--model", "vit_b_16")
            #expect(patches.status == 64 && patches.errors.contains("multiples of 16"))
            let none = try train("--img-size", "0")
            #expect(none.status == 64 && none.errors.contains("--img-size must be from 1 to 1024, got 0"))
            #expect(try cresset("summary", "maxvit_t", "--img-size", "225", in: folder).status == 64)
        }

        /// The last feature map of 32 × 32 pixels is a single pixel.
        @Test func batchesOfOneThatANormalisationCannotUseAreRefused() throws {
            try folder.drawPictures(train: 2, validation: 1)
            let refused = try train("--img-size", "32", "--batch-size", "1")
            #expect(refused.status == 64)
            #expect(refused.errors.contains("a single value per channel"), "\(refused.errors)")
            #expect(refused.errors.contains("--batch-size 2 or more, or --freeze"))
            #expect(try train("--img-size", "32", "--batch-size", "1", "--freeze").status == 0)
            #expect(try train("--img-size", "64", "--batch-size", "1").status == 0)
        }

        @Test func aTransformerOfOneSizeStartsOneOfAnother() throws {
            try Generator.$current.withValue(Generator(seed: 3)) {
                let small = VisionTransformer(
                    patchSize: 32, layers: 12, attentionHeads: 12, features: 768, hidden: 3072, classes: 2,
                    imageSize: 64)
                let start = try ModelStart(
                    "vit_b_32", classes: ["a", "b"], source: .file(saved(small)), imageSize: 96)
                let model = try #require(start.model as? VisionTransformer)
                #expect(model.imageSize == 96)
                let positions = model.stateDict()["encoder.pos_embedding"]
                #expect(positions?.shape == [1, 10, 768])
                let first = small.stateDict()["encoder.pos_embedding"]?[0, 0, 0].item()
                #expect(positions?[0, 0, 0].item() == first)
            }
        }

        private func saved(_ model: VisionTransformer) throws -> FilePath {
            let path = (folder.path + "/small.safetensors").filePath
            try Checkpoint.save(model.stateDict(), to: path)
            return path
        }

        /// A record is a claim.
        @Test func aRecordWithAnImpossibleSizeIsRefused() throws {
            try folder.drawPictures(train: 2, validation: 1)
            #expect(try train("--model", "squeezenet1_1", "--img-size", "32", "--out", "run").status == 0)
            let record = try String(decoding: folder.bytes("run/run.json"), as: UTF8.self)
            let forged = record.replacing(/"cropSize" ?: ?32/, with: "\"cropSize\" : 5")
            #expect(forged != record)
            _ = folder.file("run/run.json", Array(forged.utf8))
            let predicted = try cresset("predict", "run", "data/val/light/0.jpg", in: folder)
            #expect(predicted.status == 65)
            #expect(
                predicted.errors.contains("squeezenet1_1 cannot take pictures of 5 × 5 pixels"), "\(predicted.errors)")
        }

        @Test func theSummaryShowsShapesParametersAndWork() throws {
            let table = try cresset("summary", "resnet18", "--depth", "1", "--classes", "10", in: folder)
            #expect(table.status == 0, "\(table.errors)")
            #expect(table.output.contains(/fc: Linear +\[1, 10\] +5,130 +5,120\n/), "\(table.output)")
            #expect(table.output.contains("parameters       11,181,642\n"))
            let json = try cresset("summary", "vit_b_32", "--img-size", "64", "--json", in: folder)
            #expect(json.output.contains("\"inputShape\""))
            #expect(try cresset("summary", "resnet19", in: folder).errors.contains("resnet18"))
        }
    }
}
