import CJPEG
import CPixels
import Cresset
import CressetData
import CressetVision
import Foundation
import Testing

/// Of a JPEG file no more is decoded than the next step looks at, and nobody can tell.
@Suite struct PartialDecodingTests {
    private static let files = JPEGFixtures.all.map { ($0.name, Array(Data(base64Encoded: $0.base64)!)) }
    private static let (width, height) = (150, 117)

    private func random(_ index: Int) -> SampleRandom { SampleRandom(seed: 3, epoch: 1, index: index) }

    /// The file's pixels after `part` of it was decoded, and the status; the others are `ground`.
    private func decoded(
        _ file: [UInt8], _ part: cresset_jpeg_part, over ground: UInt8 = 0
    ) -> (pixels: [UInt8], status: cresset_jpeg_status, info: cresset_jpeg_info) {
        var pixels = [UInt8](repeating: ground, count: Self.width * Self.height * 3)
        var info = cresset_jpeg_info()
        let (columns, rows) = (UInt32(Self.width), UInt32(Self.height))
        let status = pixels.withUnsafeMutableBufferPointer { target in
            var part = part
            var layout = cresset_layout(origin: target.baseAddress!, column_step: 3, row_step: Self.width * 3)
            return cresset_jpeg_decode(file, file.count, columns, rows, 1, false, &part, &layout, &info)
        }
        return (pixels, status, info)
    }

    private var whole: cresset_jpeg_part {
        cresset_jpeg_part(left: 0, top: 0, right: UInt32(Self.width), bottom: UInt32(Self.height))
    }

    private func someParts(_ count: Int) -> [cresset_jpeg_part] {
        var random = random(0)
        return (0..<count).map { _ in
            let (left, top) = (random.integer(below: Self.width), random.integer(below: Self.height))
            return cresset_jpeg_part(
                left: UInt32(left), top: UInt32(top),
                right: UInt32(left + 1 + random.integer(below: Self.width - left)),
                bottom: UInt32(top + 1 + random.integer(below: Self.height - top)))
        }
    }

    @Test func aPartHasThePixelsOfTheWhole() {
        for (name, file) in Self.files {
            let expected = decoded(file, whole).pixels
            var untouched = 0
            for part in someParts(60) {
                let (light, dark) = (decoded(file, part, over: 255), decoded(file, part, over: 0))
                #expect(light.status == CRESSET_JPEG_OK && light.info.warnings == 0)
                for y in Int(part.top)..<Int(part.bottom) {
                    let row = (y * Self.width + Int(part.left)) * 3..<(y * Self.width + Int(part.right)) * 3
                    #expect(light.pixels[row] == expected[row], "\(name), row \(y) of \(part)")
                    #expect(dark.pixels[row] == expected[row], "\(name), row \(y) of \(part)")
                }
                untouched += zip(light.pixels, dark.pixels).count { $0 != $1 }
            }
            // Of a file of several scans everything is decoded.
            #expect((untouched > 0) == (name != "progressive"), "\(name)")
        }
    }

    @Test func damageOutsideThePartIsFoundToo() {
        for (name, file) in Self.files {
            for cut in [file.count / 4, file.count / 2, file.count - 30, file.count - 2] {
                for bytes in [Array(file[..<cut]), Array(file[..<cut] + [0xFF, 0xD5, 0xFF, 0xD0] + file[cut...])] {
                    let expected = decoded(bytes, whole)
                    for part in someParts(8) {
                        let result = decoded(bytes, part)
                        #expect(result.status == expected.status, "\(name) damaged at \(cut), \(part)")
                        if expected.status != CRESSET_JPEG_OK { continue }
                        #expect((result.info.warnings > 0) == (expected.info.warnings > 0), "\(name), \(cut), \(part)")
                        #expect(result.info.missing_end == expected.info.missing_end, "\(name), \(cut), \(part)")
                    }
                }
            }
        }
    }

    @Test func transformsMakeTheSameOfAPart() throws {
        let filters: [Interpolation] = [.nearest, .box, .bilinear, .hamming, .bicubic, .lanczos]
        var steps: [any Transform] = [CenterCrop(40), CenterCrop(width: 200, height: 30), RandomResizedCrop(24)]
        for filter in filters {
            for (side, crop) in [(40, 30), (64, 10), (117, 100), (130, 50), (300, 40), (20, 24)] {
                steps.append(Compose([Resize(side, interpolation: filter), CenterCrop(crop)]))
            }
            let exact = Resize(.exactly(width: 60, height: 300), interpolation: filter)
            steps.append(Compose([exact, CenterCrop(width: 7, height: 90)]))
            steps.append(Compose([RandomResizedCrop(24, interpolation: filter), RandomHorizontalFlip()]))
        }
        try PictureFixtures.withFolder { folder in
            for (name, file) in Self.files.prefix(3) {
                for orientation in Orientation.allCases {
                    let exif = PictureFixtures.exif(orientation: UInt8(orientation.rawValue))
                    let bytes = PictureFixtures.jpeg(file, exif: exif)
                    try PictureFixtures.write(["1.jpg": bytes], in: folder)
                    let whole = try Image(decoding: bytes)
                    for (i, step) in steps.enumerated() {
                        let expected = try step(whole, random: random(i)).image
                        let part = try DecodedImage.reading(
                            "\(folder)/1.jpg".filePath, before: NextStep(step, random: random(i))
                        ) { try step($0.image, random: random(i)).image }
                        #expect(part == expected, "\(name), \(orientation), \(step)")
                    }
                }
            }
        }
    }
}
