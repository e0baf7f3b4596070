import CressetData
import CressetVision
import Testing

/// Files that end early, and pictures that look damaged.
@Suite struct DamagedPictureTests {
    private static let pad = ImageReadingOptions(truncated: .pad)
    private static let strict = ImageReadingOptions(rejectsSuspect: true)
    private let image = PictureFixtures.pattern(width: 96, height: 80)

    private func failure(_ file: [UInt8], _ options: ImageReadingOptions) -> ImageError? {
        do throws(ImageError) {
            _ = try DecodedImage(decoding: file, options: options)
            return nil
        } catch { return error }
    }

    private func rows(_ image: Image, _ rows: Range<Int>) -> [UInt8] {
        image.cropped(left: 0, top: rows.lowerBound, width: image.width, height: rows.count).pixels
    }

    /// A picture between one that is complete and one of which nothing is there.
    private func isGrey(_ pixels: [UInt8]) -> Bool { pixels.allSatisfy { $0 == 128 } }

    @Test(arguments: [50, 75, 90]) func theRestOfACutJPEGIsGrey(_ share: Int) throws {
        let file = try image.jpeg(quality: 90), whole = try Image(decoding: file)
        let cut = Array(file.prefix(file.count * share / 100))
        #expect(failure(cut, .init()) == .truncated("JPEG"))
        let padded = try DecodedImage(decoding: cut, options: Self.pad)
        #expect(padded.suspicion == "truncated JPEG: what is missing is grey")
        #expect(padded.image.width == 96 && padded.image.height == 80)
        // Blocks of 16 rows; the colours at their edges are blended with those of the next.
        #expect(rows(padded.image, 0..<15) == rows(whole, 0..<15))
        #expect(isGrey(rows(padded.image, 79..<80).suffix(48)) && !isGrey(rows(padded.image, 0..<16)))
    }

    /// Pillow 13.0 with `LOAD_TRUNCATED_IMAGES`, of the file as far as its 1,800th byte.
    @Test func aCutJPEGIsThatOfPillow() throws {
        let file = try PictureFixtures.pattern(width: 64, height: 48).jpeg(quality: 80)
        let padded = try Image(decoding: Array(file.prefix(1800)), options: Self.pad)
        // A quarter of it is grey.
        #expect(PictureFixtures.hash(file) == 0xd709_b181_664e_f447)
        #expect(PictureFixtures.hash(padded.pixels) == 0x9683_bc12_5c38_7e3b)
    }

    @Test func ofACutPNGEveryRowIsThere() throws {
        // Noise does not compress: the rows end where the file does.
        var random = SampleRandom(seed: 1, epoch: 0, index: 0)
        let image = Image(
            width: 90, height: 70, pixels: (0..<(90 * 70 * 3)).map { _ in UInt8(random.uniform(in: 0...255)) })
        let file = try image.png()
        for share in [25, 50, 90] {
            let cut = Array(file.prefix(file.count * share / 100))
            #expect(failure(cut, .init()) == .truncated("PNG"))
            let padded = try DecodedImage(decoding: cut, options: Self.pad)
            #expect(padded.suspicion == "truncated PNG: what is missing is grey")
            let last = try #require((0..<70).last { !isGrey(rows(padded.image, $0..<($0 + 1))) })
            #expect(abs(last - 70 * share / 100) <= 2, "row \(last) of a file cut at \(share) %")
            #expect(rows(padded.image, 0..<(last + 1)) == rows(image, 0..<(last + 1)))
            #expect(isGrey(rows(padded.image, (last + 1)..<70)))
        }
    }

    @Test func aTurnedPictureIsPaddedAsItIsStored() throws {
        let upsideDown = PictureFixtures.exif(orientation: 3)
        typealias PNG = PictureFixtures.PNG
        let pixels = (0..<70).flatMap { y -> [UInt8] in
            let row = (0..<60).map { x -> UInt8 in UInt8((x * 7 + y * 3) % 256) }
            return [0] + row
        }
        let png = PNG(width: 20, height: 70, chunks: [("eXIf", upsideDown)], rows: pixels).file
        let jpeg = PictureFixtures.jpeg(try image.jpeg(quality: 90), exif: upsideDown)
        var stored = Self.pad
        stored.appliesOrientation = false
        for file in [png, jpeg] {
            let cut = Array(file.prefix(file.count * 3 / 4))
            let (turned, flat) = (
                try Image(decoding: cut, options: Self.pad), try Image(decoding: cut, options: stored)
            )
            let (width, height) = (flat.width, flat.height)
            #expect(!isGrey(flat[0, 0]) && isGrey(flat[width - 1, height - 1]) && isGrey(turned[0, 0]))
            var differing = 0
            for y in 0..<height {
                for x in 0..<width where turned[width - 1 - x, height - 1 - y] != flat[x, y] { differing += 1 }
            }
            #expect(differing == 0)
        }
    }

    @Test func anInterlacedPNGHasThePixelsOfItsPasses() throws {
        // The passes of 8 x 8 pixels have 1, 1, 2, 4, 8, 16 and 32 of them, in 1, 1, 1, 2, 2, 4 and 4 rows.
        let passes = [(1, 1), (1, 1), (2, 1), (2, 2), (4, 2), (4, 4), (8, 4)]
        let rows = passes.flatMap { width, count -> [UInt8] in
            let row = [0] + [UInt8](repeating: 50, count: width * 3)
            return Array(repeatElement(row, count: count).joined())
        }
        let file = PictureFixtures.PNG(width: 8, height: 8, interlaced: true, rows: rows).file
        // Without IEND, two checksums and the last two passes.
        let cut = Array(file.dropLast(12 + 4 + 4 + 4 * 25 + 4 * 13))
        let pixels = try Image(decoding: cut, options: Self.pad).pixels
        #expect(pixels.count(where: { $0 == 50 }) == 16 * 3 && pixels.count(where: { $0 == 128 }) == 48 * 3)
    }

    /// A progressive file is cut in each of its tables and scans.
    @Test func ofAProgressiveFileTheScansBeforeAreThere() throws {
        let file = PictureFixtures.progressive()
        let scans = file.indices.dropLast().filter { file[$0] == 0xFF && file[$0 + 1] == 0xDA }
        #expect(scans.count == 6)
        for count in (scans[1] + 2)..<(file.count - 2) {
            #expect(failure(Array(file.prefix(count)), Self.pad) == nil, "\(count) bytes")
        }
        #expect(failure(Array(file.prefix(scans[0] - 4)), Self.pad) == .truncated("JPEG"))
    }

    @Test func withoutAFirstRowThereIsNoPicture() throws {
        let jpeg = try image.jpeg(quality: 90), png = try image.png()
        let scan = try #require(jpeg.indices.dropLast().first { jpeg[$0] == 0xFF && jpeg[$0 + 1] == 0xDA })
        for count in [3, scan, scan + 14, scan + 60] {
            #expect(failure(Array(jpeg.prefix(count)), Self.pad) == .truncated("JPEG"), "\(count) bytes")
        }
        for count in [8, 33, 41, 50] {
            #expect(failure(Array(png.prefix(count)), Self.pad) == .truncated("PNG"), "\(count) bytes")
        }
        // Nor one that no file of that size could hold.
        let empty = PictureFixtures.PNG(width: 10_000, height: 10_000, rows: [1]).file
        #expect(failure(empty, Self.pad) == .truncated("PNG"))
        #expect(failure(Array(png.dropLast(30)), Self.strict) == .truncated("PNG"))
    }

    @Test func onlyTheEndMayBeMissingInAnyCase() throws {
        for (file, end) in [(try image.jpeg(), 2), (try image.png(), 12)] {
            let endless = Array(file.dropLast(end))
            let (usual, padded) = (
                try DecodedImage(decoding: endless), try DecodedImage(decoding: endless, options: Self.pad)
            )
            #expect(usual.suspicion?.contains("without its end") == true && usual.suspicion == padded.suspicion)
            #expect(usual.image == padded.image)
        }
    }

    /// Twenty bytes after the last block that belong to nothing.
    private func suspectFile() throws -> [UInt8] {
        let file = try image.jpeg()
        return Array(file.dropLast(2)) + Array(repeating: 0x55, count: 20) + file.suffix(2)
    }

    @Test func whatLooksDamagedIsRefusedIfAskedFor() throws {
        let (suspect, good) = (try suspectFile(), try image.jpeg())
        let reason = try #require(try DecodedImage(decoding: suspect).suspicion)
        #expect(reason.hasPrefix("suspect JPEG: Corrupt JPEG data"))
        #expect(failure(suspect, Self.strict) == .suspect(reason))
        #expect(ImageError.suspect(reason).description == reason)
        #expect(failure(Array(good.dropLast(2)), Self.strict) == .suspect("JPEG without its end marker"))
        #expect(failure(good, Self.strict) == nil)
    }

    @Test func aFolderKeepsOrSkipsThem() throws {
        try PictureFixtures.withFolder { path in
            let file = try image.jpeg()
            try PictureFixtures.write(
                [
                    "a/cut.jpg": Array(file.prefix(file.count * 3 / 4)), "a/endless.jpg": Array(file.dropLast(2)),
                    "a/good.jpg": file, "a/suspect.jpg": try suspectFile(),
                ], in: path)
            func names(_ options: ImageReadingOptions) throws -> (first: [String], read: [String]) {
                let folder = try ImageFolder(path, transform: ToTensor(), options: options).checked(workers: 0)
                let loader = DataLoader(folder, batchSize: 1)
                let batches = loader.batches()
                var read: [String] = []
                while let batch = try batches.next() { read += batch.indices.map { folder.samples[$0].path.name } }
                return (folder.samples.map { $0.path.name }, read)
            }
            #expect(
                try names(.init()) == (
                    ["endless.jpg", "good.jpg", "suspect.jpg"], ["endless.jpg", "good.jpg", "suspect.jpg"]
                ))
            #expect(try names(Self.pad).read == ["cut.jpg", "endless.jpg", "good.jpg", "suspect.jpg"])
            // What is wrong in the middle is found when the picture is first used.
            #expect(try names(Self.strict) == (["good.jpg", "suspect.jpg"], ["good.jpg"]))
        }
    }
}
