import Cresset
import Foundation
import Testing

/// The contents of `torch.save` files other than weights, read and written.
@Suite struct CheckpointValueTests {
    private let folder = TemporaryFolder()

    private func read(_ pickle: [UInt8], storages: [(String, [UInt8])] = []) throws -> CheckpointValue {
        try CheckpointValue(contentsOf: folder.file("value.pth", torchZip(pickle, storages: storages)))
    }

    /// A text that shows everything a value contains.
    private func shown(_ value: CheckpointValue) -> String {
        switch value {
        case .none: "None"
        case .bool(let value): "\(value)"
        case .int(let value): "\(value)"
        case .double(let value): "\(value)f"
        case .text(let text): "'\(text)'"
        case .tensor(let tensor): "\(tensor.dtype)\(tensor.shape)\(tensor.scalars(as: Double.self))"
        case .list(let items): "[" + items.map(shown).joined(separator: " ") + "]"
        case .tuple(let items): "(" + items.map(shown).joined(separator: " ") + ")"
        case .dictionary(let pairs):
            "{" + pairs.map { "\(shown($0.key)): \(shown($0.value))" }.joined(separator: " ") + "}"
        case .other(let name): "<\(name)>"
        }
    }

    private var everything: CheckpointValue {
        let shared = Tensor([1, 2, 3] as [Float])
        return [
            "none": .none, "yes": true, "no": false, "pi": 3.14159, "text": "ä\u{0}\n", "": "",
            "ints": [
                0, 255, 256, 65535, 65536, -1, -300, .int(Int(Int32.max)), .int(Int(Int32.min) - 1), .int(.max),
                .int(.min),
            ],
            "tuples": [.tuple([]), .tuple([1]), .tuple([1, .tuple([2, "text"])])], 7: ["int key": [:]], "list": [],
            "tensors": [.tensor(shared), .tensor(shared), .tensor(.zeros([0, 2])), .tensor(.ones([], dtype: .int16))],
            "infinite": [.double(.infinity), .double(-.infinity), .double(-0.0)],
        ]
    }

    @Test func comesBackAsItWas() throws {
        let path = folder.path + "/value.pth"
        try everything.save(to: path)
        #expect(shown(try CheckpointValue(contentsOf: path)) == shown(everything))
        let first = try Data(contentsOf: URL(fileURLWithPath: path))
        try everything.save(to: path)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == first)
        #expect(folder.names == ["value.pth"])
    }

    /// The 64-bit fields of a large archive, with every number treated as a large one.
    @Test(arguments: [0, 1, 100, 700]) func wideFieldsAreReadToo(_ limit: Int) throws {
        let path = folder.path + "/wide.pth"
        try everything.save(to: path.filePath, zip64From: limit)
        #expect(shown(try CheckpointValue(contentsOf: path)) == shown(everything))
        if let folder = ProcessInfo.processInfo.environment["CRESSET_PYTORCH_FOLDER"] {
            try everything.save(to: "\(folder)/wide-\(limit).pth".filePath, zip64From: limit)
        }
    }

    @Test func storagesAreAligned() throws {
        let path = folder.path + "/aligned.pth"
        // Each of a different length, so that padding of every length is needed.
        try CheckpointValue.list((1...40).map { .tensor(Tensor.full([$0 * 3], Double($0)).to(.uint8)) }).save(to: path)
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        for value in 1...40 {
            let run = [UInt8](repeating: UInt8(value), count: value * 3)
            let isThere = stride(from: 0, to: bytes.count - run.count, by: 64).contains {
                bytes[$0..<$0 + run.count].elementsEqual(run)
            }
            #expect(isThere, "\(value)")
        }
    }

    @Test func whatCannotBeWrittenIsSaid() throws {
        let path = folder.path + "/x.pth"
        try CheckpointValue.int(1).save(to: path)
        let other = #expect(throws: CheckpointError.self) { try CheckpointValue.list([.other("a set")]).save(to: path) }
        #expect(other?.kind == .unwritable && other?.description.contains("a set") == true)
        var deep: CheckpointValue = 1
        for _ in 0..<100 { deep = .list([deep]) }
        #expect(throws: CheckpointError.self) { try deep.save(to: path) }
        #expect(throws: CheckpointError.self) { try CheckpointValue.none.save(to: folder.path + "/none/x.pth") }
        let metadata = #expect(throws: CheckpointError.self) {
            try Checkpoint.save(["w": .ones([1])], to: path, metadata: ["a": "b"])
        }
        #expect(metadata?.description.contains("hint:") == true)
        #expect(try CheckpointValue(contentsOf: path).int == 1 && folder.names == ["x.pth"])
    }

    @Test func otherFilesAreNamed() throws {
        try Checkpoint.save(["w": .ones([1])], to: folder.path + "/w.safetensors")
        for name in ["w.safetensors", "none.pth", ""] {
            let error = #expect(throws: CheckpointError.self) {
                try CheckpointValue(contentsOf: folder.path + "/" + name)
            }
            #expect(error?.description.hasPrefix(folder.path) == true)
        }
    }

    // MARK: Hostile pickles

    @Test func codeIsRefused() {
        var pickle = PickleWriter()
        pickle.global("os", "system")
        pickle.string("true")
        pickle.op(0x85)
        pickle.op("R")
        pickle.stop()
        let error = #expect(throws: CheckpointError.self) { try read(pickle.bytes) }
        #expect(error?.kind == .hostile)
    }

    @Test func unknownClassesAreNames() throws {
        var pickle = PickleWriter()
        pickle.op("]")
        pickle.global("argparse", "Namespace")
        pickle.op(")")
        pickle.op(0x81)
        pickle.op("a")
        pickle.stop()
        #expect(shown(try read(pickle.bytes)) == "[<argparse.Namespace>]")
    }

    /// A list that contains itself, and endlessly nested lists.
    @Test func depthIsBounded() {
        var circle = PickleWriter()
        circle.op("]")
        circle.op("q")
        circle.op(0)
        circle.op("h")
        circle.op(0)
        circle.op("a")
        circle.stop()
        var deep = PickleWriter()
        for _ in 0..<1_000_000 { deep.op("]") }
        for _ in 0..<999_999 { deep.op("a") }
        deep.stop()
        for pickle in [circle, deep] {
            let error = #expect(throws: CheckpointError.self) { try read(pickle.bytes) }
            #expect(error?.description.contains("deep") == true)
        }
    }

    /// Lists of ten times the previous list: a hundred bytes for ten to the twentieth values.
    @Test func repetitionIsBounded() {
        var pickle = PickleWriter()
        pickle.op("]")
        for level in 0..<20 {
            pickle.op("q")
            pickle.op(UInt8(level))
            pickle.op("0")
            pickle.op("]")
            pickle.op("(")
            for _ in 0..<10 {
                pickle.op("h")
                pickle.op(UInt8(level))
            }
            pickle.op("e")
        }
        pickle.stop()
        #expect(throws: CheckpointError.self) { try read(pickle.bytes) }
    }
}
