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
    package let givenValidation: FilePath?
    /// The table of the classes, if there is one.
    package let labels: FilePath?

    /// Scans `path/train` and `path/val`, and looks at the beginning and end of every picture.
    ///
    /// With `validation` given, that folder takes the place of `path/val`, and without `path/train` the folders of `path`
    /// itself are the classes. If there is no `val`, then `valid`, `validation` or `test` is used instead. If there is
    /// none of them either, the pictures in `train`, or in the folders of `path` itself, are divided: see `FolderSplit`.
    ///
    /// With a table of classes, those are the pictures of `path`, wherever in it they are, and they are divided unless
    /// `validation` is given.
    ///
    /// *Throws* ``Failure`` if there are no such folders, `train` has others beside it of which none is known to be for
    /// validation, one of the two folders contains the other, there is only one class, a class is empty, validation has one
    /// that training lacks, there are too few pictures to divide or too many are unusable; `ImageFolderError` if a folder
    /// has no classes, `LabelFileError` if the table cannot be used.
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
    ///   - selection: Which files are used, and which of what is wrong with folders is let pass.
    public init(
        _ path: some PathConvertible, validation given: (any PathConvertible)? = nil, preprocessing: Preprocessing,
        augmentation: TrainingOptions.AugmentationName = .light, limit: BadPictureLimit = .standard, workers: Int = 2,
        validationShare: Double? = nil,
        seed: UInt64 = TrainingOptions().seed, selection: PictureSelection = .init()
    ) throws {
        let path = path.filePath, given = given?.filePath
        self.path = path
        (givenValidation, labels) = (given, selection.labels)
        let layout = FolderLayout(path, isLabelled: labels != nil)
        if let problem = given.map(layout.problem(validation:)) ?? layout.problem { throw problem }
        let reading = Reading(preprocessing: preprocessing, selection: selection, limit: limit, workers: workers)
        let training = augmentation.transform(preprocessing)
        if given == nil, let folder = layout.undividedFolder {
            let all = try reading.scan(folder, training)
            if let problem = TrainingData.problem(all, labels: labels) { throw problem }
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
            if let problem = TrainingData.problem(train, also: folder, labels: labels) { throw problem }
            validation = try reading.scan(folder, classes: train.classes, preprocessing.evaluation)
            if validation.count == 0 { throw TrainingData.empty(validation) }
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
        let selection: PictureSelection
        let limit: BadPictureLimit
        let workers: Int

        /// The usable pictures for training, or to be divided.
        func scan(_ folder: FilePath, _ transform: Compose) throws -> ImageFolder {
            try checked(selection.pictures(in: folder, transform: transform, preprocessing: preprocessing))
        }

        /// The usable pictures of a folder of known classes.
        func scan(_ folder: FilePath, classes: [String], _ transform: Compose) throws -> ImageFolder {
            try checked(
                selection.pictures(
                    in: folder, classes: classes, transform: transform, preprocessing: preprocessing))
        }

        private func checked(_ folder: ImageFolder) throws(Failure) -> ImageFolder {
            let pictures = folder.checked(workers: workers)
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
    static func problem(
        _ train: ImageFolder, also validation: FilePath? = nil, labels: FilePath? = nil
    ) -> Failure? {
        let counts = train.classCounts, used = counts.indices.filter { counts[$0] > 0 }
        if used.count > 1 { return nil }
        guard let only = used.first else { return empty(train) }
        return Failure(
            "\(train.root): only one class, \(train.classes[only]): there is nothing to tell apart",
            hint: labels.map { "list pictures of another class in \($0)" }
                ?? "add a folder with pictures of another class, in \(train.root)"
                + (validation.map { " and \($0)" } ?? ""),
            kind: .badData)
    }

    private static func empty(_ folder: ImageFolder) -> Failure {
        Failure("\(folder.root): no pictures of any class", hint: "add pictures", kind: .badData)
    }

    static func tooFew(_ folder: ImageFolder) -> Failure {
        Failure(
            "\(folder.root): too few pictures to keep any for validation",
            hint: "add pictures: a class needs two that are not the same", kind: .badData)
    }

    /// What is to be said of the pictures in view of what the user chose: what makes up for small classes, and whether there
    /// is little to train random weights with.
    package func warnings(for options: TrainingOptions) -> [String] {
        let remedies = TrainingData.remedies(for: options)
        let isUneven = findings.contains { $0.kind == .balance }
        return (isUneven && !remedies.isEmpty ? [remedies] : []) + warnings(ofRandomWeights: options)
    }

    private func warnings(ofRandomWeights options: TrainingOptions) -> [String] {
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
        var record = RunRecord.Data(
            path: "", trainCount: train.count, validationCount: validation.count,
            skipped: skipped.map(\.description))
        record.setPlaces(of: self)
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
