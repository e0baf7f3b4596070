import CressetData
import CressetVision
import Foundation

/// Pictures and files made by the tests themselves.
enum PictureFixtures {
    /// A picture with edges, ramps and noise-like parts; made the same way where expected values come from Pillow.
    static func pattern(width: Int, height: Int) -> Image {
        var pixels: [UInt8] = []
        for y in 0..<height {
            for x in 0..<width {
                pixels.append(UInt8((x * 37 + y * 11) % 256))
                pixels.append(UInt8((x * x + 3 * y) % 256))
                pixels.append(UInt8((x * y * 7 + 50) % 256))
            }
        }
        return Image(width: width, height: height, pixels: pixels)
    }

    /// The 64-bit FNV-1a hash.
    static func hash(_ bytes: some Sequence<UInt8>) -> UInt64 {
        bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }

    /// Calls `body` with the path of a fresh folder, and removes it afterwards.
    static func withFolder<R>(_ body: (String) throws -> R) throws -> R {
        let path = NSTemporaryDirectory() + "/cresset-pictures-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try body(path)
    }

    /// Writes files below `folder`, making the folders they need.
    static func write(_ files: [String: [UInt8]], in folder: String) throws {
        for (name, bytes) in files {
            let path = folder + "/" + name
            try FileManager.default.createDirectory(
                atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            try Data(bytes).write(to: URL(fileURLWithPath: path))
        }
    }

    /// The JPEG with an EXIF block put in behind its first marker.
    static func jpeg(_ jpeg: [UInt8], exif: [UInt8]) -> [UInt8] {
        let body = Array("Exif\0\0".utf8) + exif
        let length = body.count + 2
        return Array(jpeg[..<2]) + [0xFF, 0xE1, UInt8(length >> 8), UInt8(length & 255)] + body + jpeg[2...]
    }

    /// A TIFF structure whose only tag is the orientation.
    static func exif(orientation: UInt8, isLittle: Bool = true) -> [UInt8] {
        isLittle
            ? Array("II*\0".utf8) + [8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0, 0, 0, 0, 0]
            : Array("MM\0*".utf8) + [0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0]
    }

    /// A PNG file put together by hand.
    struct PNG {
        var width = 4
        var height = 4
        var depth: UInt8 = 8
        var color: UInt8 = 2
        var interlaced = false
        /// Chunks between header and pixels.
        var chunks: [(String, [UInt8])] = []
        /// The rows with their filter bytes.
        var rows: [UInt8]

        var file: [UInt8] {
            var bytes: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
            let header = word(width) + word(height) + [depth, color, 0, 0, interlaced ? 1 : 0]
            for (name, body) in [("IHDR", header)] + chunks + [("IDAT", stored(rows)), ("IEND", [])] {
                bytes += word(body.count) + Array(name.utf8) + body + word(Int(crc(Array(name.utf8) + body)))
            }
            return bytes
        }

        private func word(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }

        /// A zlib stream of one block that is not compressed.
        private func stored(_ data: [UInt8]) -> [UInt8] {
            let length = data.count
            var (a, b) = (1, 0)
            for byte in data {
                a = (a + Int(byte)) % 65_521
                b = (b + a) % 65_521
            }
            let sizes = [length & 255, length >> 8, ~length & 255, (~length >> 8) & 255].map { UInt8($0) }
            return [0x78, 0x01, 1] + sizes + data + word(b << 16 | a)
        }

        private func crc(_ data: [UInt8]) -> UInt32 {
            ~data.reduce(~UInt32(0)) { crc, byte in
                (0..<8).reduce(crc ^ UInt32(byte)) { crc, _ in crc & 1 != 0 ? 0xEDB8_8320 ^ (crc >> 1) : crc >> 1 }
            }
        }
    }
}
