import CressetData
import CressetVision
import Testing

/// Pictures in archives.
@Suite struct ArchiveTests {
    private let picture = try! PictureFixtures.pattern(width: 12, height: 9).png()
    private let photo = try! PictureFixtures.pattern(width: 40, height: 30).jpeg()

    private var files: [(name: String, bytes: [UInt8])] {
        [
            ("set/val/bees/9.png", picture), ("set/train/bees/2.jpg", photo), ("set/train/ants/10.png", picture),
            ("set/train/ants/1.png", picture), ("set/train/ants/deep/0.png", picture),
            ("set/train/ants/notes.txt", [65]), ("set/train/.hidden/1.png", picture), ("__MACOSX/set/._1.png", [1]),
            ("set/readme.txt", [66]),
        ]
    }

    private func zip(_ files: [(name: String, bytes: [UInt8])]) -> [UInt8] {
        var writer = ZipWriter()
        for file in files { writer.add(file.name, file.bytes) }
        return writer.finished()
    }

    /// A gzip file of uncompressed blocks.
    static func gzip(_ bytes: [UInt8]) -> [UInt8] {
        var file: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]
        var rest = bytes[...]
        repeat {
            let part = rest.prefix(65_535)
            rest = rest.dropFirst(part.count)
            let count = UInt16(part.count)
            file += [rest.isEmpty ? 1 : 0] + littleEndianBytes(count) + littleEndianBytes(~count) + part
        } while !rest.isEmpty
        return file + littleEndianBytes(crc32(bytes)) + littleEndianBytes(UInt32(truncatingIfNeeded: bytes.count))
    }

    private func withArchive<R>(_ bytes: [UInt8], _ body: (String) throws -> R) throws -> R {
        try PictureFixtures.withFolder { folder in
            try PictureFixtures.write(["set.bin": bytes], in: folder)
            return try body(folder + "/set.bin")
        }
    }

    private func refusal(_ bytes: [UInt8], folder: String? = nil) throws -> ArchiveError? {
        try withArchive(bytes) { path in
            #expect(throws: ArchiveError.self) {
                _ = try ImageArchive(path, folder: folder, transform: ToTensor())
            }
        }
    }

    @Test(arguments: ["zip", "tar", "tar.gz"]) func readsInPlace(_ kind: String) throws {
        let bytes = kind == "zip" ? zip(files) : kind == "tar" ? tar(files) : Self.gzip(tar(files))
        try withArchive(bytes) { path in
            let train = try ImageArchive(path, folder: "train", transform: CenterCrop(8))
            #expect(train.classes == ["ants", "bees"])
            #expect(
                train.samples.map(\.name) == [
                    "set/train/ants/1.png", "set/train/ants/10.png", "set/train/ants/deep/0.png",
                    "set/train/bees/2.jpg",
                ])
            #expect(train.skipped == ["set/train/ants/notes.txt"] && train.classCounts == [3, 1])
            #expect(train.name(of: 3) == "\(path.filePath): set/train/bees/2.jpg")
            let whole = try DataLoader(train, batchSize: 4, workers: 3).batches().allContents
            try PictureFixtures.withFolder { folder in
                try PictureFixtures.write(
                    Dictionary(uniqueKeysWithValues: files.map { ($0.name, $0.bytes) }), in: folder)
                let unpacked = try ImageFolder(folder + "/set/train", transform: CenterCrop(8))
                #expect(try DataLoader(unpacked, batchSize: 4).batches().allContents == whole)
            }
            let val = try ImageArchive(path, folder: "set/val", classes: train.classes, transform: ToTensor())
            #expect(val.samples.map(\.label) == [1] && val.classes == train.classes)
        }
    }

    @Test func findsTheClasses() throws {
        let flat: [(name: String, bytes: [UInt8])] = [("./top/in/b/1.png", picture), ("./top/in/a/1.png", picture)]
        try withArchive(Self.gzip(tar(flat))) { path in
            let all = try ImageArchive(path, transform: ToTensor())
            #expect(all.classes == ["a", "b"] && all.samples[0].name == "top/in/a/1.png")
            #expect(try DataLoader(all, batchSize: 2).batches().allIndices == [[0, 1]])
        }
        let missing = try refusal(zip(files), folder: "test")
        #expect(missing?.problem == "has no folder test" && missing?.hint == "it has set")
        try withArchive(zip(files)) { path in
            #expect(throws: ImageFolderError.self) {
                _ = try ImageArchive(path, folder: "val", classes: ["ants"], transform: ToTensor())
            }
            let parts = #expect(throws: ArchiveError.self) { _ = try ImageArchive(path, transform: ToTensor()) }
            #expect(parts?.problem == "has train and val where classes are expected")
            #expect(parts?.hint == "name one of them: folder: \"train\"")
        }
    }

    /// A tar file of members without contents, each of a kind of its own.
    private func bare(_ members: [(name: String, kind: Character)]) -> [UInt8] {
        members.flatMap { member in
            var block = Array(tar([(member.name, [])])[..<512])
            block[156] = member.kind.asciiValue!
            for place in 148..<156 { block[place] = 32 }
            let sum = String(block.reduce(0) { $0 + Int($1) }, radix: 8)
            block.replaceSubrange(148..<154, with: (String(repeating: "0", count: 6 - sum.count) + sum).utf8)
            block[154] = 0
            return block
        }
    }

    /// Labels would shift if a class without files went unnoticed.
    @Test func foldersAndLinksCount() throws {
        let pictures = tar([("c/a/1.png", picture), ("c/d/1.png", picture)])
        for member in [
            (name: "c/b/", kind: Character("5")), (name: "c/b/1.png", kind: "1"), (name: "c/b/1.png", kind: "2"),
        ] {
            try withArchive(bare([("./", "5"), ("c/", "5"), ("c/a/", "5"), member]) + pictures) { path in
                let error = #expect(throws: ImageFolderError.self) { _ = try ImageArchive(path, transform: ToTensor()) }
                #expect(error?.description.contains("no pictures in b") == true)
            }
        }
        try withArchive(bare([("c/a/link.png", "2"), ("c/b", "2")]) + pictures) { path in
            let all = try ImageArchive(path, transform: ToTensor())
            #expect(all.classes == ["a", "d"] && all.classCounts == [1, 1])
            #expect(all.skipped == ["c/b", "c/a/link.png"])
            #expect(all.warnings.last?.contains("2 members left out: links") == true)
        }
        var writer = ZipWriter()
        writer.add("a/1.png", picture)
        writer.add("b/", [])
        try withArchive(writer.finished()) { path in
            _ = #expect(throws: ImageFolderError.self) { _ = try ImageArchive(path, transform: ToTensor()) }
        }
    }

    @Test func namesAreBounded() throws {
        let deep = String(repeating: "a/", count: 2040) + "1.png"
        let long = String(repeating: "a", count: 5000) + ".png"
        #expect(try refusal(zip([(deep, picture)]))?.kind == .hostile)
        #expect(
            try refusal(zip([(long, picture)]))?.problem == "has a member whose name has 5004 bytes and 0 slashes")
    }

    @Test func longNamesAreWhole() throws {
        let long = String(repeating: "n", count: 120) + ".png"
        // GNU's record of a long name, then the member with its beginning.
        let gnu = tar([(name: "././@LongLink", bytes: Array("c/a/\(long)".utf8) + [0])])
        var record = Array(gnu[..<1024])
        record[156] = UInt8(ascii: "L")
        let sum = record[..<512].enumerated().reduce(0) {
            $0 + ((148..<156).contains($1.offset) ? 32 : Int($1.element))
        }
        record.replaceSubrange(
            148..<156,
            with: Array(String(sum, radix: 8).utf8) + [0]
                + [UInt8](repeating: 32, count: 8)
                .prefix(7 - String(sum, radix: 8).utf8.count))
        let rest = tar([("c/a/" + String(repeating: "n", count: 90), picture), ("c/b/1.png", picture)])
        try withArchive(record + rest) { path in
            let all = try ImageArchive(path, folder: "c", transform: ToTensor())
            #expect(all.samples.map(\.name) == ["c/a/" + long, "c/b/1.png"])
            #expect(try DataLoader(all).batches().allIndices == [[0], [1]])
        }
    }

    @Test func hostileArchivesAreRefused() throws {
        let twice = files + [files[1]]
        let climbing = [(name: "set/a/../../../x.png", bytes: picture)]
        let absolute = [(name: "/etc/x.png", bytes: picture)]
        for pack in [zip, { tar($0) }, { Self.gzip(tar($0)) }] as [([(name: String, bytes: [UInt8])]) -> [UInt8]] {
            #expect(try refusal(pack(climbing))?.kind == .hostile)
            #expect(try refusal(pack(absolute))?.kind == .hostile)
            #expect(try refusal(pack(twice))?.problem.hasSuffix("twice") == true)
        }
        #expect(try refusal(zip(climbing))?.problem.contains("leads out of it: set/a/../../../x.png") == true)
        var bomb = ZipWriter()
        bomb.add("a/1.png", [1], packed: [3, 0], claimed: 1 << 30)
        #expect(try refusal(bomb.finished())?.kind == .malformed)
    }

    @Test func damageIsNamed() throws {
        let whole = tar(files)
        #expect(try refusal(Array(whole[..<700]))?.kind == .damaged)
        var bent = whole
        bent[10] ^= 1
        #expect(try refusal(bent)?.problem == "is not a tar archive")
        #expect(try refusal(Array(Self.gzip(whole).dropLast(whole.count / 2)))?.kind == .damaged)
        #expect(try refusal(Array(zip(files).dropLast(30)))?.kind == .damaged)
        #expect(try refusal([])?.problem == "is not a tar archive")
        #expect(try refusal(Array("not an archive".utf8))?.kind == .damaged)
        // A picture that is damaged is skipped, and named.
        try withArchive(zip([("a/1.png", Array(picture.prefix(40))), ("a/2.png", picture), ("b/1.png", picture)])) {
            path in
            let loader = DataLoader(try ImageArchive(path, transform: ToTensor()), batchSize: 3)
            #expect(try loader.batches().allIndices == [[1, 2]])
            #expect(loader.problems.skipped.first?.description.contains("a/1.png: ") == true)
        }
    }
}
