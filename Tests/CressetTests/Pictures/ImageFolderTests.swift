import CressetData
import CressetVision
import Foundation
import Testing

@Suite struct ImageFolderTests {
    private let picture = try! PictureFixtures.pattern(width: 12, height: 9).png()

    private func scan(_ folder: String, classes: [String]? = nil) throws -> ImageFolder {
        try ImageFolder(folder, classes: classes, transform: ToTensor())
    }

    private func failure(_ folder: String, classes: [String]? = nil) -> String {
        do {
            _ = try scan(folder, classes: classes)
            return ""
        } catch { return "\(error)" }
    }

    @Test func classesAreTheSortedFolders() throws {
        try PictureFixtures.withFolder { folder in
            try PictureFixtures.write(
                [
                    "dogs/b.PNG": picture, "dogs/a.png": picture, "cats/deep/er/x.jpeg": picture, "cats/z.jpg": picture,
                    ".git/x.png": picture, "__MACOSX/x.png": picture, "dogs/.DS_Store": [0], "dogs/Thumbs.db": [0],
                    "notes.txt": [65],
                ], in: folder)
            let pictures = try scan(folder)
            #expect(pictures.classes == ["cats", "dogs"])
            #expect(
                pictures.samples.map { "\($0.path)".dropFirst(folder.filePath.length + 1) } == [
                    "cats/z.jpg", "cats/deep/er/x.jpeg", "dogs/a.png", "dogs/b.PNG",
                ])
            #expect(pictures.samples.map(\.label) == [0, 0, 1, 1])
            #expect(pictures.classCounts == [2, 2])
            #expect(pictures.skipped.isEmpty && pictures.warnings.isEmpty)
        }
    }

    @Test func reportsWhatItPassesOver() throws {
        try PictureFixtures.withFolder { folder in
            try PictureFixtures.write(
                [
                    "a/1.png": picture, "a/layers.psd": Array("8BPS....".utf8),
                    "a/png.bmp": picture, "a/readme.txt": Array("hello".utf8),
                ], in: folder)
            mkfifo(folder + "/a/pipe.jpg", 0o600)
            symlink("/no/such/file", folder + "/a/gone.jpg")
            symlink(folder, folder + "/a/loop")
            let pictures = try scan(folder)
            #expect(pictures.samples.map { $0.path.name } == ["1.png", "png.bmp"])
            let reasons = pictures.skipped.map(\.description).joined(separator: "\n")
            #expect(reasons.contains("layers.psd: format not supported: Photoshop"))
            #expect(reasons.contains("readme.txt: not a picture: text"))
            #expect(reasons.contains("pipe.jpg: not a regular file"))
            #expect(reasons.contains("gone.jpg: a broken link"))
        }
    }

    @Test func namesNeedNotBeText() throws {
        try PictureFixtures.withFolder { folder in
            let odd = FilePath(bytes: Array((folder + "/caf").utf8) + [0xE9])
            _ = odd.withPlatformString { mkdir($0, 0o700) }
            let file = odd.pushing(FilePath(bytes: Array("a\u{1B}[2J\n".utf8) + [0xFF] + Array(".png".utf8)))
            try PictureFixtures.pattern(width: 4, height: 4).writePNG(to: file)
            let pictures = try scan(folder)
            #expect(pictures.classes == ["caf\\xe9"])
            #expect(pictures.name(of: 0).hasSuffix("/caf\\xe9/a\\u{1b}[2J\\u{a}\\xff.png"))
            #expect(try Image(contentsOf: pictures.samples[0].path).width == 4)
        }
    }

    @Test func validationIsBoundByName() throws {
        try PictureFixtures.withFolder { folder in
            try PictureFixtures.write(["c/1.png": picture, "a/1.png": picture], in: folder)
            let pictures = try scan(folder, classes: ["a", "b", "c"])
            #expect(pictures.samples.map(\.label) == [0, 2])
            #expect(pictures.classCounts == [1, 0, 1])
            let error = failure(folder, classes: ["a", "b"])
            #expect(error.contains("classes that the training folder lacks: c (it has a, b)"))
        }
    }

    @Test func saysWhatIsWrongWithAFolder() throws {
        try PictureFixtures.withFolder { folder in
            #expect(failure(folder + "/none").contains("No such file"))
            #expect(failure(folder).contains("the folder is empty"))
            try PictureFixtures.write(["flat.png": picture], in: folder)
            #expect(failure(folder + "/flat.png").contains("Not a directory"))
            #expect(failure(folder).contains("only flat.png"))
            try PictureFixtures.write(["a/1.png": picture, "b/notes.txt": [65], "c/.hidden.png": picture], in: folder)
            #expect(failure(folder).contains("no pictures in b, c"))
        }
    }

    @Test func refusesNamesThatLookTheSame() throws {
        try PictureFixtures.withFolder { folder in
            // Not in one dictionary: to Swift, too, these are one name.
            try PictureFixtures.write(["\u{E9}/1.png": picture], in: folder)
            try PictureFixtures.write(["e\u{301}/1.png": picture], in: folder)
            #expect(failure(folder).contains("e\\xcc\\x81 and \\xc3\\xa9"))
        }
        try PictureFixtures.withFolder { folder in
            try PictureFixtures.write(["Cat/1.png": picture, "cat/1.png": picture], in: folder)
            #expect(try scan(folder).warnings == ["\(FilePath(folder)): class folders differ only in case: Cat, cat"])
        }
    }
}
