import CressetData
import CressetVision
import Testing

@Suite struct DecodingTests {
    private let image = PictureFixtures.pattern(width: 61, height: 47)

    private func failure(_ file: [UInt8]) -> ImageError? {
        do {
            _ = try DecodedImage(decoding: file)
            return nil
        } catch { return error }
    }

    @Test func picturesComeBackAsTheyWereWritten() throws {
        #expect(try Image(decoding: image.png()) == image)
        #expect(try Image(decoding: image.grayscale().png()) == image.grayscale(channels: 3))
        let again = try Image(decoding: image.jpeg(quality: 100))
        #expect(again.width == 61 && again.height == 47)
        let smooth = Image(width: 40, height: 30, repeating: 120)
        #expect(try Image(decoding: smooth.jpeg()) == smooth)
    }

    @Test func writesFilesWhole() throws {
        try PictureFixtures.withFolder { folder in
            let path = folder + "/a.png"
            try image.writePNG(to: path)
            #expect(try Image(contentsOf: path) == image)
            let error = #expect(throws: ImageFileError.self) { try image.writePNG(to: folder + "/no/a.png") }
            #expect(error?.description.contains("/no/a.png: cannot write") == true)
        }
    }

    /// Beyond a megabyte a file is read in two steps; a photograph may be that long before its first pixel.
    @Test(arguments: [0, 1]) func longFilesAreReadWhole(headerMegabytes: Int) throws {
        try PictureFixtures.withFolder { folder in
            let profile = [UInt8](repeating: 7, count: 65_000)
            let segment = [0xFF, 0xE5, UInt8((profile.count + 2) >> 8), UInt8((profile.count + 2) & 0xFF)] + profile
            let jpeg = try image.jpeg(quality: 100)
            let segments = Array(repeatElement(segment, count: headerMegabytes * 20).joined())
            let file = Array(jpeg[..<2]) + segments + jpeg[2...]
            let path = folder + "/long.jpg"
            try PictureFixtures.write(["long.jpg": file + [UInt8](repeating: 0, count: 3 << 20)], in: folder)
            let expected = try Image(decoding: jpeg)
            #expect(try Image(contentsOf: path) == expected)
            #expect(try DecodedImage.reading(path.filePath) { $0.image } == expected)
            let folderOfOne = folder + "/set"
            try PictureFixtures.write(["a/long.jpg": file, "b/long.jpg": file], in: folderOfOne)
            #expect(try ImageFolder(folderOfOne, transform: ToTensor()).checked(workers: 1).samples.count == 2)
        }
    }

    @Test func saysWhatAFileReallyIs() {
        #expect(failure([]) == .empty)
        #expect(failure([0xFF, 0xD8, 0xFF]) == .truncated("JPEG"))
        #expect(failure(Array("<!DOCTYPE html><html>".utf8)) == .notAnImage("an HTML page"))
        #expect(failure(Array("\u{FEFF}\n <html>".utf8)) == .notAnImage("an HTML page"))
        #expect(
            failure(Array("version https://git-lfs.github.com/spec/v1\n".utf8))?.description.contains("git lfs pull")
                == true)
        #expect(failure(Array("hello".utf8)) == .notAnImage("text"))
        #expect(failure(Array("GIF89a......".utf8)) == .truncated("GIF"))
        #expect(failure(Array("II*\0......".utf8))?.description.contains("TIFF") == true)
        #expect(failure(Array("RIFF....WEBPVP8 ".utf8)) == .truncated("WebP"))
        #expect(failure(Array("BM".utf8) + [UInt8](repeating: 0, count: 60))?.description.contains("BMP") == true)
        #expect(failure(Array("8BPS".utf8)) == .unsupportedFormat("Photoshop"))
        #expect(failure(Array("<?xml version='1.0'?><svg>".utf8)) == .unsupportedFormat("SVG"))
    }

    @Test func refusesCutPicturesButNotAMissingEnd() throws {
        for (name, file, end) in [("JPEG", try image.jpeg(), 2), ("PNG", try image.png(), 12)] {
            for share in [25, 50, 90] {
                #expect(failure(Array(file.prefix(file.count * share / 100))) == .truncated(name))
            }
            #expect(failure(Array(file.dropLast(end + 4))) == .truncated(name))
            let endless = try DecodedImage(decoding: Array(file.dropLast(end)))
            #expect(endless.suspicion?.contains("without its end") == true)
            #expect(endless.image == (try Image(decoding: file)))
            #expect(try DecodedImage(decoding: file + Array("junk".utf8)).suspicion == nil)
        }
    }

    @Test func refusesPromisesBeforeSettingMemoryAside() throws {
        var jpeg = try image.jpeg()
        let frame = try #require((0..<jpeg.count - 1).first { jpeg[$0] == 0xFF && jpeg[$0 + 1] == 0xC0 })
        func stating(_ height: Int, _ width: Int) -> [UInt8] {
            jpeg.replaceSubrange(
                (frame + 5)..<(frame + 9),
                with: [UInt8(height >> 8), UInt8(height & 255), UInt8(width >> 8), UInt8(width & 255)])
            return jpeg
        }
        #expect(failure(stating(65_500, 65_500)) == .tooLarge(width: 65_500, height: 65_500))
        #expect(failure(stating(13_000, 13_000)) == .truncated("JPEG"))
        #expect(failure(stating(0, 0))?.description.contains("Empty JPEG") == true)
        typealias PNG = PictureFixtures.PNG
        #expect(failure(PNG(width: 30_000, height: 30_000, rows: [1]).file) == .tooLarge(width: 30_000, height: 30_000))
        #expect(failure(PNG(width: 10_000, height: 10_000, rows: [1]).file) == .truncated("PNG"))
        #expect(failure(PNG(width: 0, height: 0, rows: []).file) != nil)
        #expect(failure(PNG(width: 1 << 31, height: 1, rows: []).file) != nil)
        #expect(failure(PNG(depth: 3, rows: []).file) != nil)
        #expect(failure(PNG(color: 3, rows: [UInt8](repeating: 0, count: 20)).file) != nil)
    }

    @Test func readsEveryKindOfPNG() throws {
        typealias PNG = PictureFixtures.PNG
        let gray16 = PNG(width: 2, height: 1, depth: 16, color: 0, rows: [0, 0x80, 0x00, 0x12, 0xFF]).file
        #expect(try Image(decoding: gray16).pixels == [128, 128, 128, 19, 19, 19])
        let color16 = PNG(width: 1, height: 1, depth: 16, color: 2, rows: [0, 0x12, 0xFF, 0x80, 0, 0xFF, 0xFF]).file
        #expect(try Image(decoding: color16).pixels == [0x12, 0x80, 0xFF])
        let bits = PNG(width: 8, height: 1, depth: 1, color: 0, rows: [0, 0b1010_0000]).file
        #expect(try Image(decoding: bits).pixels.prefix(9) == [255, 255, 255, 0, 0, 0, 255, 255, 255])
        let alpha = PNG(width: 1, height: 1, color: 6, rows: [0, 200, 100, 50, 0]).file
        #expect(try Image(decoding: alpha).pixels == [200, 100, 50])
        #expect(try Image(decoding: alpha, options: .init(alpha: .overWhite)).pixels == [255, 255, 255])
        #expect(try Image(decoding: alpha, options: .init(alpha: .overBlack)).pixels == [0, 0, 0])
        let grayAlpha = PNG(width: 1, height: 1, color: 4, rows: [0, 77, 128]).file
        #expect(try Image(decoding: grayAlpha).pixels == [77, 77, 77])
        let palette: [(String, [UInt8])] = [("PLTE", [1, 2, 3, 4, 5, 6]), ("tRNS", [0, 255])]
        let indexed = PNG(width: 2, height: 1, color: 3, chunks: palette, rows: [0, 1, 0]).file
        #expect(try Image(decoding: indexed).pixels == [4, 5, 6, 1, 2, 3])
        #expect(try Image(decoding: indexed, options: .init(alpha: .overWhite)).pixels == [4, 5, 6, 255, 255, 255])
        let wrong = try DecodedImage(
            decoding: PNG(width: 2, height: 1, color: 3, chunks: palette, rows: [0, 9, 0]).file)
        #expect(wrong.image.pixels == [0, 0, 0, 1, 2, 3])
        #expect(wrong.suspicion?.contains("palette") == true)
    }

    @Test func readsInterlacedPNG() throws {
        // Adam7 for 2 x 2: passes 1 (0,0), 6 (1,0), 7 (row 1).
        typealias PNG = PictureFixtures.PNG
        let rows: [UInt8] = [0, 1, 0, 2, 0, 3, 4]
        let gray = PNG(width: 2, height: 2, color: 0, interlaced: true, rows: rows).file
        #expect(try Image(decoding: gray).grayscale().pixels == [1, 2, 3, 4])
        let palette: [(String, [UInt8])] = [("PLTE", (0..<15).map { UInt8($0 / 3 * 10) }), ("tRNS", [255, 0])]
        let indexed = PNG(width: 2, height: 2, color: 3, interlaced: true, chunks: palette, rows: rows).file
        #expect(try Image(decoding: indexed).grayscale().pixels == [10, 20, 30, 40])
        let white = try Image(decoding: indexed, options: .init(alpha: .overWhite))
        #expect(white.grayscale().pixels == [255, 20, 30, 40])
    }

    @Test func namesDamage() throws {
        typealias PNG = PictureFixtures.PNG
        let good = PNG(width: 4, height: 4, rows: [UInt8](repeating: 0, count: 52)).file
        var flipped = good
        flipped[60] ^= 1
        #expect(failure(flipped)?.description.contains("damaged PNG: IDAT") == true)
        let text: [(String, [UInt8])] = [("zTXt", Array("k\0\0garbage".utf8)), ("iCCP", Array("x\0\0garbage".utf8))]
        let odd = PNG(width: 4, height: 4, chunks: text, rows: [UInt8](repeating: 0, count: 52)).file
        #expect(try Image(decoding: odd).pixels.allSatisfy { $0 == 0 })
    }

    @Test func honoursOrientation() throws {
        let corner = Image(width: 3, height: 2, pixels: (0..<18).map { $0 < 3 ? 255 : 0 })
        let file = try corner.jpeg(quality: 100)
        let stored = try Image(decoding: file)
        for orientation in Orientation.allCases {
            for isLittle in [true, false] {
                let exif = PictureFixtures.exif(orientation: UInt8(orientation.rawValue), isLittle: isLittle)
                let tagged = PictureFixtures.jpeg(file, exif: exif)
                #expect(try Image(decoding: tagged) == stored.oriented(orientation))
                #expect(try Image(decoding: tagged, options: .init(appliesOrientation: false)) == stored)
                let png = PictureFixtures.PNG(
                    width: 2, height: 1, color: 0, chunks: [("eXIf", exif)], rows: [0, 10, 20]
                ).file
                let upright = Image(width: 2, height: 1, pixels: [10, 10, 10, 20, 20, 20])
                #expect(try Image(decoding: png) == upright.oriented(orientation))
            }
        }
        #expect(stored.oriented(.turnedLeft) == (try stored.rotated(by: 270, expands: true)))
        #expect(stored.oriented(.turnedRight) == (try stored.rotated(by: 90, expands: true)))
    }

    /// Pictures are turned while they are decoded, in strips or pixel by pixel.
    @Test func turnsEveryKindOfPNG() throws {
        typealias PNG = PictureFixtures.PNG
        func check(_ make: ([(String, [UInt8])]) -> PNG, at location: SourceLocation = #_sourceLocation) throws {
            for alpha in [ImageReadingOptions.AlphaRule.drop, .overWhite] {
                let options = ImageReadingOptions(alpha: alpha)
                let stored = try Image(decoding: make([]).file, options: options)
                for orientation in Orientation.allCases {
                    let tag = ("eXIf", PictureFixtures.exif(orientation: UInt8(orientation.rawValue)))
                    let turned = try Image(decoding: make([tag]).file, options: options)
                    #expect(turned == stored.oriented(orientation), "\(orientation)", sourceLocation: location)
                }
            }
        }
        func rows(_ width: Int, _ height: Int, _ bytes: Int) -> [UInt8] {
            (0..<height).flatMap { y in [0] + (0..<(width * bytes)).map { UInt8(truncatingIfNeeded: $0 * 37 + y * 11) }
            }
        }
        // Adam7's passes of 11 x 9 pixels.
        let passes = [(2, 2), (1, 2), (3, 1), (3, 3), (6, 2), (5, 5), (11, 4)]
        func interlacedRows(_ bytes: Int) -> [UInt8] { passes.flatMap { rows($0.0, $0.1, bytes) } }
        for (color, bytes) in [(UInt8(0), 1), (2, 3), (4, 2), (6, 4)] {
            try check { PNG(width: 5, height: 70, color: color, chunks: $0, rows: rows(5, 70, bytes)) }
            try check {
                PNG(width: 11, height: 9, color: color, interlaced: true, chunks: $0, rows: interlacedRows(bytes))
            }
        }
        let palette = [("PLTE", [UInt8](0...255) + [UInt8](0...255) + [UInt8](0...255)), ("tRNS", [UInt8](0...255))]
        try check { PNG(width: 5, height: 70, color: 3, chunks: palette + $0, rows: rows(5, 70, 1)) }
        try check {
            PNG(width: 11, height: 9, color: 3, interlaced: true, chunks: palette + $0, rows: interlacedRows(1))
        }
    }

    @Test func boundsWhatScansAndSidesCost() throws {
        let long = PictureFixtures.PNG(width: 1_000_001, height: 1, depth: 1, color: 0, rows: [0])
        #expect(failure(long.file)?.description.contains("over 1,000,000") == true)
        // An empty scan, repeated.
        let jpeg = PictureFixtures.progressive()
        #expect(failure(jpeg) == nil)
        let scan = try #require(jpeg.indices.dropLast().last { jpeg[$0] == 0xFF && jpeg[$0 + 1] == 0xDA })
        let again = Array(jpeg[scan..<(jpeg.count - 2)])
        let many = Array(jpeg.dropLast(2)) + (0..<500).flatMap { _ in again } + jpeg.suffix(2)
        #expect(failure(many)?.description.contains("more than 500 scans") == true)
    }

    @Test func brokenOrientationIsNone() throws {
        let file = try image.jpeg()
        let stored = try Image(decoding: file)
        var random = SampleRandom(seed: 1, epoch: 0, index: 0)
        for round in 0..<500 {
            var exif = PictureFixtures.exif(orientation: 9)
            for _ in 0..<(1 + round % 4) {
                // Not the orientation itself, which would be valid.
                let place = random.integer(below: 14)
                exif[place] = UInt8(random.integer(below: 256))
            }
            exif = Array(exif.prefix(round % 3 == 0 ? random.integer(below: exif.count) : exif.count))
            #expect(try Image(decoding: PictureFixtures.jpeg(file, exif: exif)) == stored)
        }
    }

    @Test func survivesMutants() throws {
        let small = PictureFixtures.pattern(width: 40, height: 30)
        var random = SampleRandom(seed: 2, epoch: 0, index: 0)
        for file in [try small.jpeg(), try small.png()] {
            var refused = 0
            for _ in 0..<1500 {
                var mutant = file
                for _ in 0..<(1 + random.integer(below: 8)) {
                    mutant[random.integer(below: mutant.count)] = UInt8(random.integer(below: 256))
                }
                if failure(mutant) != nil { refused += 1 }
            }
            #expect(refused > 100)
        }
    }

    @Test func refusesWhatIsNoFile() throws {
        try PictureFixtures.withFolder { folder in
            let folderError = #expect(throws: ImageFileError.self) { try Image(contentsOf: folder) }
            #expect(folderError?.reason == .notARegularFile)
            let missing = #expect(throws: ImageFileError.self) { try Image(contentsOf: folder + "/x.jpg") }
            #expect(missing?.description.hasSuffix("x.jpg: cannot open: No such file or directory") == true)
        }
    }
}
