import Cresset
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Decoded pictures, kept so that later epochs need not decode them again.
///
/// ```swift
/// var pictures = try ImageFolder("train", transform: preprocessing.training)
/// pictures.cache = PictureCache(memory: 4 << 30)                              // in memory
/// pictures.cache = try PictureCache(folder: "/scratch/pictures", limit: 50 << 30)    // on a disk
/// ```
///
/// A picture is known by its file (the path without links, device and number), its size, its time of change and the
/// options of decoding: a file that changes is decoded anew, and so are all after a version that decodes differently.
/// What comes out of the cache is what went in, to the bit. Pictures are kept until the limit is reached, and then no more
/// are: an epoch visits all of them, so that those that are already kept are as good as any.
///
/// Threads and processes may share a cache. Its files are written completely or not at all, and a damaged one is never
/// used, but replaced.
public final class PictureCache: Sendable {
    private let store: any PictureStore
    private let hits = Atomic(0)
    private let misses = Atomic(0)

    /// A cache in memory.
    ///
    /// - Parameter limit: How many bytes of pixels it may hold: three for each pixel.
    public init(memory limit: Int) { store = PicturesInMemory(limit: limit) }

    /// A cache in files.
    ///
    /// - Parameters:
    ///   - folder: The folder for them, which is created if need be. Files in it that are not the cache's are left alone.
    ///   - limit: How many bytes its files may take, roughly: processes that fill it at the same time may each exceed it by
    ///     some pictures.
    /// - Throws: ``ImageFileError`` if the folder cannot be created or read.
    public init(folder: some PathConvertible, limit: Int) throws(ImageFileError) {
        store = try PicturesInFiles(folder: folder.filePath, limit: limit)
    }

    /// How many pictures were found in the cache.
    public var hitCount: Int { hits.load(ordering: .relaxed) }

    /// How many pictures had to be decoded.
    public var missCount: Int { misses.load(ordering: .relaxed) }

    /// Passes the picture at `path` to `body`, decoded or from the cache.
    ///
    /// - Throws: ``ImageFileError``; an ``ImageError`` thrown by `body` is converted to one.
    package func reading<R>(
        _ path: FilePath, options: ImageReadingOptions, _ body: (DecodedImage) throws -> R
    ) throws -> R {
        guard let key = PictureKey(path, options) else {
            return try DecodedImage.reading(path, options: options, body)
        }
        do {
            let result = try store.reading(key) { kept in
                hits.add(1, ordering: .relaxed)
                return try body(kept)
            }
            if let result { return result }
        } catch let error as ImageError {
            throw ImageFileError(path: path, reason: error)
        }
        misses.add(1, ordering: .relaxed)
        return try DecodedImage.reading(path, options: options) { decoded in
            store.keep(decoded, for: key)
            return try body(decoded)
        }
    }
}

/// Where a cache keeps its pictures. What cannot be kept or found is no error.
protocol PictureStore: Sendable {
    /// Passes the picture to `body` while its memory is accounted for, or returns nil if it is not kept.
    func reading<R>(_ key: PictureKey, _ body: (DecodedImage) throws -> R) rethrows -> R?
    func keep(_ picture: DecodedImage, for key: PictureKey)
}

/// What a decoded picture depends on.
struct PictureKey: Hashable, Sendable {
    let path: FilePath
    let device: UInt64
    let node: UInt64
    let byteCount: Int
    let seconds: Int
    let nanoseconds: Int
    let options: ImageReadingOptions

    /// Raised when the same file is decoded to other pixels than before.
    private static let decodingRevision = 1

    /// Nil if there is no such file.
    init?(_ path: FilePath, _ options: ImageReadingOptions) {
        var status = stat()
        // The path that programs use may be relative, and be another file's in another folder.
        guard let path = SystemFiles.realPath(path), path.withPlatformString({ stat($0, &status) }) == 0 else {
            return nil
        }
        self.path = path
        device = UInt64(status.st_dev)
        node = UInt64(status.st_ino)
        self.options = options
        byteCount = Int(status.st_size)
        seconds = Int(status.st_mtim.tv_sec)
        nanoseconds = Int(status.st_mtim.tv_nsec)
    }

    /// A name for the key that no other one has: the SHA-256 of its parts.
    var digest: String {
        let numbers = "\(Self.decodingRevision) \(device) \(node) \(byteCount) \(seconds) \(nanoseconds)"
        return sha256(of: Array("\(numbers) \(options)\n".utf8) + path.bytes)
    }
}

/// Pictures in memory.
private final class PicturesInMemory: PictureStore {
    private let limit: Int
    private let kept = Mutex((pictures: [PictureKey: DecodedImage](), byteCount: 0))

    init(limit: Int) { self.limit = limit }

    func reading<R>(_ key: PictureKey, _ body: (DecodedImage) throws -> R) rethrows -> R? {
        try kept.withLock { $0.pictures[key] }.map(body)
    }

    func keep(_ picture: DecodedImage, for key: PictureKey) {
        let byteCount = picture.image.rowStride * picture.image.height
        kept.withLock { kept in
            guard kept.pictures[key] == nil, byteCount <= limit - kept.byteCount else { return }
            kept.pictures[key] = picture
            kept.byteCount += byteCount
        }
    }
}
