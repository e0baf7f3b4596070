import CressetData
import CressetVision
import Glibc
import Testing

/// Formats other than JPEG and PNG: pixels as Pillow gives them, and an error for whatever is wrong.
@Suite struct FormatTests {
    private func failure(_ file: [UInt8]) -> ImageError? {
        do {
            _ = try DecodedImage(decoding: file)
            return nil
        } catch { return error }
    }

    @Test(arguments: FormatFixture.all) func pixelsAreThoseOfPillow(_ fixture: FormatFixture) throws {
        let decoded = try DecodedImage(decoding: fixture.file)
        #expect(decoded.image.width == fixture.width && decoded.image.height == fixture.height)
        #expect(PictureFixtures.hash(decoded.image.pixels) == fixture.hash)
        // Its samples leave the range from 0 to 255.
        #expect((decoded.suspicion == nil) == (fixture.name != "tiff float"))
    }

    /// Every beginning of a file is refused, or is the whole picture but for what follows the pixels; none is half of it.
    /// In text, though, a number that is cut short is a number.
    @Test(arguments: FormatFixture.all.filter { $0.name != "ppm text 1000" }) func noPartOfAFileIsAPicture(
        _ fixture: FormatFixture
    ) throws {
        for count in 0..<fixture.file.count {
            guard let image = try? Image(decoding: Array(fixture.file.prefix(count))) else { continue }
            #expect(PictureFixtures.hash(image.pixels) == fixture.hash, "\(count) of \(fixture.file.count) bytes")
        }
    }

    /// Whatever bytes a file consists of, the answer is a picture or an error.
    @Test(arguments: FormatFixture.all) func otherBytesAreAnErrorAtWorst(_ fixture: FormatFixture) {
        var random = SampleRandom(seed: 5, epoch: 0, index: fixture.file.count)
        for _ in 0..<60 {
            var file = fixture.file
            for _ in 0...random.integer(below: 3) {
                file[random.integer(below: file.count)] = UInt8(random.integer(below: 256))
            }
            if let image = try? Image(decoding: file) { #expect(image.width > 0) }
        }
    }

    @Test func transparencyIsLaidOverAColour() throws {
        let file = FormatFixture.named("gif offset transparent").file
        let white = try Image(decoding: file, options: .init(alpha: .overWhite))
        #expect(white[0, 0] == [255, 255, 255])
        #expect(try Image(decoding: file, options: .init(alpha: .overBlack))[0, 0] == [0, 0, 0])
        let webp = FormatFixture.named("webp alpha exif 6").file
        let dropped = try Image(decoding: webp)
        let black = try Image(decoding: webp, options: .init(alpha: .overBlack))
        #expect(zip(black.pixels, dropped.pixels).allSatisfy { $0 <= $1 } && black != dropped)
        let stored = try Image(decoding: webp, options: .init(appliesOrientation: false))
        #expect(stored.oriented(.turnedLeft) == dropped)
    }

    /// Pillow clips such greys at 255, which turns pictures white.
    @Test func greyOfSixteenBitsIsScaled() throws {
        let pgm = Array("P5 3 1 65535\n".utf8) + [0, 128, 0x80, 0x00, 0xFF, 0xFF]
        #expect(try Image(decoding: pgm).pixels == [0, 0, 0, 128, 128, 128, 255, 255, 255])
    }

    @Test func claimsAreRefusedBeforeMemoryIsSetAside() {
        func patched(_ name: String, _ offset: Int, _ bytes: [UInt8]) -> [UInt8] {
            var file = FormatFixture.named(name).file
            file.replaceSubrange(offset..<(offset + bytes.count), with: bytes)
            return file
        }
        #expect(
            failure(patched("gif interlaced", 6, [0xFF, 0xFF, 0xFF, 0xFF])) == .tooLarge(width: 65535, height: 65535))
        #expect(
            failure(patched("gif interlaced", 6, [0xC8, 0x32, 0xC8, 0x32]))?.description
                .contains("on a canvas of 13000 x 13000") == true)
        #expect(
            failure(patched("webp animated", 24, [0xC7, 0x32, 0, 0xC7, 0x32, 0]))?.description
                .contains("on a canvas of 13000 x 13000") == true)
        #expect(
            failure(patched("bmp 16 bits", 18, [0, 0, 1, 0, 0, 0, 1, 0])) == .tooLarge(width: 65536, height: 65536))
        #expect(failure(patched("bmp 16 bits", 18, [0, 1, 0, 0, 0, 1, 0, 0])) == .truncated("BMP"))
        #expect(failure(patched("bmp 16 bits", 18, [0, 0, 0, 0x80]))?.description.contains("a width of -") == true)
        #expect(failure(Array("P6 100000 100000 255\n".utf8) + [0]) == .tooLarge(width: 100_000, height: 100_000))
        #expect(failure(Array("P6 1000 1000 255\n".utf8) + [0]) == .truncated("PPM"))
        #expect(failure(Array("P5 1 1 65536\n".utf8) + [0])?.description.contains("not 1 to 65535") == true)
        #expect(failure(Array("P5 1 1 0\n".utf8) + [0]) != nil)
        #expect(failure(Array("P2 1 1 9\n10\n".utf8))?.description.contains("a sample of 10, more than 9") == true)
        #expect(failure(Array("P2 1 1 9\n-1\n".utf8))?.description.contains("a sample is not a number") == true)
        // The canvas is not what is in it.
        #expect(failure(patched("webp xmp 8", 24, [0xFF, 0x3F, 0]))?.description.contains("another size") == true)
    }

    @Test func kindsThatAreNotReadAreNamed() {
        #expect(failure(Array("P7\nWIDTH 1\n".utf8)) == .unsupportedFormat("PAM"))
        let lab = FormatFixture.named("tiff planes").file
        // The tag of the kind of colours, 262, and its number.
        let tag = lab.indices.dropLast(9).first { lab[$0] == 6 && lab[$0 + 1] == 1 && lab[$0 + 2] == 3 }!
        var file = lab
        file[tag + 8] = 8
        #expect(failure(file) == .unsupportedFormat("TIFF with colours of kind 8"))
        #expect(ImageError.missingLibrary(format: "GIF", package: "libgif7").description.contains("libgif7"))
        let unusable = ImageError.unusableLibrary(
            format: "GIF", package: "libgif7", reason: "libgif.so.7 lacks DGifOpen")
        #expect(unusable.description.contains("found here but cannot be used: libgif.so.7 lacks DGifOpen"))
    }

    /// An AVIF or HEIC file without the system's library is an error that names the package.
    @Test(arguments: ["avif", "heic"]) func formatsOfTheSystemNeedItsLibraries(_ brand: String) {
        let error = failure([0, 0, 0, 24] + Array("ftyp\(brand)".utf8) + [UInt8](repeating: 0, count: 12))
        switch error {
        case .missingLibrary(let format, _): #expect(format == brand.uppercased())
        case .broken(let format, _), .truncated(let format): #expect(format == brand.uppercased())
        default: Issue.record("\(String(describing: error))")
        }
    }

    /// libtiff has one set of handlers for its messages in a process; a program may open files with it too.
    @Test func aProgramsOwnUseOfLibtiffGoesOn() throws {
        _ = try Image(decoding: FormatFixture.named("tiff").file)
        let library = try #require(dlopen("libtiff.so.6", RTLD_NOW) ?? dlopen("libtiff.so.5", RTLD_NOW))
        typealias Open = @convention(c) (UnsafePointer<CChar>, UnsafePointer<CChar>) -> OpaquePointer?
        let open = unsafeBitCast(try #require(dlsym(library, "TIFFOpen")), to: Open.self)
        try PictureFixtures.withFolder { folder in
            try PictureFixtures.write(["text.tif": Array("not a picture".utf8)], in: folder)
            #expect(open("\(folder)/text.tif", "r") == nil)
        }
    }

    /// Pillow answers "not enough image data".
    @Test(arguments: [[0, 1], [3, 5, 0, 0, 0, 1], [3, 5, 0, 2, 1, 0, 0, 1]]) func runsThatEndEarlyAreTruncated(
        _ runs: [UInt8]
    ) throws {
        #expect(failure(bitmap(runs)) == .truncated("BMP"))
    }

    /// Skipped pixels count, and have index 0.
    @Test func runsMaySkipPixels() throws {
        let image = try Image(decoding: bitmap([3, 5, 0, 2, 1, 0, 2, 3, 0, 1]))
        #expect(image.pixels == [7, 255, 0, 7, 252, 3, 7, 252, 3, 7, 250, 5, 7, 250, 5, 7, 250, 5])
    }

    /// 3 x 2 pixels of 8 bits, run-length encoded; the colour of an index is (7, 255 - index, index).
    private func bitmap(_ runs: [UInt8]) -> [UInt8] {
        func words(_ values: Int...) -> [UInt8] {
            values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
        }
        let header = words(0, 0, 1078, 40, 3, 2) + [1, 0, 8, 0] + words(1, 0, 0, 0, 0, 0)
        return Array("BM".utf8) + header + (0..<256).flatMap { [UInt8($0), UInt8(255 - $0), 7, 0] } + runs
    }

    @Test func foldersOfAllFormatsAreChecked() throws {
        try PictureFixtures.withFolder { folder in
            var files: [String: [UInt8]] = [:]
            for (index, fixture) in FormatFixture.all.enumerated() {
                let format = String(fixture.name.prefix { $0 != " " })
                let name = ["pgm": "pgm", "pbm": "pbm", "ppm": "ppm", "tiff": "tif"][format] ?? format
                files["a/\(index).\(name)"] = fixture.file
                files["b/\(index).\(name)"] = Array(fixture.file.prefix(fixture.file.count / 2))
            }
            files["b/good.gif"] = FormatFixture.named("gif interlaced").file
            files["b/really-a-gif.webp"] = FormatFixture.named("gif interlaced").file
            try PictureFixtures.write(files, in: folder)
            let pictures = try ImageFolder(folder, transform: ToTensor()).checked(workers: 1)
            #expect(pictures.classCounts == [FormatFixture.all.count, 2])
            #expect(pictures.skipped.allSatisfy(\.isPicture) && pictures.skipped.count == FormatFixture.all.count)
            #expect(pictures.warnings.count == 1)
        }
    }
}

/// JPEG files that are decoded smaller.
@Suite struct FastDecodingTests {
    private func shape(_ width: Int, _ height: Int, _ transform: any Transform, fast: Bool) throws -> [Int] {
        try PictureFixtures.withFolder { folder in
            let photo = try Image(width: width, height: height, repeating: 77).jpeg()
            try PictureFixtures.write(["a/1.jpg": photo], in: folder)
            let seen = Compose([transform, Probe()])
            let pictures = try ImageFolder(folder, transform: seen, options: .init(fast: fast))
            return try DataLoader(pictures, batchSize: 1).batches().next()!.inputs.shape.map { $0 }
        }
    }

    /// Leaves a picture as it is.
    private struct Probe: Transform {
        func apply(to picture: Picture, random: inout SampleRandom) -> Picture { picture }
    }

    @Test func theLargestReductionThatIsStillLargeEnoughIsTaken() throws {
        try PictureFixtures.withFolder { folder in
            let photo = try PictureFixtures.pattern(width: 400, height: 200).jpeg(quality: 95)
            try PictureFixtures.write(["1.jpg": photo], in: folder)
            for (side, width) in [
                (201, 400), (200, 400), (101, 400), (100, 200), (51, 200), (50, 100), (25, 50), (1, 50),
            ] {
                let read = try DecodedImage.reading(
                    "\(folder)/1.jpg".filePath, options: .init(fast: true), before: NextStep(Resize(side))
                ) { $0.image }
                #expect(read.width == width && read.height == width / 2, "a shorter side of \(side)")
            }
            let exact = try DecodedImage.reading(
                "\(folder)/1.jpg".filePath, options: .init(fast: true),
                before: NextStep(Resize(.exactly(width: 100, height: 100)))
            ) { $0.image }
            #expect(exact.width == 200)
            let slow = try DecodedImage.reading("\(folder)/1.jpg".filePath, before: NextStep(Resize(25))) { $0.image }
            #expect(try slow == Image(decoding: photo))
        }
    }

    @Test func turnedPicturesAreReducedByTheirUprightSize() throws {
        try PictureFixtures.withFolder { folder in
            let photo = try PictureFixtures.pattern(width: 400, height: 200).jpeg()
            try PictureFixtures.write(
                ["1.jpg": PictureFixtures.jpeg(photo, exif: PictureFixtures.exif(orientation: 6))], in: folder)
            let read = try DecodedImage.reading(
                "\(folder)/1.jpg".filePath, options: .init(fast: true),
                before: NextStep(Resize(.exactly(width: 50, height: 100)))
            ) { $0.image }
            #expect(read.width == 50 && read.height == 100)
        }
    }

    @Test func foldersUseItOnlyWhereAResizeComesFirst() throws {
        for fast in [false, true] {
            #expect(try shape(320, 160, Compose([Resize(20), CenterCrop(16)]), fast: fast) == [1, 3, 16, 16])
            #expect(try shape(320, 160, CenterCrop(120), fast: fast) == [1, 3, 120, 120])
        }
    }

    /// A reduced picture is the mean of the whole one's pixels, nearly: what is flat stays as it is.
    @Test func reducedPicturesLookAlike() throws {
        try PictureFixtures.withFolder { folder in
            let photo = try Image(width: 333, height: 111, pixels: (0..<(333 * 111 * 3)).map { UInt8($0 / 999 * 2) })
                .jpeg(quality: 95)
            try PictureFixtures.write(["1.jpg": photo], in: folder)
            let whole = try Image(decoding: photo)
            for side in [55, 27, 13] {
                let fast = try DecodedImage.reading(
                    "\(folder)/1.jpg".filePath, options: .init(fast: true), before: NextStep(Resize(side))
                ) { $0.image.resized(width: 20, height: 10) }
                let slow = whole.resized(width: 20, height: 10)
                #expect(zip(fast.pixels, slow.pixels).allSatisfy { abs(Int($0) - Int($1)) <= 3 })
            }
        }
    }
}

/// XMP packets, which some cameras and editors write instead of EXIF data.
@Suite struct XMPTests {
    private func jpeg(_ xmp: String, exif: [UInt8]? = nil) throws -> [UInt8] {
        let body = Array("http://ns.adobe.com/xap/1.0/\0".utf8) + Array(xmp.utf8)
        let length = body.count + 2
        let photo = try PictureFixtures.pattern(width: 16, height: 8).jpeg()
        let file = Array(photo[..<2]) + [0xFF, 0xE1, UInt8(length >> 8), UInt8(length & 255)] + body + photo[2...]
        return exif.map { PictureFixtures.jpeg(file, exif: $0) } ?? file
    }

    @Test func orientationIsReadFromAttributesAndElements() throws {
        let upright = try Image(decoding: jpeg("<x/>"))
        #expect(try Image(decoding: jpeg("<x tiff:Orientation=\"6\"/>")) == upright.oriented(.turnedLeft))
        #expect(
            try Image(decoding: jpeg("<tiff:Orientation>3</tiff:Orientation>")) == upright.oriented(.upsideDown))
        for odd in ["tiff:Orientation", "tiff:Orientation=\"9\"", "tiff:Orientation=6", "tiff:Orientation>"] {
            #expect(try Image(decoding: jpeg(odd)) == upright)
        }
        // EXIF data come first, even with a number that means nothing.
        let both = try jpeg("<x tiff:Orientation=\"6\"/>", exif: PictureFixtures.exif(orientation: 3))
        #expect(try Image(decoding: both) == upright.oriented(.upsideDown))
        let odd = try jpeg("<x tiff:Orientation=\"6\"/>", exif: PictureFixtures.exif(orientation: 0))
        #expect(try Image(decoding: odd) == upright)
    }

    /// As Pillow has it.
    @Test func theLastPacketCounts() throws {
        let last = try jpeg("<x tiff:Orientation=\"6\"/>")
        let first = try jpeg("<x tiff:Orientation=\"3\"/>")
        // The first file's packet, and then the other file behind its first mark.
        let length = Int(first[4]) << 8 | Int(first[5])
        #expect(
            try Image(decoding: Array(first[..<(4 + length)]) + last[2...])
                == Image(decoding: jpeg("<x/>")).oriented(.turnedLeft))
    }
}
