import Cresset
import CressetCommands
import CressetTrain
import CressetVision
import Foundation
import Testing

/// Weights say themselves what they are: a copy of `model.safetensors` is enough to classify.
@Suite struct WeightNotesTests {
    private let folder = TemporaryFolder()

    private func path(_ name: String) -> FilePath { FilePath(folder.path).appending(name) }

    private func copy(_ name: String, to other: String) throws {
        try FileManager.default.copyItem(atPath: folder.path + "/" + name, toPath: folder.path + "/" + other)
    }

    private func train() throws {
        try folder.drawPictures()
        try folder.plan().makeRun(in: folder.path + "/run").train()
    }

    @Test func aCopyOfTheWeightsIsEnough() throws {
        try train()
        try folder.makeFolder("elsewhere")
        try copy("run/model.safetensors", to: "elsewhere/model.safetensors")
        let (own, alone) = (try Classifier(path("run")), try Classifier(path("elsewhere/model.safetensors")))
        let record = alone.record
        #expect(record.classes == ["dark", "light"] && record.model == own.record.model)
        #expect(record.preprocessing == own.record.preprocessing && record.version == cressetVersion)
        let picture = path("data/val/light/0.jpg")
        #expect(try alone.predict(picture, count: 2) == own.predict(picture, count: 2))
        // By the file beside its record, and as it was exported.
        #expect(try Classifier(path("run/model.safetensors")).record.data == own.record.data)
        _ = try WeightExport(RunFolder(path: path("run"))).write(to: path("pets.safetensors"), .safetensors)
        #expect(try folder.bytes("pets.safetensors") == folder.bytes("run/model.safetensors"))
        let evaluated = try EvaluationRun(
            path("pets.safetensors"), data: path("data"), progress: Lines().terminal)
        #expect(evaluated.evaluation.pictures.count == 4 && evaluated.pictures.warnings.isEmpty)
        let notes = try WeightInspection(path("pets.safetensors")).lines.filter { $0.hasPrefix("note ") }
        for text in [
            "classes: [\"dark\",\"light\"]", "model: mobilenet_v3_small", "\"cropSize\":32", "weights_sha256: ",
        ] {
            #expect(notes.contains { $0.contains(text) }, "\(text)")
        }
    }

    @Test func aCopyThatWasDamagedIsRefused() throws {
        try train()
        var bytes = Array(try folder.bytes("run/model.safetensors"))
        bytes[bytes.count / 2] ^= 1
        _ = folder.file("bit.safetensors", bytes)
        let failure = try #require(throws: Failure.self) { try Classifier(path("bit.safetensors")) }
        #expect(failure.message.contains("SHA-256") && failure.kind == .badData)
    }

    @Test(
        arguments: [
            [:], ["model": "resnet18"], ["model": "resnet18", "classes": "[\"a\",\"b\"]"],
            ["model": "resnet18", "classes": "a,b", "preprocessing": "{}"],
            ["model": "resnet18", "classes": "[\"a\",\"a\"]", "preprocessing": "{}"],
            ["model": "resnet18", "classes": "[]", "preprocessing": "{}"],
            ["model": "resnet18", "classes": "[\"a\",\"b\"]", "preprocessing": "{\"cropSize\": 1000000}"],
            ["model": "resnet18", "classes": "[\"a\",\"b\"]", "preprocessing": "{\"mean\": [0]}"],
        ] as [[String: String]])
    func weightsThatDoNotDescribeThemselvesNeedTheirRun(_ notes: [String: String]) throws {
        let weights = StateDict([("fc.bias", Tensor([Float(1), 2]))])
        try Checkpoint.save(weights, to: path("a.safetensors"), metadata: notes)
        let failure = try #require(throws: Failure.self) { try Classifier(path("a.safetensors")) }
        #expect(
            failure.message.hasSuffix("a.safetensors: does not say what its classes are and how pictures are prepared"))
        #expect(failure.hint?.contains("the folder of its run") == true && failure.kind == .badData)
    }

    @Test func whatIsNoWeightFileIsNamed() throws {
        try CheckpointValue(StateDict([("fc.bias", Tensor([Float(1)]))])).save(to: path("a.pth"))
        _ = folder.file("text.safetensors", Array("text".utf8))
        for name in ["a.pth", "text.safetensors"] {
            let failure = try #require(throws: Failure.self) { try Classifier(path(name)) }
            #expect(failure.message.contains("does not say what its classes are"), "\(failure)")
        }
        let missing = try #require(throws: Failure.self) { try Classifier(path("none.safetensors")) }
        #expect(missing.kind == .inputMissing)
        // Notes of another network than the one whose weights they are.
        let notes = ["model": "resnet18", "classes": "[\"a\",\"b\"]", "preprocessing": "{}"]
        try Checkpoint.save(StateDict([("x", Tensor([Float(1)]))]), to: path("b.safetensors"), metadata: notes)
        let other = try #require(throws: Failure.self) { try Classifier(path("b.safetensors")) }
        #expect(other.message.contains("b.safetensors") && other.kind == .badData)
    }

    /// Classes are matched by name, not by their places.
    @Test func trainingStartsFromACopyWithItsClasses() throws {
        try train()
        try copy("run/model.safetensors", to: "copy.safetensors")
        try FileManager.default.moveItem(
            atPath: folder.path + "/data/train/dark", toPath: folder.path + "/data/train/zebra")
        try FileManager.default.moveItem(
            atPath: folder.path + "/data/val/dark", toPath: folder.path + "/data/val/zebra")
        let plan = try folder.plan { $0.weights = folder.path + "/copy.safetensors" }
        #expect(
            plan.note.contains("copy.safetensors with its preprocessing, head kept for light, new for zebra"),
            "\(plan.note)")
        let old = try Checkpoint.load(path("copy.safetensors"))["classifier.3.weight"]!.scalars(as: Float.self)
        let new = plan.model.stateDict()["classifier.3.weight"]!.scalars(as: Float.self)
        #expect(new.prefix(new.count / 2).elementsEqual(old.suffix(old.count / 2)))
    }
}
