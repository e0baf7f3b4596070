import Cresset
import CressetData
import Dispatch
import Synchronization

/// Small problems to train on, drawn by the program itself: does the picture show one toy, several, or none? Or, which of
/// some objects does it show?
///
/// Toy-like solids and household things on the ground, lit by a lamp. The pictures are the same on every run.
public enum SampleData {
    /// The number of pictures for training.
    public static let trainingCount = 117
    /// The number of pictures for validation.
    public static let validationCount = 24

    /// The class names, in order.
    public static var classes: [String] { SampleClass.allCases.map(\.rawValue) }

    /// Draws all pictures into `root`, as `train/CLASS/NAME.jpg` and `val/CLASS/NAME.jpg`. Existing files are replaced.
    ///
    /// Uses all processors for a few seconds.
    ///
    /// - Throws: ``ImageFileError`` if a folder cannot be created or a file cannot be written.
    public static func draw(to root: some PathConvertible) throws(ImageFileError) {
        let root = root.filePath
        try makeFolder(root)
        for split in ["train", "val"] {
            try makeFolder(root.appending(split))
            for name in classes { try makeFolder(root.appending(split).appending(name)) }
        }
        try forEach(trainingCount + validationCount) { number throws(ImageFileError) in try draw(number, root) }
    }

    /// The names of all kinds of objects, those that are drawn first in front.
    public static var objects: [String] { ThingKind.all.map(\.name) }

    /// Draws pictures of one object each into `root`, as `CLASS/NAME.jpg`: a folder for each kind of object, not divided into
    /// training and validation. Existing files are replaced.
    ///
    /// - Parameters:
    ///   - root: The folder.
    ///   - classCount: The number of kinds, the first of ``objects``. Traps if there are not as many.
    ///   - countPerClass: The number of pictures of each.
    /// - Throws: ``ImageFileError`` if a folder cannot be created or a file cannot be written.
    public static func drawObjects(
        to root: some PathConvertible, classCount: Int, countPerClass: Int = 24
    ) throws(ImageFileError) {
        precondition((0...ThingKind.all.count).contains(classCount), "drawObjects: there are no \(classCount) kinds")
        let root = root.filePath, kinds = ThingKind.all.prefix(classCount)
        for kind in kinds { try makeFolder(root.appending(kind.name)) }
        try forEach(kinds.count * countPerClass) { number throws(ImageFileError) in
            let kind = kinds[number % kinds.count], place = number / kinds.count + 1
            let name = "\(kind.name.lowercased())-\(place < 10 ? "0" : "")\(place).jpg"
            try object(kind, place).writeJPEG(to: root.appending(kind.name).appending(name), quality: 88)
        }
    }

    /// A picture of one object; those of a kind are numbered from 1.
    private static func object(_ kind: ThingKind, _ number: Int) -> Image {
        let seed = kind.name.utf8.reduce(0) { $0 &* 31 &+ UInt64($1) }
        var composer = SceneComposer(random: SampleRandom(seed: seed, epoch: 0, index: number))
        return composer.picture(of: kind)
    }

    /// Calls `body` with each number below `count`, on all processors, until it throws.
    private static func forEach(
        _ count: Int, _ body: @Sendable (Int) throws(ImageFileError) -> Void
    ) throws(ImageFileError) {
        let failure = Mutex<ImageFileError?>(nil)
        DispatchQueue.concurrentPerform(iterations: count) { number in
            if failure.withLock({ $0 != nil }) { return }
            do throws(ImageFileError) {
                try body(number)
            } catch {
                failure.withLock { $0 = $0 ?? error }
            }
        }
        if let error = failure.withLock({ $0 }) { throw error }
    }

    private static func draw(_ number: Int, _ root: FilePath) throws(ImageFileError) {
        let kinds = SampleClass.allCases
        let kind = kinds[number % kinds.count]
        let isTraining = number < trainingCount
        let place = (isTraining ? number : number - trainingCount) / kinds.count + 1
        let name = "\(kind.rawValue.lowercased())-\(place < 10 ? "0" : "")\(place).jpg"
        let path = root.appending(isTraining ? "train" : "val").appending(kind.rawValue).appending(name)
        try picture(number).writeJPEG(to: path, quality: 88)
    }

    /// The picture with the given number: those for training first, class by class in turn.
    package static func picture(_ number: Int) -> Image {
        var composer = SceneComposer(random: SampleRandom(seed: 20_19, epoch: 0, index: number))
        return composer.picture(of: SampleClass.allCases[number % SampleClass.allCases.count])
    }

    /// Creates a folder and its parents; an existing one is fine.
    private static func makeFolder(_ path: FilePath) throws(ImageFileError) {
        do throws(SystemError) {
            try SystemFiles.makeFolder(path)
        } catch {
            throw ImageFileError(path: path, reason: .system(operation: "make the folder", code: error.code))
        }
    }
}
