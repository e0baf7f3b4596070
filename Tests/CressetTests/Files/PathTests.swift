import Cresset
import Foundation
import Testing

@Suite struct PathTests {
    private let folder = TemporaryFolder()

    @Test func everyKindOfPathNamesTheSameFile() throws {
        let name = "a b.safetensors"
        try Checkpoint.save(["x": Tensor.zeros([2])], to: "\(folder.path)/\(name)")
        let text = folder.path + "/" + name
        #expect(try Checkpoint.load(text).count == 1)
        #expect(try Checkpoint.load(text[...]).count == 1)
        #expect(try Checkpoint.load(FilePath(text)).count == 1)
        #expect(try Checkpoint.load(URL(filePath: text)).count == 1)
        #expect(try Checkpoint.load(URL(filePath: folder.path).appending(path: name)).count == 1)
        let kept: [any PathConvertible] = [text, FilePath(text), URL(filePath: text)]
        #expect(Set(kept.map(\.filePath)) == [FilePath(text)])
    }

    @Test func bytesNeedNotBeUTF8() throws {
        let path = folder.path.filePath.pushing(FilePath(bytes: Array("caf".utf8) + [0xE9] + Array(".pth".utf8)))
        try Checkpoint.save(["x": Tensor.zeros([2])], to: path)
        #expect(try Checkpoint.load(path).count == 1)
        #expect("\(path)" == folder.path + "/caf\\xe9.pth")
        #expect(path.name == "caf\\xe9.pth")
        let url = try #require(URL(string: "file://\(folder.path)/caf%E9.pth"))
        #expect(url.filePath == path)
    }

    @Test func whatIsNoPathNamesNoFile() throws {
        #expect("a\0b".filePath == "a")
        #expect(URL(string: "https://example.org/a.pth")?.filePath == "https:/example.org/a.pth")
        let error = #expect(throws: CheckpointError.self) { try Checkpoint.load("") }
        #expect(error?.kind == .unreadable)
    }

    @Test(arguments: [
        (Array("plain.jpg".utf8), "plain.jpg"), (Array("größe 見.jpg".utf8), "größe 見.jpg"),
        (Array("\u{1B}[2J\n".utf8), "\\u{1b}[2J\\u{a}"), (Array("a\u{202E}gpj".utf8), "a\\u{202e}gpj"),
        (Array("👩\u{200D}🔬".utf8), "👩\u{200D}🔬"), ([0x61, 0xC3], "a\\xc3"), ([0xE9, 0x62], "\\xe9b"),
        ([0xED, 0xA0, 0x80], "\\xed\\xa0\\x80"), ([0xF8, 0x80], "\\xf8\\x80"), ([0x85], "\\x85"),
    ]) func textForATerminal(_ bytes: [UInt8], _ text: String) {
        #expect("\(FilePath(bytes: bytes))" == text)
    }

    @Test func orderIsThatOfBytes() {
        let names: [[UInt8]] = [[], [0x41], [0x41, 0x01], [0x61], [0xC3, 0xA9], [0xE9], [0xFF]]
        let paths = names.map { FilePath(bytes: $0) }
        #expect(paths.reversed().sorted { FilePath.isOrdered($0, before: $1) } == paths)
    }

    @Test func partsOfAPath() {
        #expect("a/b/".filePath.name == "b")
        #expect("/".filePath.name == "/")
        #expect("a".filePath.parent == ".")
        #expect("/a".filePath.parent == "/")
        #expect("a/b".filePath.parent == "a")
        #expect("x/PHOTO.JPeG".filePath.lowercasedExtension == "jpeg")
        #expect(".jpg".filePath.lowercasedExtension == "")
        #expect("a.b/c".filePath.lowercasedExtension == "")
    }
}
