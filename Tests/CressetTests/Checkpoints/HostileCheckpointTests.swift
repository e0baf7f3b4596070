import Cresset
import Foundation
import Testing

@Suite struct HostileCheckpointTests {
    @Test(arguments: [
        ("os", "system"), ("posix", "system"), ("nt", "system"), ("subprocess", "Popen"), ("sys", "exit"),
        ("builtins", "eval"), ("__builtin__", "eval"), ("builtins", "exec"), ("builtins", "getattr"),
        ("importlib", "import_module"), ("runpy", "run_path"), ("socket", "socket"), ("shutil", "rmtree"),
        ("pty", "spawn"), ("ctypes", "CDLL"), ("builtins", "open"), ("os.path", "join"), ("torch", "os.system"),
        ("torch", "__class__.__base__"),
    ])
    func namesOfCodeRefuseTheFile(_ module: String, _ name: String) {
        var byLine = PickleWriter()
        byLine.op("}")
        byLine.global(module, name)
        byLine.stop()
        var byStack = PickleWriter(protocol: 4)
        byStack.op("}")
        byStack.string(module)
        byStack.string(name)
        byStack.op(0x93)
        byStack.stop()
        for pickle in [byLine.bytes, byStack.bytes] {
            #expect(refusal(torchZip(pickle, storages: []))?.kind == .hostile)
            #expect(refusal(torchLegacy(pickle, storages: []))?.kind == .hostile)
        }
    }

    @Test(
        arguments: [
            [0x2E], [0x28, 0x2E], [0x74, 0x2E], [0x30, 0x2E], [0x85, 0x2E], [0x52, 0x2E], [0x62, 0x2E], [0x73, 0x2E],
            [0x7D, 0x4E, 0x73, 0x2E], [0x68, 0x05, 0x2E], [0x7D], [], [0x4E, 0x4E, 0x52, 0x2E],
            [0x4E, 0x29, 0x81, 0x2E],
            [0x58, 0xFF, 0xFF, 0xFF, 0xFF, 0x41], [0x8D, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
            [0x8B, 0, 0, 0, 0x80],
            [0x8B, 0xFF, 0xFF, 0xFF, 0x7F], [0x95, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0x2E], [0x82, 0x01, 0x2E],
            [0xFF],
            [0x80, 0x09, 0x2E], [0x97, 0x2E], [0x46, 0x78, 0x0A, 0x2E], [0x49, 0x78, 0x0A, 0x2E], [0x4E, 0x51, 0x2E],
            [0x4E, 0x4E, 0x61, 0x2E], [0x5D, 0x28, 0x4E, 0x75, 0x2E],
        ] as [[UInt8]])
    func picklesThatBreakTheRules(_ opcodes: [UInt8]) {
        let pickle = PickleWriter().bytes + opcodes
        #expect(refusal(torchZip(pickle, storages: [])) != nil)
        #expect(refusal(torchLegacy(pickle, storages: [])) != nil)
    }

    @Test(arguments: [
        PickledEntry(name: "w", shape: [5], count: 4), PickledEntry(name: "w", shape: [4], offset: 1, count: 4),
        PickledEntry(name: "w", shape: [-1], count: 4), PickledEntry(name: "w", shape: [2], strides: [-1], count: 4),
        PickledEntry(name: "w", shape: [2], offset: -1, count: 4),
        PickledEntry(name: "w", shape: [1 << 40], strides: [0], count: 4),
        PickledEntry(name: "w", shape: [2], strides: [Int.max], count: 4),
        PickledEntry(name: "w", shape: [Int.max, Int.max], strides: [1, 1], count: 4),
        PickledEntry(name: "w", shape: [0, Int.max, 4], strides: [1, 1, 1], count: 4),
        PickledEntry(name: "w", shape: [2], strides: [1, 1], count: 4),
        PickledEntry(name: "w", shape: [1, 1, 1, 1, 1, 1, 1, 1, 1], count: 4),
        PickledEntry(name: "w", shape: [4], count: 1 << 40), PickledEntry(name: "w", shape: [4], count: -4),
        PickledEntry(name: "w", shape: [4], count: 5), PickledEntry(name: "w", shape: [2], count: 3),
        PickledEntry(name: "w", shape: [4], key: "1", count: 4),
        PickledEntry(name: "w", shape: [2], count: 2, storageType: "ComplexFloatStorage"),
        PickledEntry(name: "w", shape: [4], count: 4, storageType: "WeirdStorage"),
    ])
    func tensorsOutsideTheirStorage(_ entry: PickledEntry) {
        let data = floatBytes([1, 2, 3, 4])
        #expect(refusal(torchZip(statePickle([entry]), storages: [("0", data)])) != nil)
        #expect(refusal(torchLegacy(statePickle([entry], isLegacy: true), storages: [("0", 4, data)])) != nil)
    }

    @Test func tarTensorsOutsideTheirStorage() {
        for strides in [[3, 1], [-2, 1], [Int.max, 1]] { #expect(refusal(torchTar(strides: strides)) != nil) }
    }

    @Test func viewsThatMultiplyTheFile() {
        // 3,000 different views of one megabyte would need three gigabytes.
        let count = (1 << 20) + 3000
        let entries = (0..<3000).map {
            PickledEntry(name: "w\($0)", shape: [1 << 20], offset: $0, count: count, storageType: "ByteStorage")
        }
        let data = [UInt8](repeating: 1, count: count)
        let error = refusal(torchZip(statePickle(entries), storages: [("0", data)]))
        #expect(error?.problem.contains("overlap") == true)
    }

    @Test func zipFilesThatTwoReadersWouldReadDifferently() {
        let pickle = statePickle([PickledEntry(name: "w", shape: [1], count: 1)])
        let data = floatBytes([3])
        func zip(_ change: (inout ZipWriter) -> Void) -> [UInt8] {
            var zip = ZipWriter()
            zip.add("a/data.pkl", pickle)
            change(&zip)
            return zip.finished()
        }
        let files: [(String, [UInt8])] = [
            ("twice", zip { for _ in 0..<2 { $0.add("a/data/0", data) } }),
            ("other local name", zip { $0.add("a/data/0", data, localName: "a/data/1") }),
            (
                "overlapping",
                zip {
                    $0.add("a/data/0", data); $0.add("x", data, offset: 0, localName: "x")
                }
            ),
            ("outside", zip { $0.add("a/data/0", data, offset: 1 << 30) }),
            ("wrong checksum", zip { $0.add("a/data/0", data, crc: 1) }),
            ("longer than stored", zip { $0.add("a/data/0", data, claimed: 8) }),
            ("bomb", zip { $0.add("a/data/0", data, packed: ZipWriter.deflatedStored(data), claimed: 1 << 30) }),
            ("inflates to more", zip { $0.add("a/data/0", data, packed: ZipWriter.deflatedStored(data + data)) }),
            ("inflates to less", zip { $0.add("a/data/0", data, packed: ZipWriter.deflatedStored([1])) }),
            ("rubbish", zip { $0.add("a/data/0", data, packed: [0xFF, 0xFF, 0xFF]) }),
            ("no storage", zip { _ in }),
            (
                "two pickles",
                zip {
                    $0.add("a/data/0", data); $0.add("b/data.pkl", pickle)
                }
            ),
        ]
        for (name, bytes) in files { #expect(refusal(bytes) != nil, "\(name)") }
        var short = ZipWriter()
        short.add("a/data.pkl", pickle)
        #expect(refusal(short.finished(claimedCount: 2)) != nil)
        #expect(refusal(short.finished(claimedCount: 60_000)) != nil)
        #expect(refusal(short.finished(claimedCount: 0)) != nil)
    }

    @Test func versionsAndByteOrders() {
        let pickle = statePickle([PickledEntry(name: "w", shape: [1], count: 1)])
        let storages = [("0", floatBytes([3]))]
        #expect(refusal(torchZip(pickle, storages: storages)) == nil)
        #expect(refusal(torchZip(pickle, storages: storages, byteOrder: "middle")) != nil)
        #expect(refusal(torchZip(pickle, storages: storages, version: "999")) != nil)
        #expect(refusal(torchZip(pickle, storages: storages, version: "x")) != nil)
    }

    @Test func damagedStorageIsNamed() throws {
        var bytes = SoundFile.zip.bytes
        let data = floatBytes([1, 2, 3, 4])
        let at = try #require(bytes.indices.first { bytes[$0...].starts(with: data) })
        bytes[at + 5] ^= 4
        let error = try #require(refusal(bytes))
        #expect(error.description.contains("CRC-32") && error.description.contains("archive/data/0"))
        #expect(error.description.contains("entry w"))
    }

    @Test(arguments: [
        ("", "empty"), ("<!DOCTYPE html><html><body>404</body></html>", "HTML page"),
        ("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 46830571\n", "git-LFS pointer"),
        ("{\"error\": \"no such file\"}", "JSON text"), ("PK", "truncated"), ("PK\u{3}\u{4}", "truncated"),
        ("GGUF and some more bytes", "GGUF file"),
        ("hello, this is a text of some length", "not a weight file"),
    ])
    func filesThatAreSomethingElse(_ text: String, _ words: String) throws {
        let error = try #require(refusal(Array(text.utf8)))
        #expect(error.description.contains(words))
        #expect(error.description.contains("weights.pth"))
    }

    @Test func objectsInsteadOfStateDicts() throws {
        var module = PickleWriter()
        module.global("torch.nn.modules.container", "Sequential")
        module.op(")")
        module.op(0x81)
        module.op("}")
        module.op("b")
        module.stop()
        for bytes in [torchZip(module.bytes, storages: []), torchLegacy(module.bytes, storages: [])] {
            let error = try #require(refusal(bytes))
            #expect(error.kind == .unsupported)
            #expect(error.description.contains("model.state_dict()"))
        }
        var script = ZipWriter()
        script.add("a/data.pkl", module.bytes)
        script.add("a/constants.pkl", module.bytes)
        #expect(refusal(script.finished())?.problem.contains("TorchScript") == true)
    }

    @Test func namesFromTheFileAreShownEscaped() throws {
        let entry = PickledEntry(name: "w\u{1B}[2J\n\u{202E}x", shape: [1], count: 1, storageType: "QInt8Storage")
        let error = try #require(refusal(torchZip(statePickle([entry]), storages: [("0", [1])])))
        #expect(!error.problem.unicodeScalars.contains { $0.value < 32 || $0.value == 0x202E })
    }

    @Test func foldersAndPipesAreNotRead() {
        let folder = TemporaryFolder()
        #expect(throws: CheckpointError.self) { try Checkpoint.load(folder.path) }
        #expect(throws: CheckpointError.self) { try Checkpoint.load(folder.path + "/none.pth") }
        mkfifo(folder.path + "/pipe.pth", 0o600)
        #expect(throws: CheckpointError.self) { try Checkpoint.load(folder.path + "/pipe.pth") }
    }
}
