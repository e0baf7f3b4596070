import Cresset
import CressetCommands
import CressetNN
import CressetTrain
import CressetVision
import Foundation
import Testing

/// Weights that are written for other programs, converted and looked into.
@Suite struct WeightFileCommandTests {
    private let folder = TemporaryFolder()

    private static let state: StateDict = [
        "fc.weight": Tensor([Float(1), 2, 3, 4, 5, 6], shape: [2, 3]), "fc.bias": Tensor([Float(0.5), -1], shape: [2]),
        "steps": Tensor([Int64(7)], shape: []),
    ]

    private func path(_ name: String) -> FilePath { FilePath(folder.path + "/" + name) }

    private func isState(_ name: String) throws -> Bool {
        let read = try Checkpoint.load(path(name))
        return read.keys == Self.state.keys
            && zip(read, Self.state).allSatisfy {
                $0.tensor.dtype == $1.tensor.dtype && $0.tensor.shape == $1.tensor.shape
                    && $0.tensor.scalars(as: Double.self) == $1.tensor.scalars(as: Double.self)
            }
    }

    @Test func convertsBothWays() throws {
        try Checkpoint.save(Self.state, to: path("a.safetensors"), metadata: ["note": "x"])
        let away = try WeightConversion(path("a.safetensors")).write(to: path("b.pth"), .pth)
        #expect(away.line.hasSuffix("b.pth: 3 tensors, 9 numbers"))
        #expect(away.losses == ["left out: notes, for which PyTorch's format has no place: note"])
        #expect(try isState("b.pth"))
        let back = try WeightConversion(path("b.pth")).write(to: path("c.safetensors"), .safetensors)
        #expect(back.losses.isEmpty)
        #expect(try isState("c.safetensors"))
    }

    @Test func saysWhatIsNoTensor() throws {
        let value: CheckpointValue = ["state_dict": CheckpointValue(Self.state), "epoch": 4, "by": "somebody"]
        try value.save(to: path("run.pth"))
        let result = try WeightConversion(path("run.pth")).write(to: path("d.safetensors"), .safetensors)
        #expect(result.line.contains("3 tensors of \"state_dict\""))
        #expect(try isState("d.safetensors"))
        try (["epoch": 4] as CheckpointValue).save(to: path("empty.pth"))
        let failure = #expect(throws: (any Error).self) { try WeightConversion(path("empty.pth")) }
        #expect(failure.map { CressetTrain.Failure($0).kind } == .badData)
    }

    @Test func namesDecideTheFormat() throws {
        #expect(try WeightFormat.of("a.pth") == .pth && WeightFormat.of("a.pt") == .pth)
        #expect(try WeightFormat.of("a.safetensors") == .safetensors && WeightFormat.of("a", wanted: .pth) == .pth)
        let contradiction = #expect(throws: CressetTrain.Failure.self) {
            try WeightFormat.of("a.pth", wanted: .safetensors)
        }
        #expect(contradiction?.kind == .usage && contradiction?.hint == "name the file .safetensors")
        let silence = #expect(throws: CressetTrain.Failure.self) { try WeightFormat.of("a.bin") }
        #expect(silence?.kind == .usage && silence?.hint == "name the file .safetensors or .pth")
    }

    @Test func looksIntoAFile() throws {
        struct Object: Decodable {
            struct Entry: Decodable {
                let name, dtype: String
                let shape: [Int]
                let bytes: Int
            }
            let sha256, container: String
            let bytes: Int
            let tensors: [Entry]
            let metadata: [String: String]
            let opaque, nonFinite: [String]
        }
        var state = Self.state
        state["odd"] = Tensor([Float.infinity], shape: [1])
        try Checkpoint.save(state, to: path("a.safetensors"), metadata: ["note": "x\u{1b}"])
        let inspection = try WeightInspection(path("a.safetensors"))
        let object = try JSONDecoder().decode(Object.self, from: Data(Results.json(inspection).utf8))
        let file = try Array(folder.bytes("a.safetensors"))
        #expect(object.sha256 == sha256(of: file) && object.bytes == file.count && object.container == "safetensors")
        #expect(object.tensors.map(\.name) == ["fc.weight", "fc.bias", "steps", "odd"])
        #expect(object.tensors.map(\.dtype) == ["float32", "float32", "int64", "float32"])
        #expect(
            object.tensors.map(\.shape) == [[2, 3], [2], [], [1]] && object.tensors.map(\.bytes) == [24, 8, 8, 4])
        #expect(object.metadata == ["note": "x\u{1b}"] && object.nonFinite == ["odd"] && object.opaque.isEmpty)
        let lines = inspection.lines
        #expect(lines.contains { $0.hasPrefix("note ") && $0.hasSuffix("note: x\\u{1b}") }, "\(lines)")
        #expect(lines.contains { $0.hasPrefix("fc.weight ") && $0.contains("2 x 3") && $0.hasSuffix("24") })
    }

    @Test func namesWhatItDidNotExecute() throws {
        try folder.drawPictures(train: 1, validation: 1)
        let value: CheckpointValue = ["fc.weight": .tensor(Tensor([Float(1)], shape: [1])), "epoch": 4]
        try value.save(to: path("mixed.pth"))
        let inspection = try WeightInspection(path("mixed.pth"))
        let opaque = inspection.lines.filter { $0.hasPrefix("opaque") }
        #expect(opaque.count == 1 && opaque[0].contains("epoch"), "\(inspection.lines)")
    }

    @Test func exportsARun() throws {
        try folder.drawPictures()
        try folder.plan().makeRun(in: folder.path + "/run").train()
        let export = try WeightExport(RunFolder(path: folder.path + "/run"))
        let line = try export.write(to: path("out.safetensors"), .safetensors)
        #expect(line.hasPrefix("\(path("out.safetensors")): mobilenet_v3_small, 2 classes, 244 tensors"))
        _ = try export.write(to: path("out.pth"), .pth)
        let own = try Checkpoint(contentsOf: path("run/model.safetensors"))
        for name in ["out.safetensors", "out.pth"] {
            let written = try Checkpoint.load(path(name))
            #expect(written.keys == own.state.keys)
            #expect(
                zip(written, own.state).allSatisfy {
                    $0.tensor.scalars(as: Double.self) == $1.tensor.scalars(as: Double.self)
                })
        }
        let notes = try Checkpoint(contentsOf: path("out.safetensors")).metadata
        #expect(notes["model"] == "mobilenet_v3_small" && notes["classes"] == "[\"dark\",\"light\"]")
        #expect(notes["preprocessing"]?.contains("\"cropSize\":32") == true && notes["format"] == "pt")
        // Weights that are not the run's are refused.
        try FileManager.default.removeItem(atPath: folder.path + "/run/model.safetensors")
        try Checkpoint.save(Self.state, to: path("run/model.safetensors"))
        let failure = #expect(throws: CressetTrain.Failure.self) {
            try WeightExport(RunFolder(path: folder.path + "/run"))
        }
        #expect(failure?.kind == .badData)
    }
}
