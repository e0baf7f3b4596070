import Cresset
import Foundation
import Testing

@Suite struct CheckpointReadingTests {
    @Test(arguments: SoundFile.allCases)
    func everyContainerGivesTheSameTensor(_ file: SoundFile) throws {
        let state = try checkpoint(file.bytes).state
        #expect(state.keys == ["w"])
        #expect(state["w"]?.shape == [2, 2])
        #expect(state["w"]?.dtype == .float32)
        #expect(state["w"]?.scalars(as: Float.self) == [1, 2, 3, 4])
    }

    @Test func viewsOfOneStorage() throws {
        let bytes = torchZip(
            statePickle([
                PickledEntry(name: "transposed", shape: [3, 2], strides: [1, 3], count: 6),
                PickledEntry(name: "column", shape: [2], strides: [3], offset: 1, count: 6),
                PickledEntry(name: "scalar", shape: [], offset: 5, count: 6),
                PickledEntry(name: "empty", shape: [0, 3], count: 6),
                PickledEntry(name: "expanded", shape: [3, 2], strides: [0, 1], count: 6),
            ]), storages: [("0", floatBytes([0, 1, 2, 3, 4, 5]))])
        let state = try checkpoint(bytes).state
        #expect(state.keys == ["transposed", "column", "scalar", "empty", "expanded"])
        #expect(state["transposed"]?.scalars(as: Float.self) == [0, 3, 1, 4, 2, 5])
        #expect(state["column"]?.scalars(as: Float.self) == [1, 4])
        #expect(state["scalar"]?.scalars(as: Float.self) == [5])
        #expect(state["empty"]?.shape == [0, 3])
        #expect(state["expanded"]?.scalars(as: Float.self) == [0, 1, 0, 1, 0, 1])
    }

    @Test(arguments: [
        ("DoubleStorage", DType.float64), ("HalfStorage", .float16), ("BFloat16Storage", .bfloat16),
        ("LongStorage", .int64), ("IntStorage", .int32), ("ShortStorage", .int16), ("CharStorage", .int8),
        ("ByteStorage", .uint8), ("BoolStorage", .bool),
    ])
    func elementTypes(_ name: String, _ dtype: DType) throws {
        let data = [UInt8](repeating: 0, count: dtype.itemSize) + [1] + [UInt8](repeating: 0, count: dtype.itemSize - 1)
        let entry = PickledEntry(name: "w", shape: [2], count: 2, storageType: name)
        let tensor = try #require(try checkpoint(torchZip(statePickle([entry]), storages: [("0", data)])).state["w"])
        #expect(tensor.dtype == dtype)
        #expect(tensor.withUnsafeBytes { Array($0) } == data)
    }

    @Test func bigEndianStorages() throws {
        let data = [Float(1.5), -2].flatMap { littleEndianBytes($0.bitPattern).reversed() }
        let pickle = statePickle([PickledEntry(name: "w", shape: [2], count: 2)])
        let state = try checkpoint(torchZip(pickle, storages: [("0", data)], byteOrder: "big")).state
        #expect(state["w"]?.scalars(as: Float.self) == [1.5, -2])
    }

    @Test func trainingCheckpointWithObjectsThatAreOnlyReported() throws {
        var pickle = PickleWriter(protocol: 4)
        pickle.op("}")
        pickle.op(0x94)
        pickle.op("(")
        pickle.string("args")
        pickle.string("argparse")
        pickle.string("Namespace")
        pickle.op(0x93)
        pickle.op(")")
        pickle.op(0x81)
        pickle.op("}")
        pickle.op("b")
        pickle.string("state_dict")
        pickle.op("}")
        pickle.string("module.w")
        PickledEntry(name: "", shape: [1], count: 1).write(to: &pickle, isLegacy: false)
        pickle.op("s")
        pickle.op("u")
        pickle.stop()
        let file = try checkpoint(torchZip(pickle.bytes, storages: [("0", floatBytes([7]))]))
        #expect(file.state.keys == ["module.w"])
        #expect(file.skipped == ["args (argparse.Namespace)"])
        let model: StateDict = ["w": Tensor.zeros([1])]
        #expect(try file.state.fitted(to: model)["w"]?.scalars(as: Float.self) == [7])
    }

    @Test func aMillionNestedTuplesAreNoTrouble() throws {
        var pickle = PickleWriter()
        pickle.op("}")
        pickle.op("(")
        pickle.string("deep")
        pickle.op(")")
        pickle.bytes += [UInt8](repeating: 0x85, count: 1_000_000)
        pickle.string("w")
        PickledEntry(name: "", shape: [1], count: 1).write(to: &pickle, isLegacy: false)
        pickle.op("u")
        pickle.stop()
        let file = try checkpoint(torchZip(pickle.bytes, storages: [("0", floatBytes([7]))]))
        #expect(file.state.keys == ["w"])
        #expect(file.skipped == ["deep (a list)"])
    }

    @Test func membersThatAreNotAskedForAreIgnored() throws {
        var zip = ZipWriter()
        let entry = PickledEntry(name: "w", shape: [1], count: 1)
        zip.add("a/data.pkl", statePickle([entry]))
        zip.add("a/data/0", floatBytes([3]))
        zip.add("../../escaped.txt", [0])
        #expect(try checkpoint(zip.finished()).state["w"]?.scalars(as: Float.self) == [3])
    }

    @Test func reallyDeflatedMember() throws {
        // The bytes 0…63 eight times, deflated by zlib at level 9.
        let packed = Data(
            base64Encoded:
                "Y2BkYmZhZWPn4OTi5uHl4xcQFBIWERUTl5CUkpaRlZNXUFRSVlFVU9fQ1NLW0dXTNzA0MjYxNTO3sLSytrG1s2cY1T+k9QMA")!
        let contents = (0..<512).map { UInt8($0 % 64) }
        var zip = ZipWriter()
        let entry = PickledEntry(name: "w", shape: [512], count: 512, storageType: "ByteStorage")
        zip.add("a/data.pkl", statePickle([entry]))
        zip.add("a/data/0", contents, packed: Array(packed))
        #expect(try checkpoint(zip.finished()).state["w"]?.scalars(as: UInt8.self) == contents)
    }

    @Test func manyMembers() throws {
        var zip = ZipWriter()
        zip.isWide = true
        zip.add("a/data.pkl", statePickle([PickledEntry(name: "w", shape: [1], count: 1)]))
        zip.add("a/data/0", floatBytes([3]))
        for i in 0..<70_000 { zip.add("x\(i)", []) }
        #expect(try checkpoint(zip.finished()).state.count == 1)
    }
}
