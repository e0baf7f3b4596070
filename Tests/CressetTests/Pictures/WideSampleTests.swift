import CressetVision
import Testing

/// Grey TIFF files whose samples are not scaled: pixels as Pillow 13.0.0 gives them (`convert("RGB")`), and a word about
/// what that does to the picture.
@Suite struct WideSampleTests {
    /// A file of one row.
    private func tiff(bits: Int, format: Int, _ samples: [UInt8]) -> [UInt8] {
        let width = samples.count * 8 / bits
        let entries: [(tag: UInt16, value: UInt32)] = [
            (256, UInt32(width)), (257, 1), (258, UInt32(bits)), (259, 1), (262, 1), (273, 8), (277, 1), (278, 1),
            (279, UInt32(samples.count)), (339, UInt32(format)),
        ]
        var file = Array("II*\0".utf8) + bytes([UInt32(8 + samples.count)]) + samples + bytes([UInt16(entries.count)])
        for entry in entries {
            file += bytes([entry.tag, 4])
            file += bytes([1, entry.value])
        }
        return file + [0, 0, 0, 0]
    }

    private func decoded(_ file: [UInt8]) throws -> (grey: [UInt8], suspicion: String?) {
        let decoded = try DecodedImage(decoding: file)
        return (
            stride(from: 0, to: decoded.image.pixels.count, by: 3).map { decoded.image.pixels[$0] }, decoded.suspicion
        )
    }

    private func bytes(_ samples: [some FixedWidthInteger]) -> [UInt8] {
        samples.flatMap { sample in withUnsafeBytes(of: sample.littleEndian) { Array($0) } }
    }

    @Test func floats() throws {
        func read(_ samples: [Float]) throws -> (grey: [UInt8], suspicion: String?) {
            try decoded(tiff(bits: 32, format: 3, bytes(samples.map(\.bitPattern))))
        }
        let unit = try read([0, 0.25, 0.5, 1])
        #expect(unit.grey == [0, 0, 0, 1])
        #expect(unit.suspicion == "suspect TIFF: samples from 0 to 1 are not scaled: where white is 255, that is black")
        let wide = try read([0, 64.6, 128, 300])
        #expect(wide.grey == [0, 64, 128, 255])
        #expect(wide.suspicion == "suspect TIFF: samples from 0 to 300 are not scaled, but cut off at 0 and 255")
        let fitting = try read([0, 64.6, 128, .nan])
        #expect(fitting.grey == [0, 64, 128, 0] && fitting.suspicion == nil)
        #expect(try read([-.infinity, 3]).suspicion?.contains("from -inf to 3 are not scaled, but cut") == true)
    }

    @Test func integers() throws {
        let unsigned = try decoded(tiff(bits: 32, format: 1, bytes([0, 1 << 30, 1 << 31, UInt32.max])))
        #expect(unsigned.grey == [0, 255, 0, 0])
        #expect(unsigned.suspicion?.contains("from 0 to 4294967295 are not scaled, but cut off at 0 and 255") == true)
        let signed = try decoded(tiff(bits: 32, format: 2, bytes([-5, 100, 200, Int32(1000)])))
        #expect(signed.grey == [0, 100, 200, 255])
        #expect(signed.suspicion?.contains("from -5 to 1000 are not scaled, but cut off at 0 and 255") == true)
        let half = try decoded(tiff(bits: 16, format: 2, bytes([-5, 100, 256, Int16(32767)])))
        #expect(half.grey == [0, 100, 255, 255] && half.suspicion?.contains("from -5 to 32767") == true)
        #expect(try decoded(tiff(bits: 32, format: 1, bytes([0, 100, UInt32(255)]))).suspicion == nil)
        // Those of 16 bits without a sign use their whole range, and are scaled.
        let scaled = try decoded(tiff(bits: 16, format: 1, bytes([0, 0x8000, UInt16.max])))
        #expect(scaled.grey == [0, 128, 255] && scaled.suspicion == nil)
    }
}
