import CressetData
import Dispatch
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Musl
#endif

/// Pictures drawn for trying things out: is there no toy on the ground, one, or a whole scene of them?
///
/// Toy-like solids are lit and shaded on cluttered grounds. Colours, kinds, places, light and camera change from picture
/// to picture, and litter lies about in all three classes, so that a classifier has to look. The same seed always
/// gives the same pictures.
public struct ToyPictures: Sendable {
    /// The classes, by the names of their folders.
    public enum Content: String, Sendable, CaseIterable {
        case noToy = "NoToy"
        case scenes = "Scenes"
        case singleToy = "SingleToy"
    }

    /// Pictures of each class for training: 117 in all.
    public static let trainCount = 39
    /// Pictures of each class for validation: 24 in all.
    public static let validationCount = 8
    /// All pictures.
    public static let totalCount = (trainCount + validationCount) * Content.allCases.count

    public let seed: UInt64

    public init(seed: UInt64 = 0) { self.seed = seed }

    /// Picture `index` of a class; those from ``trainCount`` on are for validation.
    public func image(_ content: Content, index: Int) -> Image {
        let kind = Content.allCases.firstIndex(of: content)!
        var random = SampleRandom(seed: seed, epoch: kind, index: index)
        let (width, height) = [(288, 256), (256, 288), (320, 240), (256, 256)][random.integer(below: 4)]
        return Renderer(ToyScene(content, &random)).image(width: width, height: height)
    }

    /// Draws all pictures as JPEG files into `train` and `val` under `folder`, a folder a class.
    ///
    /// - Parameter progress: called after each picture with the number drawn so far, one call at a time.
    /// - Throws: ``ImageFileError`` where a file cannot be written.
    public func write(to folder: BytePath, progress: @escaping @Sendable (Int) -> Void = { _ in }) throws {
        let jobs = Content.allCases.flatMap { content in
            (0..<Self.trainCount + Self.validationCount).map { (content: content, index: $0) }
        }
        for split in ["train", "val"] {
            for content in Content.allCases {
                try makeFolder(folder.appending(BytePath(split)).appending(BytePath(content.rawValue)))
            }
        }
        let outcome = Mutex((done: 0, failure: ImageFileError?.none))
        DispatchQueue.concurrentPerform(iterations: jobs.count) { job in
            guard outcome.withLock({ $0.failure == nil }) else { return }
            do throws(ImageFileError) {
                try draw(jobs[job].content, jobs[job].index, into: folder)
                outcome.withLock {
                    $0.done += 1
                    progress($0.done)
                }
            } catch {
                outcome.withLock { $0.failure = error }
            }
        }
        if let failure = outcome.withLock({ $0.failure }) { throw failure }
    }

    /// Makes a folder and those above it; one that is there is fine.
    private func makeFolder(_ path: BytePath) throws(ImageFileError) {
        if path.withCString({ mkdir($0, 0o777) }) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, path.parent != path else {
            throw ImageFileError(path: path, reason: .system(operation: "make the folder", code: errno))
        }
        try makeFolder(path.parent)
        if path.withCString({ mkdir($0, 0o777) }) != 0, errno != EEXIST {
            throw ImageFileError(path: path, reason: .system(operation: "make the folder", code: errno))
        }
    }

    private func draw(_ content: Content, _ index: Int, into folder: BytePath) throws(ImageFileError) {
        let isTraining = index < Self.trainCount
        let number = isTraining ? index + 1 : index - Self.trainCount + 1
        let name = content.rawValue + (number < 10 ? "_0" : "_") + String(number) + ".jpg"
        let place = folder.appending(BytePath(isTraining ? "train" : "val")).appending(BytePath(content.rawValue))
        try image(content, index: index).writeJPEG(to: place.appending(BytePath(name)), quality: 90)
    }
}
