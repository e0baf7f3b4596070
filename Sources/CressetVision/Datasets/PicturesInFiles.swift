import CZlib
import Cresset
import CressetData
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Decoded pictures in files, one each, named after what they depend on.
///
/// A file is a header of 96 bytes, a text and the pixels:
///
/// ```
///  0  "cresset-picture\n"
/// 16  the digest that is the file's name, in hexadecimal digits
/// 80  width, height, channels, bytes of the text: 32 bits each, low byte first
/// 96  the text, what was odd about the original; the pixels, row by row; the CRC-32 of pixels, text and header
/// ```
final class PicturesInFiles: PictureStore {
    private let folder: FilePath
    private let limit: Int
    private let used: Mutex<Use>

    /// What the files take, as far as it is known.
    private struct Use {
        var byteCount: Int
        /// How many files there were when they were counted last.
        var fileCount: Int
        /// How many were written since.
        var writes = 0
    }

    private static let magic = Array("cresset-picture\n".utf8)
    private static let headerCount = 96
    private static let suffix = ".pixels"
    /// After so many files written, and a quarter of those that there were, what other processes have written is counted,
    /// too: a folder is read again only when it has grown.
    private static let writesPerCount = 256

    init(folder: FilePath, limit: Int) throws(ImageFileError) {
        do throws(SystemError) {
            try SystemFiles.makeFolder(folder)
            used = Mutex(try PicturesInFiles.count(folder))
        } catch {
            throw ImageFileError(path: folder, reason: .system(operation: "use the folder", code: error.code))
        }
        self.folder = folder
        self.limit = limit
        AtomicFile.removeAbandoned(in: folder)
    }

    private static func count(_ folder: FilePath) throws(SystemError) -> Use {
        var use = Use(byteCount: 0, fileCount: 0)
        for name in try SystemFiles.names(in: folder) where name.string.hasSuffix(suffix) {
            var status = stat()
            guard folder.pushing(name).withPlatformString({ lstat($0, &status) }) == 0 else { continue }
            use.byteCount += Int(status.st_size)
            use.fileCount += 1
        }
        return use
    }

    private func path(_ digest: String) -> FilePath { folder.appending(digest + Self.suffix) }

    func reading<R>(_ key: PictureKey, _ body: (DecodedImage) throws -> R) rethrows -> R? {
        let digest = key.digest
        guard let file = try? RegularFile(path(digest)), file.byteCount >= Self.headerCount + 4,
            let head = try? file.read(upTo: Self.headerCount), head.count == Self.headerCount,
            head.starts(with: Self.magic), head[16..<80].elementsEqual(digest.utf8)
        else { return nil }
        let numbers = (0..<4).map { number in (0..<4).reduce(0) { $0 | Int(head[80 + 4 * number + $1]) << (8 * $1) } }
        let (width, height, channels, textCount) = (numbers[0], numbers[1], numbers[2], numbers[3])
        // The file has what it claims, so that nothing is allocated for a damaged one.
        guard width > 0, height > 0, channels == 1 || channels == 3, width <= Image.maximumPixelCount / height,
            file.byteCount == Self.headerCount + textCount + width * height * channels + 4
        else { return nil }
        return try MemoryBudget.pictures.spending(width * height * channels) {
            try read(file, head, width: width, height: height, channels: channels, textCount: textCount).map(body)
        }
    }

    private func read(
        _ file: RegularFile, _ head: [UInt8], width: Int, height: Int, channels: Int, textCount: Int
    ) -> DecodedImage? {
        guard let memory = PixelMemory(byteCount: width * height * channels),
            let text = try? file.read(upTo: textCount), text.count == textCount
        else { return nil }
        let pixels = UnsafeMutableRawBufferPointer(start: memory.pointer, count: width * height * channels)
        guard (try? file.read(into: pixels)) == pixels.count, let end = try? file.read(upTo: 4), end.count == 4
        else { return nil }
        var crc = Self.checksum(head, Self.checksum(text, Self.checksum(UnsafeRawBufferPointer(pixels), 0)))
        for byte in end {
            if UInt8(truncatingIfNeeded: crc) != byte { return nil }
            crc >>= 8
        }
        return DecodedImage(
            image: Image(width: width, height: height, channels: channels, memory: memory),
            suspicion: text.isEmpty ? nil : String(decoding: text, as: UTF8.self))
    }

    func keep(_ picture: DecodedImage, for key: PictureKey) {
        let image = picture.image
        let text = Array((picture.suspicion ?? "").utf8)
        let byteCount = Self.headerCount + text.count + image.width * image.height * image.channels + 4
        let digest = key.digest
        guard isFree(path(digest)) else { return }
        let (hasRoom, isDue) = used.withLock { used -> (Bool, Bool) in
            guard byteCount <= limit - used.byteCount else { return (false, false) }
            used.byteCount += byteCount
            used.writes += 1
            guard used.writes >= max(Self.writesPerCount, used.fileCount / 4) else { return (true, false) }
            // One thread counts, the others go on.
            used.writes = 0
            return (true, true)
        }
        guard hasRoom else { return }
        defer { if isDue { recount() } }
        var head = Self.magic + Array(digest.utf8)
        for number in [image.width, image.height, image.channels, text.count] {
            head += (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
        }
        // A full disk or the like is no reason to stop: the picture is there, only not kept.
        do {
            try AtomicFile.write(to: path(digest), flushes: false) { handle in
                let pixels = image.pixels
                let crc = Self.checksum(head, Self.checksum(text, pixels.withUnsafeBytes { Self.checksum($0, 0) }))
                try handle.write(head)
                try handle.write(text)
                try handle.write(pixels)
                try handle.write((0..<4).map { UInt8(truncatingIfNeeded: crc >> (8 * $0)) })
            }
        } catch {
            used.withLock { $0.byteCount -= byteCount }
        }
    }

    /// Whether a file may be put there: nothing is written through a link, or over what is no file of a cache's.
    private func isFree(_ path: FilePath) -> Bool {
        var status = stat()
        guard path.withPlatformString({ lstat($0, &status) }) == 0 else { return errno == ENOENT }
        return status.st_mode & S_IFMT == S_IFREG
    }

    /// Counts the files again, while other threads write more; these are counted as they were reserved.
    private func recount() {
        let before = used.withLock { $0.byteCount }
        guard let found = try? Self.count(folder) else { return }
        used.withLock { used in
            used.byteCount += found.byteCount - before
            used.fileCount = found.fileCount
        }
    }

    private static func checksum(_ bytes: [UInt8], _ start: UInt) -> UInt {
        bytes.withUnsafeBytes { checksum($0, start) }
    }

    private static func checksum(_ bytes: UnsafeRawBufferPointer, _ start: UInt) -> UInt {
        guard let base = bytes.baseAddress else { return start }
        return UInt(crc32_z(start, base.assumingMemoryBound(to: UInt8.self), bytes.count))
    }
}
