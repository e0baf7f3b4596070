import Cresset
import Foundation
import Testing

/// What a file may cost the reader: time and memory stay proportional to its length.
@Suite struct CheckpointCostTests {
    private static let tensor: [UInt8] = {
        var pickle = PickleWriter()
        PickledEntry(name: "", shape: [1], count: 1).write(to: &pickle, isLegacy: false)
        return Array(pickle.bytes.dropFirst(2))
    }()

    private static func count(_ number: Int) -> [UInt8] { littleEndianBytes(UInt32(number)) }

    /// The error for a pickle, with the storage that ``tensor`` uses next to it, and the seconds it took.
    private func refused(_ opcodes: [UInt8]) -> CheckpointError? {
        refusal(torchZip([0x80, 2] + opcodes, storages: [("0", floatBytes([1]))]))
    }

    private static let long = [UInt8](repeating: UInt8(ascii: "a"), count: 2000)

    @Test(
        arguments: [
            ("GLOBAL", [0x63] + long + [10, 10], "a name of more than 1024 bytes"),
            ("GLOBAL's name", [0x63, 0x61, 10] + long + [10], "a name of more than 1024 bytes"),
            ("INST", [0x28, 0x69] + long + [10, 10], "a name of more than 1024 bytes"),
            ("FLOAT", [0x46] + long.map { _ in 0x39 } + [10], "a number of more than 1024 bytes"),
            ("LONG", [0x4C] + long.map { _ in 0x39 } + [10], "a number of more than 1024 bytes"),
            ("PUT", [0x5D, 0x70] + long.map { _ in 0x30 } + [10], "a number of more than 1024 bytes"),
            ("LONG4", [0x8B] + count(2000) + long, "an integer of 2000 bytes"),
            ("LONG4 negative", [0x8B] + count(-1 & 0xFFFF_FFFF), "an integer of -1 bytes"),
            ("BINUNICODE8", [0x8D] + littleEndianBytes(UInt64(1 << 40)) + long, "middle of a string"),
            ("BYTEARRAY8", [0x96] + littleEndianBytes(UInt64.max) + long, "middle of a string"),
            ("FRAME", [0x95] + littleEndianBytes(UInt64(1 << 40)), "middle of a frame"),
            ("a memo key of 20 digits", [0x5D, 0x70] + Array("99999999999999999999".utf8) + [10], "memo key"),
        ] as [(String, [UInt8], String)])
    func lengthsAreBounded(_ name: String, _ opcodes: [UInt8], _ words: String) throws {
        let error = try #require(refused(opcodes + [0x2E]))
        #expect(error.problem.contains(words), "\(name): \(error)")
    }

    @Test func differentGlobalsAreCounted() throws {
        var names: [UInt8] = []
        for i in 0..<10_001 { names += Array("ca\n\(i)\n0".utf8) }
        #expect(try #require(refused(names + Array("}.".utf8))).problem.contains("more than 10000 classes"))
        // A name that is repeated counts once.
        let same = Array(String(repeating: "cargparse\nNamespace\n0", count: 20_000).utf8)
        #expect(refused(same + Array("}.".utf8)) == nil)
    }

    /// Each of these names one long list, or a short list of it, again and again.
    @Test func sharedValuesAreNotCopiedOut() throws {
        let list: [UInt8] = Array("](".utf8) + [UInt8](repeating: 0x4E, count: 20_000) + Array("eq\u{0}".utf8)
        let use: [UInt8] = Array("h\u{0}".utf8)
        // list(list(x)) for a thousand x.
        var copies = list + Array("c__builtin__\nlist\nq\u{1}0".utf8)
        for _ in 0..<1000 { copies += [0x68, 1, 0x68, 0, 0x85, 0x52, 0x30] }
        #expect(try #require(refused(copies + Array("}.".utf8))).problem.contains("copies its lists"))
        // A tuple of tuples of … of the list: small as a graph, huge as a tree.
        var tuples = list
        for key in 1...8 as ClosedRange<UInt8> {
            tuples.append(0x28)
            for _ in 0..<60 { tuples += [0x68, key - 1] }
            tuples += [0x74, 0x71, key] as [UInt8]
        }
        let path = TemporaryFolder()
        let file = path.file("x.pth", torchZip([0x80, 2] + tuples + [0x2E], storages: []))
        let error = #expect(throws: CheckpointError.self) { try CheckpointValue(contentsOf: file) }
        #expect(error?.problem.contains("repeated lists expand") == true)
        // Many names for one long dictionary without tensors: it is searched once.
        var names: [UInt8] = Array("}(".utf8) + Array("X\u{1}\u{0}\u{0}\u{0}a".utf8) + Array("}(".utf8)
        for _ in 0..<20_000 { names += [0x4B, 1, 0x4E] }
        names += Array("uq\u{0}".utf8)
        for i in 0..<20_000 { names += [0x58] + Self.count(5) + Array(String(i + 10_000).utf8) + use }
        #expect(refused(names + Array("u.".utf8)) != nil)
    }

    @Test func namesThatAreUsedAgainAreCounted() throws {
        var pickle: [UInt8] = Array("}(X".utf8) + Self.count(60_000) + [UInt8](repeating: 0x6E, count: 60_000)
        pickle += Array("q\u{0}".utf8) + Self.tensor + Array("q\u{1}".utf8)
        for _ in 0..<1000 { pickle += Array("h\u{0}h\u{1}".utf8) }
        #expect(try #require(refused(pickle + Array("u.".utf8))).problem.contains("names take too much memory"))
    }

    @Test func valuesOfOneByteAreShared() throws {
        // 300,000 marks, Nones and references, memoized: read quickly, and nothing is kept.
        for opcode in [0x4E, 0x88, 0x29, 0x8F, 0x32, 0x94] as [UInt8] {
            let flood = [0x5D] + [UInt8](repeating: opcode, count: 300_000) + Array("}.".utf8)
            #expect(refused(flood) == nil, "\(opcode)")
        }
        let marks = [UInt8](repeating: 0x28, count: 300_000)
        #expect(refused(marks + [0x2E]) != nil)
        // Memo keys that leave gaps, and keys beyond any array.
        var keys: [UInt8] = [0x5D]
        for i in 0..<5000 { keys += [0x72] + littleEndianBytes(UInt32(truncatingIfNeeded: i &* 2_654_435_761)) }
        #expect(refused(keys + ([0x30, 0x7D, 0x2E] as [UInt8])) == nil)
    }

    @Test func memoKeysOfAllKinds() throws {
        // 0, 5 (a gap), 2 (in it), a large one; and the next of MEMOIZE is the number of keys.
        var pickle = PickleWriter(protocol: 4)
        for (value, key) in [("a", 0), ("b", 5), ("c", 2), ("d", 4_000_000_000)] as [(String, Int)] {
            pickle.string(value)
            pickle.bytes += [0x72] + littleEndianBytes(UInt32(key))
            pickle.op("0")
        }
        pickle.string("e")
        pickle.op(0x94)
        pickle.op("0")
        pickle.op("(")
        for key in [0, 5, 2, 4_000_000_000, 4] { pickle.bytes += [0x6A] + littleEndianBytes(UInt32(key)) }
        pickle.op("t")
        pickle.stop()
        let folder = TemporaryFolder()
        let value = try CheckpointValue(contentsOf: folder.file("x.pth", torchZip(pickle.bytes, storages: [])))
        #expect(value.items?.compactMap(\.text) == ["a", "b", "c", "d", "e"])
    }

    // MARK: Zip and safetensors

    /// `byte` and then `count * 258` more of it, deflated with fixed codes: ratio 158.
    private func deflated(_ byte: UInt8, count: Int) -> [UInt8] {
        var bits: [UInt8] = [1, 1, 0]
        func add(_ code: Int, _ width: Int) { for i in (0..<width).reversed() { bits.append(UInt8(code >> i & 1)) } }
        byte < 144 ? add(0x30 + Int(byte), 8) : add(0x190 + Int(byte) - 144, 9)
        // Length 258, distance 1.
        for _ in 0..<count { add(0xC5, 8); add(0, 5) }
        add(0, 7)
        bits += [UInt8](repeating: 0, count: (8 - bits.count % 8) % 8)
        return stride(from: 0, to: bits.count, by: 8).map { at in
            (0..<8).reduce(0) { $0 | bits[at + $1] << UInt8($1) }
        }
    }

    @Test func deflatedPicklesAreInProportion() throws {
        let count = 1 + 9000 * 258
        var zip = ZipWriter()
        zip.add(
            "a/data.pkl", [UInt8](repeating: 0x5D, count: count), packed: deflated(0x5D, count: 9000))
        #expect(try #require(refusal(zip.finished())).problem.contains("has \(count) bytes"))
        // The same for a storage is valid.
        var sound = ZipWriter()
        let entry = PickledEntry(name: "w", shape: [count], count: count, storageType: "ByteStorage")
        sound.add("a/data.pkl", statePickle([entry]))
        sound.add("a/data/0", [UInt8](repeating: 7, count: count), packed: deflated(7, count: 9000))
        #expect(try checkpoint(sound.finished()).state["w"]?.elementCount == count)
    }

    @Test func archivesAsAWholeAreInProportion() throws {
        var zip = ZipWriter()
        zip.add("a/data.pkl", statePickle([PickledEntry(name: "w", shape: [1], count: 1)]))
        let packed = [UInt8](repeating: 0, count: 20_000)
        for key in 0..<5 { zip.add("a/data/\(key)", [], packed: packed, claimed: 15_000_000) }
        let error = try #require(refusal(zip.finished()))
        #expect(error.problem.contains("more than 50 times its size") && error.hint?.contains("zip -0") == true)
    }

    @Test func headersOfSafetensorsAreBounded() throws {
        let names = (0...65_536).map { "\"\($0)\":\"\"" }.joined(separator: ",")
        let metadata = refusal(safetensors("{\"__metadata__\":{\(names)}}"), name: "x.safetensors")
        #expect(metadata?.problem.contains("more than 65536 names") == true)
        let deep = refusal(safetensors("{\"a\":" + String(repeating: "[", count: 100_000)), name: "x.safetensors")
        #expect(deep?.kind == .corrupt)
        // Names of any length are read in one pass.
        let name = String(repeating: "\\u0041b", count: 50_000)
        let long = safetensors("{\"\(name)\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}")
        #expect(try checkpoint(long, name: "x.safetensors").state.keys[0].utf8.count == 100_000)
    }

    @Test func manyEntriesTakeLinearTime() {
        let tensor = Tensor.zeros([0])
        var state = StateDict()
        for i in 0..<50_000 { state["layer.\(i)"] = tensor }
        #expect(state.renamed { $0 + "x" }.count == 50_000)
        let mismatch = StateDict.Mismatch(model: ["w": tensor], file: state)
        #expect(mismatch.unexpected.count == 50_000 && mismatch.description.utf8.count < 4000)
    }
}
