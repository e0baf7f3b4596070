import CJPEG
import CPNG
import Cresset
import Glibc

extension Image {
    /// The picture as a JPEG file.
    ///
    /// - Parameter quality: 1 (worst) to 100 (best). Default: 75, as in Pillow.
    /// - Throws: ``ImageError`` if a side is over 65,500 pixels.
    public func jpeg(quality: Int = 75) throws(ImageError) -> [UInt8] {
        if width > 65_500 || height > 65_500 {
            throw .cannotEncode(format: "JPEG", reason: "\(width) x \(height) pixels, at most 65500 per side")
        }
        var bytes: UnsafeMutablePointer<UInt8>?
        var count = 0
        var message = [CChar](repeating: 0, count: 256)
        let status = withPixels {
            cresset_jpeg_encode(
                $0, rowStride, UInt32(width), UInt32(height), Int32(channels), Int32(min(max(quality, 1), 100)), &bytes,
                &count, &message)
        }
        guard status == CRESSET_JPEG_OK, let bytes else {
            throw .cannotEncode(format: "JPEG", reason: text(message))
        }
        defer { cresset_jpeg_free(bytes) }
        return Array(UnsafeBufferPointer(start: bytes, count: count))
    }

    /// The picture as a PNG file.
    ///
    /// - Throws: ``ImageError``.
    public func png() throws(ImageError) -> [UInt8] {
        var bytes: UnsafeMutablePointer<UInt8>?
        var count = 0
        var message = [CChar](repeating: 0, count: 256)
        let status = withPixels {
            cresset_png_encode(
                $0, rowStride, UInt32(width), UInt32(height), Int32(channels), &bytes, &count, &message)
        }
        guard status == CRESSET_PNG_OK, let bytes else {
            throw .cannotEncode(format: "PNG", reason: text(message))
        }
        defer { cresset_png_free(bytes) }
        return Array(UnsafeBufferPointer(start: bytes, count: count))
    }

    /// Writes the picture as a JPEG file, completely or not at all.
    ///
    /// - Parameters:
    ///   - path: The path of the file.
    ///   - quality: From 1 to 100: higher values give larger files and lose less.
    /// - Throws: ``ImageFileError``.
    public func writeJPEG(to path: some PathConvertible, quality: Int = 75) throws(ImageFileError) {
        let path = path.filePath
        do {
            try write(jpeg(quality: quality), to: path)
        } catch {
            throw ImageFileError(path: path, reason: error)
        }
    }

    /// Writes the picture as a PNG file, completely or not at all.
    ///
    /// - Parameter path: The path of the file.
    /// - Throws: ``ImageFileError``.
    public func writePNG(to path: some PathConvertible) throws(ImageFileError) {
        let path = path.filePath
        do {
            try write(png(), to: path)
        } catch {
            throw ImageFileError(path: path, reason: error)
        }
    }

    private func write(_ bytes: [UInt8], to path: FilePath) throws(ImageError) {
        do {
            try AtomicFile.write(to: path) { try $0.write(bytes) }
        } catch let error as AtomicFile.WriteError {
            throw .system(operation: "write", code: error.code)
        } catch {
            throw .system(operation: "write", code: EIO)
        }
    }

    private func text(_ message: [CChar]) -> String {
        message.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    }
}
