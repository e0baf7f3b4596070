import Cresset
import CressetData
import Dispatch
import Synchronization

/// A small problem to train on, drawn by the program itself: does the picture show one toy, several, or none?
///
/// Toy-like solids on cluttered ground, lit by a lamp. The pictures are the same on every run.
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
        let failure = Mutex<ImageFileError?>(nil)
        DispatchQueue.concurrentPerform(iterations: trainingCount + validationCount) { number in
            if failure.withLock({ $0 != nil }) { return }
            do throws(ImageFileError) {
                try draw(number, root)
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
