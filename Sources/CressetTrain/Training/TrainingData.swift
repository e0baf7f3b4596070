import CressetData
import CressetVision

/// The pictures of a training run: some for training and some for validation, of the same classes.
public struct TrainingData: Sendable {
    public let path: FilePath
    public let train: ImageFolder
    public let validation: ImageFolder
    /// Anything odd about the pictures.
    public let findings: [Finding]

    /// The names that a validation folder may have: the first one that exists is used.
    static let validationNames = ["val", "valid", "validation", "test"]

    /// The share that validation gets where nothing else is asked for.
    static let usualShare = 0.2

    /// How the pictures were divided; nil if training and validation have folders of their own.
    public let division: FolderSplit?
    /// The folder for validation that was named by itself.
    let givenValidation: FilePath?

    /// Scans `path/train` and `path/val`, and looks at the beginning and end of every picture.
    ///
    /// With `validation` given, that folder takes the place of `path/val`, and without `path/train` the folders of `path`
    /// itself are the classes. If there is no `val`, then `valid`, `validation` or `test` is used instead. If there is
    /// none of them either, the pictures in `train`, or in the folders of `path` itself, are divided: see `FolderSplit`.
    ///
    /// *Throws* ``Failure`` if there are no such folders, `train` has others beside it of which none is known to be for
    /// validation, one of the two folders contains the other, there is only one class, there are too few pictures to
    /// divide or too many are unusable, and `ImageFolderError` if a folder has no classes, an empty class, or a class
    /// that the other lacks.
    ///
    /// - Parameters:
    ///   - path: The folder that holds `train` and `val`, or the folders of the classes.
    ///   - given: A folder with the pictures for validation, one folder per class; nil for one in `path`.
    ///   - preprocessing: How pictures are made ready for the network.
    ///   - augmentation: What is done to pictures for training.
    ///   - limit: How many pictures may be unusable.
    ///   - workers: The number of threads that look at them.
    ///   - validationShare: The share of each class that validation gets where pictures must be divided; nil for a fifth.
    ///   - seed: The seed that decides which ones it gets.
    public init(
        _ path: some PathConvertible, validation given: (any PathConvertible)? = nil, preprocessing: Preprocessing,
        augmentation: TrainingOptions.AugmentationName = .light, limit: BadPictureLimit = .standard, workers: Int = 2,
        validationShare: Double? = nil,
        seed: UInt64 = TrainingOptions().seed
    ) throws {
        let path = path.filePath, given = given?.filePath
        self.path = path
        givenValidation = given
        let layout = FolderLayout(path)
        if let problem = given.map(layout.problem(validation:)) ?? layout.problem { throw problem }
        let reading = Reading(preprocessing: preprocessing, limit: limit, workers: workers)
        let training = augmentation.transform(preprocessing)
        if given == nil, let folder = layout.undividedFolder {
            let all = try reading.scan(folder, training)
            if let problem = TrainingData.problem(all) { throw problem }
            let division = FolderSplit(
                all, validation: validationShare ?? TrainingData.usualShare, seed: seed,
                evaluation: preprocessing.evaluation, workers: workers)
            (train, validation) = (division.training, division.validation)
            if validation.count == 0 { throw TrainingData.tooFew(all) }
            self.division = division
        } else {
            let folder = given ?? path.appending(layout.validationName ?? "val")
            if validationShare != nil { throw TrainingData.superfluousShare(path, folder, isGiven: given != nil) }
            train = try reading.scan(layout.trainingFolder, training)
            if let problem = TrainingData.problem(train, also: folder) { throw problem }
            validation = try reading.scan(folder, classes: train.classes, preprocessing.evaluation)
            division = nil
        }
        findings = TrainingData.findings(
            train, validation, layout, isDivided: division != nil, isGiven: given != nil,
            copies: PictureCopies(train, validation, workers: workers))
    }

    /// Anything odd about the pictures, one line each.
    public var warnings: [String] { findings.map(\.message) }

    /// How folders are read.
    private struct Reading {
        let preprocessing: Preprocessing
        let limit: BadPictureLimit
        let workers: Int

        /// The usable pictures of a folder.
        func scan(_ folder: FilePath, classes: [String]? = nil, _ transform: Compose) throws -> ImageFolder {
            let pictures = try ImageFolder(folder, classes: classes, transform: transform).checked(workers: workers)
            if let problem = limit.problem(of: pictures) { throw problem }
            return pictures
        }
    }

    /// Whether pictures for a test choose the best epoch, which leaves none to test with.
    package var isChosenByTest: Bool { division == nil && TrainingData.isTest(validation.root) }

    static func isTest(_ folder: FilePath) -> Bool { folder.name.lowercased() == "test" }

    private static func superfluousShare(_ path: FilePath, _ folder: FilePath, isGiven: Bool) -> Failure {
        Failure(
            "\(OptionName.validationShare) divides a folder without validation pictures; \(folder) has them",
            hint: isGiven
                ? "leave it out, or \(OptionName.validation)"
                : "leave it out, or move \(path)/train to another place to use it alone", kind: .usage)
    }

    /// A failure if the pictures are of one class only.
    static func problem(_ train: ImageFolder, also validation: FilePath? = nil) -> Failure? {
        if train.classes.count > 1 { return nil }
        return Failure(
            "\(train.root): only one class, \(train.classes[0]): there is nothing to tell apart",
            hint: "add a folder with pictures of another class, in \(train.root)"
                + (validation.map { " and \($0)" } ?? ""),
            kind: .badData)
    }

    static func tooFew(_ folder: ImageFolder) -> Failure {
        Failure(
            "\(folder.root): too few pictures to keep any for validation",
            hint: "add pictures: a class needs two that are not the same", kind: .badData)
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

    /// What `run.json` says of them, but for the warnings.
    var record: RunRecord.Data {
        func place(_ folder: FilePath) -> String { (SystemFiles.realPath(folder) ?? folder).terminalText }
        var record = RunRecord.Data(
            path: place(path), trainCount: train.count, validationCount: validation.count,
            skipped: skipped.map(\.description))
        record.trainPath = place(train.root)
        record.validationPath = division == nil ? place(validation.root) : nil
        record.division = division?.description
        return record
    }

    /// Lines about what was found, for the beginning of a run.
    package var summary: String {
        let counts = zip(train.classes, train.classCounts).prefix(6).map { "\($0) \($1)" }.joined(separator: ", ")
        let more = train.classes.count > 6 ? ", …" : ""
        let count = skipped.count
        return "\(path.name): \(train.count) train / \(validation.count) val, "
            + "\(train.classes.count.counted("class", "classes")) (\(counts)\(more))"
            + (count > 0 ? ", \(count.counted("file")) skipped" : "")
            + (division.map { "; divided here: \($0)" } ?? "")
    }
}
