import CressetData
import CressetVision
import Glibc

/// The pictures of a training run: a `train` and a `val` folder with the same classes.
public struct TrainingData: Sendable {
    public let path: FilePath
    public let train: ImageFolder
    public let validation: ImageFolder

    /// Scans `path/train` and `path/val`.
    ///
    /// *Throws* ``Failure`` when one of them is missing, `ImageFolderError` when one has no classes, an empty class, or
    /// a class that the other lacks.
    public init(_ path: some PathConvertible, preprocessing: Preprocessing) throws {
        let path = path.filePath
        self.path = path
        try TrainingData.requireFolders(path)
        train = try ImageFolder(path.appending("train"), transform: preprocessing.training)
        validation = try ImageFolder(
            path.appending("val"), classes: train.classes, transform: preprocessing.evaluation)
    }

    private static func requireFolders(_ path: FilePath) throws(Failure) {
        if !isThere(path) {
            throw Failure(
                "\(path): no such folder", hint: "name the folder that holds train and val", status: .inputMissing)
        }
        for name in ["train", "val"] where !isThere(path.appending(name)) {
            throw Failure(
                "\(path): it has no folder \(name)",
                hint: "lay the pictures out as \(path)/train/CLASS/… and \(path)/val/CLASS/…", status: .inputMissing)
        }
    }

    private static func isThere(_ path: FilePath) -> Bool { path.withPlatformString { access($0, F_OK) } == 0 }

    /// Lines about what was found, for the head of a run.
    var summary: String {
        let counts = zip(train.classes, train.classCounts).prefix(6).map { "\($0) \($1)" }.joined(separator: ", ")
        let more = train.classes.count > 6 ? ", …" : ""
        let skipped = train.skipped.count + validation.skipped.count
        return "\(path.name): \(train.count) train / \(validation.count) val, \(train.classes.count) "
            + "class\(train.classes.count == 1 ? "" : "es") (\(counts)\(more))"
            + (skipped > 0 ? ", \(skipped) file\(skipped == 1 ? "" : "s") skipped" : "")
    }
}
