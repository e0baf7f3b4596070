import Cresset
import CressetVision
import Glibc

/// Writes the pixels of picture files to standard output, for `scripts/compare-pillow`.
///
/// The paths are read from standard input, one a line. For each there is a line `ok WIDTH HEIGHT` and the bytes of red,
/// green and blue, or a line `error TEXT`.
struct PixelWriter {
    /// Whether the shorter side is resized to 256 and the middle 224 pixels are cut out.
    let preprocesses: Bool

    func run() throws {
        while let path = readLine() {
            let image = Result { try preprocesses ? preprocessed(path) : Image(contentsOf: path) }
            switch image {
            case .success(let image):
                try write(Array("ok \(image.width) \(image.height)\n".utf8) + image.pixels)
            case .failure(let error):
                try write(Array("error \("\(error)".split(separator: "\n")[0])\n".utf8))
            }
        }
    }

    private func preprocessed(_ path: String) throws -> Image {
        try Compose([Resize(256), CenterCrop(224)])(Image(contentsOf: path)).image
    }

    private func write(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count < 0 { throw Failure("standard output cannot be written") }
            rest.removeFirst(count)
        }
    }
}
