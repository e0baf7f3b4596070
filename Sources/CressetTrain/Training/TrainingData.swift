import CressetData
import CressetVision

/// The pictures of a training run: a folder for training and one for validation, with the same classes.
public struct TrainingData: Sendable {
    public let path: FilePath
    public let train: ImageFolder
    public let validation: ImageFolder
    /// Anything odd about the pictures, one line each.
    public let warnings: [String]

    /// The names that a validation folder may have: the first one that exists is used.
    static let validationNames = ["val", "valid", "validation", "test"]

    /// Scans `path/train` and `path/val`, and looks at the beginning and end of every picture.
    ///
    /// If there is no `val`, then `valid`, `validation` or `test` is used instead.
    ///
    /// *Throws* ``Failure`` if one of the folders is missing, there is only one class or too many pictures are
    /// unusable, and `ImageFolderError` if a folder has no classes, an empty class, or a class that the other lacks.
    ///
    /// - Parameters:
    ///   - path: The folder that holds `train` and `val`.
    ///   - preprocessing: How pictures are made ready for the network.
    ///   - limit: How many pictures may be unusable.
    ///   - workers: The number of threads that look at them.
    public init(
        _ path: some PathConvertible, preprocessing: Preprocessing, limit: BadPictureLimit = .standard, workers: Int = 2
    ) throws {
        let path = path.filePath
        self.path = path
        let layout = FolderLayout(path)
        if let problem = layout.problem { throw problem }
        let validationName = layout.validationName ?? "val"
        train = try ImageFolder(path.appending("train"), transform: preprocessing.training).checked(workers: workers)
        validation = try ImageFolder(
            path.appending(validationName), classes: train.classes, transform: preprocessing.evaluation
        ).checked(workers: workers)
        for folder in [train, validation] { if let problem = limit.problem(of: folder) { throw problem } }
        if train.classes.count == 1 {
            throw Failure(
                "\(train.root): only one class, \(train.classes[0]): there is nothing to tell apart",
                hint: "add a folder with pictures of another class, in \(train.root) and \(validation.root)",
                kind: .badData)
        }
        var warnings = train.warnings + validation.warnings
        if validationName != "val" { warnings.append("there is no \(path)/val; \(validation.root) is used instead") }
        warnings += TrainingData.imbalance(train) + TrainingData.missing(validation)
        self.warnings = warnings
    }

    private static func imbalance(_ folder: ImageFolder) -> [String] {
        let counts = folder.classCounts
        guard let least = counts.indices.min(by: { counts[$0] < counts[$1] }),
            let most = counts.indices.max(by: { counts[$0] < counts[$1] }), counts[most] >= counts[least] * 50
        else { return [] }
        return [
            "\(counts[most]) pictures of \(folder.classes[most]), but \(counts[least]) of \(folder.classes[least]): "
                + "the accuracy says little about small classes"
        ]
    }

    private static func missing(_ folder: ImageFolder) -> [String] {
        let names = zip(folder.classes, folder.classCounts).filter { $0.1 == 0 }.map(\.0)
        if names.isEmpty { return [] }
        let more = names.count > 5 ? " and \(names.count - 5) more" : ""
        return ["no validation pictures of \(names.prefix(5).joined(separator: ", "))\(more)"]
    }

    /// A warning if a network starts from random weights and there is little to train it with.
    package func warnings(for options: TrainingOptions) -> [String] {
        guard options.weights == "none" else { return [] }
        if options.freezesBody {
            return [
                "\(OptionName.freezesBody) with \(OptionName.weights.set(to: "none")) trains a last layer on random "
                    + "features; leave one of them out"
            ]
        }
        if train.count < 1000 {
            return [
                "\(train.count) pictures are few for a network of random weights; "
                    + "\(OptionName.weights.set(to: "imagenet")) needs fewer"
            ]
        }
        return []
    }

    /// The files of both folders that were skipped.
    package var skipped: [ImageFolder.SkippedFile] { train.skipped + validation.skipped }

    /// Lines about what was found, for the beginning of a run.
    package var summary: String {
        let counts = zip(train.classes, train.classCounts).prefix(6).map { "\($0) \($1)" }.joined(separator: ", ")
        let more = train.classes.count > 6 ? ", …" : ""
        let count = skipped.count
        return "\(path.name): \(train.count) train / \(validation.count) val, \(train.classes.count) "
            + "class\(train.classes.count == 1 ? "" : "es") (\(counts)\(more))"
            + (count > 0 ? ", \(count) file\(count == 1 ? "" : "s") skipped" : "")
    }
}
