import CressetVision
import Foundation
import Testing

/// What headers say of colours.
@Suite struct ColorModeTests {
    private func modes(_ files: [String: [UInt8]]) throws -> [String: Set<ColorMode>] {
        try PictureFixtures.withFolder { folder in
            try PictureFixtures.write(
                Dictionary(uniqueKeysWithValues: files.map { ("a/\($0.key)", $0.value) }), in: folder)
            let pictures = try ImageFolder(folder, transform: ToTensor())
            let inspections = pictures.inspected(looks: false, workers: 1)
            return Dictionary(
                uniqueKeysWithValues: zip(pictures.samples.map { $0.path.name }, inspections.map(\.modes)))
        }
    }

    @Test func ofJPEG() throws {
        let files = try JPEGFixtures.all.filter { ["4:2:0", "grey", "inks"].contains($0.name) }.map {
            ("\($0.name.filter { $0 != ":" }).jpg", Array(try #require(Data(base64Encoded: $0.base64))))
        }
        let found = try modes(Dictionary(uniqueKeysWithValues: files))
        #expect(found == ["420.jpg": [], "grey.jpg": [.grey], "inks.jpg": [.inks]])
    }

    private static let png: [(color: UInt8, depth: UInt8, bits: Int, modes: Set<ColorMode>)] = [
        (2, 8, 24, []), (0, 8, 8, [.grey]), (0, 1, 1, [.bilevel]), (0, 16, 16, [.grey, .deep]), (2, 16, 48, [.deep]),
        (6, 8, 32, [.transparency]), (4, 8, 16, [.grey, .transparency]), (3, 8, 8, [.palette]),
    ]

    @Test(arguments: png)
    func ofPNG(_ color: UInt8, _ depth: UInt8, _ bits: Int, _ expected: Set<ColorMode>) throws {
        let row = [UInt8](repeating: 0, count: 1 + (8 * bits + 7) / 8)
        var png = PictureFixtures.PNG(
            width: 8, height: 4, depth: depth, color: color, rows: Array([row, row, row, row].joined()))
        if color == 3 { png.chunks = [("PLTE", [1, 2, 3])] }
        #expect(try modes(["x.png": png.file]) == ["x.png": expected])
    }

    private static let others: [(name: String, modes: Set<ColorMode>)] = [
        ("tiff", []), ("tiff cmyk packbits", [.inks]), ("tiff group4", [.bilevel]), ("tiff palette 4 bits", [.palette]),
        ("tiff premultiplied 16 big endian", [.deep, .transparency]), ("gif interlaced", [.palette]),
        ("bmp 4 bits top down", [.palette]), ("bmp 16 bits", []),
    ]

    @Test(arguments: others)
    func ofOtherFormats(_ name: String, _ expected: Set<ColorMode>) throws {
        let file = "x." + name.prefix { $0 != " " }
        #expect(try modes([file: FormatFixture.named(name).file]) == [file: expected])
    }

    @Test func ofNetpbm() throws {
        let found = try modes([
            "p4.pbm": Array("P4 8 1\n".utf8) + [170], "p5.pgm": Array("P5 2 1 255\n".utf8) + [1, 2],
            "deep.ppm": Array("P6 1 1 65535\n".utf8) + [1, 2, 3, 4, 5, 6],
            "p6.ppm": Array("P6 1 1 255\n".utf8) + [1, 2, 3],
        ])
        #expect(found == ["p4.pbm": [.bilevel], "p5.pgm": [.grey], "deep.ppm": [.deep], "p6.ppm": []])
    }
}
