import Cresset
import Foundation
import Testing

/// Each way in which PyTorch pickles a tensor: read with PyTorch's numbers, or rejected with the reason.
/// `Fixtures/pytorch/tensors.py` created the files; the numbers are those that `torch.load` returns for them.
@Suite struct PyTorchTensorTests {
    private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Fixtures/pytorch/tensors").path

    @Test(arguments: ["readable.pth", "readable-legacy.pth"])
    func numbersArePyTorchs(_ file: String) throws {
        let state = try Checkpoint.load(Self.fixtures + "/" + file)
        let expected: [(String, Shape, [Double])] = [
            ("negated", [2], [-2, 4]), ("negated half", [2], [-2, 0.5]), ("expanded", [2, 3], [0, 0, 0, 1, 1, 1]),
            ("scalar expanded", [2, 2], [7, 7, 7, 7]),
            ("windows", [4, 3], [0, 1, 2, 1, 2, 3, 2, 3, 4, 3, 4, 5]), ("view", [3], [1, 3, 5]),
            ("transposed", [3, 2], [0, 3, 1, 4, 2, 5]), ("with an attribute", [2], [1, 2]), ("parameter", [1], [5]),
            ("parameter with an attribute", [2], [3, 4]), ("buffer", [1], [6]), ("gradient wanted", [2], [1, 1]),
        ]
        #expect(state.keys == expected.map(\.0))
        for (name, shape, numbers) in expected {
            #expect(state[name]?.shape == shape && state[name]?.scalars(as: Double.self) == numbers, "\(name)")
        }
        #expect(state["negated half"]?.dtype == .float64 && state["scalar expanded"]?.dtype == .int64)
        let value = try CheckpointValue(contentsOf: Self.fixtures + "/" + file)
        #expect(value["negated"]?.tensor?.scalars(as: Double.self) == [-2, 4])
    }

    @Test(arguments: [
        ("complex", "complex numbers (complex64)", "view_as_real"), ("float8", "(float8_e4m3fn)", "float()"),
        ("uint16", "elements of type uint16", "another dtype"), ("quantized", "quantized tensors", "dequantize()"),
        ("sparse", "sparse tensors", "to_dense()"), ("csr", "sparse tensors", "to_dense()"),
        ("nested", "nested tensors", "unbind()"), ("jagged", "NestedTensor", "ordinary tensor"),
        ("meta", "meta device", "before saving"), ("subclass", "__main__.Marked", "ordinary tensor"),
        ("lazy", "never run", "call the model once"),
    ])
    func whatIsNotReadIsNamed(_ kind: String, _ reason: String, _ hint: String) throws {
        let path = Self.fixtures + "/unreadable-\(kind).pth"
        let error = try #require(throws: CheckpointError.self) { try Checkpoint.load(path) }
        #expect(error.kind == .unsupported)
        #expect(error.problem.hasPrefix("entry layer.\(kind): "), "\(error)")
        #expect(error.problem.contains(reason) && error.hint?.contains(hint) == true, "\(error)")
        // An unreadable tensor that is not requested does not block the others.
        #expect(try CheckpointValue(contentsOf: path)["good"]?.tensor?.scalars(as: Float.self) == [1])
    }

    /// A tensor `w` over four bytes [1, 2, 3, 128], pickled with `tail` after the stride.
    private func state(
        _ dtype: String, shape: [Int], function: String = "_rebuild_tensor_v2", bigEndian: Bool = false,
        tail: (inout PickleWriter) -> Void
    ) throws(CheckpointError) -> StateDict {
        var pickle = PickleWriter()
        pickle.op("}")
        pickle.string("w")
        pickle.global("torch._utils", function)
        pickle.op("(")
        pickle.op("(")
        pickle.string("storage")
        pickle.global("torch" + (dtype == "Untyped" ? ".storage" : ""), dtype + "Storage")
        for text in ["0", "cpu"] { pickle.string(text) }
        pickle.int(["Int": 1, "Float": 1, "Short": 2][dtype] ?? 4)
        pickle.op("t")
        pickle.op("Q")
        pickle.int(0)
        pickle.ints(shape)
        pickle.ints([1])
        tail(&pickle)
        pickle.op("t")
        pickle.op("R")
        pickle.op("s")
        pickle.stop()
        let file = torchZip(
            pickle.bytes, storages: [("0", [1, 2, 3, 128])], byteOrder: bigEndian ? "big" : "little")
        return try checkpoint(file).state
    }

    /// `False, OrderedDict()`, then `{name: True}`.
    private func marked(_ name: String) -> (inout PickleWriter) -> Void {
        {
            $0.op(0x89)
            $0.orderedDictionary()
            $0.op("}")
            $0.string(name)
            $0.op(0x88)
            $0.op("s")
        }
    }

    @Test func marksOfOtherTypes() throws {
        // The result of torch's resolve_neg() for these bytes.
        let int8 = try state("Char", shape: [4], tail: marked("neg"))["w"]
        #expect(int8?.scalars(as: Int.self) == [-1, -2, -3, -128])
        #expect(try state("Byte", shape: [4], tail: marked("neg"))["w"]?.scalars(as: Int.self) == [255, 254, 253, 128])
        let big = try state("Short", shape: [2], bigEndian: true, tail: marked("neg"))["w"]
        #expect(big?.scalars(as: Int.self) == [-0x0102, -0x0380])
        for (dtype, mark) in [("Bool", "neg"), ("Float", "conj"), ("Float", "other")] {
            let error = try #require(throws: CheckpointError.self) {
                try state(dtype, shape: [1], tail: marked(mark))
            }
            #expect(error.problem.hasPrefix("entry w: the mark \(mark) is not supported"), "\(error)")
        }
    }

    @Test func argumentsAreThoseOfPyTorch() throws {
        let untyped = try state("Untyped", shape: [4]) {
            $0.op(0x89)
            $0.orderedDictionary()
        }
        #expect(untyped["w"]?.dtype == .uint8)
        #expect(untyped["w"]?.scalars(as: Int.self) == [1, 2, 3, 128])
        let named = try state("Untyped", shape: [2], function: "_rebuild_tensor_v3", bigEndian: true) {
            $0.op(0x89)
            $0.orderedDictionary()
            $0.global("torch", "int16")
        }
        #expect(named["w"]?.scalars(as: Int.self) == [0x0102, 0x0380])
        #expect(try state("Byte", shape: [4], function: "_rebuild_tensor") { _ in }["w"]?.elementCount == 4)
        // Too few, too many.
        #expect(throws: CheckpointError.self) { try state("Byte", shape: [4]) { _ in } }
        #expect(throws: CheckpointError.self) {
            try state("Byte", shape: [4], function: "_rebuild_tensor") { $0.op("N") }
        }
        #expect(throws: CheckpointError.self) {
            try state("Byte", shape: [4]) { for code in ["N", "N", "N", "N"] as [Unicode.Scalar] { $0.op(code) } }
        }
    }

    @Test func expandedTensorsOfAnySizeAreNotMade() throws {
        let entry = PickledEntry(name: "w", shape: [1 << 20, 1 << 20], strides: [0, 0], count: 4)
        let error = try #require(refusal(torchZip(statePickle([entry]), storages: [("0", floatBytes([1, 2, 3, 4]))])))
        #expect(error.problem.contains("entry w of shape [1048576, 1048576] repeats its 16 stored bytes"), "\(error)")
        #expect(error.hint?.contains("clone()") == true)
    }
}
