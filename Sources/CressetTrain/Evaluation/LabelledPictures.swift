import CressetData
import Cresset
import CressetVision

/// Pictures to evaluate a run on: a folder of class folders, matched by name with the run's classes.
public struct LabelledPictures: Sendable {
    public let folder: ImageFolder
    /// Anything odd about the pictures, one line each.
    public let warnings: [String]
    let limit: BadPictureLimit

    /// Scans a folder, and looks at the beginning and end of every picture.
    ///
    /// `path` either contains one folder per class, or is laid out as for training: then its `val` is used, or else its
    /// `valid`, `validation` or `test`. A class without a folder or without pictures is fine, and so is a folder without
    /// pictures that is no class of the run: warnings name them. Of the folder that the run itself divided into
    /// pictures for training and for validation, those for validation are used.
    ///
    /// *Throws* ``Failure`` if there is no such folder, it has no pictures or classes that the run does not know, or too many
    /// pictures are unusable; `ImageFolderError` if it has no classes, `LabelFileError` if a table of classes cannot be used.
    ///
    /// - Parameters:
    ///   - path: The folder.
    ///   - run: The run, for its classes and preprocessing.
    ///   - limit: How many pictures may be unusable.
    ///   - workers: The number of threads that look at them.
    ///   - selection: Which files are used, and a table of their classes if there is one; nil for what the run did.
    public init(
        _ path: some PathConvertible, for run: RunRecord, limit: BadPictureLimit = .standard, workers: Int = 2,
        selection: PictureSelection? = nil
    ) throws {
        let path = path.filePath
        var selection = selection ?? run.options.selection
        let divided = LabelledPictures.dividedFolder(path, selection.labels, for: run)
        if divided != nil { selection.labels = run.data.labels }
        let isLabelled = selection.labels != nil
        let root = try divided ?? FolderLayout(path, isLabelled: isLabelled).labelledFolder(classes: run.classes)
        let all = try LabelledPictures.scan(root, for: run, selection).checked(workers: workers)
        self.limit = limit
        if let problem = limit.problem(of: all) { throw problem }
        if all.count == 0 {
            throw Failure(
                "\(root): no pictures in the folders of the classes",
                hint: "name a folder whose folders have pictures", kind: .badData)
        }
        var warnings = all.warnings
        if divided != nil {
            let part = try LabelledPictures.validationPart(of: all, for: run, workers: workers)
            folder = part.folder
            warnings += part.warnings
        } else {
            folder = all
        }
        if divided == nil, root != path, root.name != "val" {
            warnings.append("there is no \(path)/val; \(root) is used instead")
        }
        // The scan has named those whose folders are empty.
        let missing = zip(folder.classes, folder.classCounts).filter { $0.1 == 0 }.map(\.0)
            .filter { divided != nil || isLabelled || !SystemFiles.isFolder(root.appending($0)) }
        if !missing.isEmpty { warnings.append("no pictures of \(Failure.list(missing))") }
        if divided == nil, let warning = LabelledPictures.warning(root, for: run) { warnings.append(warning) }
        self.warnings = warnings
    }

    /// Pictures that were scanned, checked and prepared before.
    init(_ folder: ImageFolder, limit: BadPictureLimit) {
        self.folder = folder
        self.limit = limit
        warnings = []
    }

    /// The pictures that a run validates with, which have been looked at already.
    ///
    /// - Parameters:
    ///   - data: The run's pictures.
    ///   - run: The run, for the share of pictures that may be unusable.
    package init(validationOf data: TrainingData, for run: RunRecord) {
        self.init(data.validation, limit: run.options.badPictureLimit)
    }

    private static func scan(
        _ root: FilePath, for run: RunRecord, _ selection: PictureSelection
    ) throws -> ImageFolder {
        let preprocessing = run.preprocessing
        if let labels = selection.labels {
            return try selection.pictures(
                of: labels, in: root, classes: run.classes, transform: preprocessing.evaluation,
                preprocessing: preprocessing)
        }
        do throws(ImageFolderError) {
            return try ImageFolder(
                root, classes: run.classes, transform: preprocessing.evaluation,
                options: selection.reading(for: preprocessing), allowsEmptyClasses: true,
                ignoresUnknownClasses: selection.ignoresUnknownClasses)
        } catch {
            guard case .unknownClasses(let root, let names, let known) = error else { throw error }
            throw unknown(names, in: root, known: known)
        }
    }

    /// The failure for class folders that are no class of the run.
    private static func unknown(_ names: [String], in root: FilePath, known: [String]) -> Failure {
        let nearest = nearestName(to: names[0], among: known).map { "rename \(printable(names[0])) to \($0), or " }
        return Failure(
            "\(root): the run does not know the class\(names.count == 1 ? "" : "es") \(Failure.list(names)) (it knows "
                + "\(Failure.list(known)))",
            hint: (nearest ?? "")
                + "name a folder whose folders have the names of the run's classes, or leave the others out "
                + "with \(OptionName.ignoresUnknownClasses)",
            kind: .badData)
    }

    /// The folder that the run's pictures were divided from, if `path` is that one or leads to it; nil for others, and for
    /// another table of its pictures' classes.
    private static func dividedFolder(_ path: FilePath, _ labels: FilePath?, for run: RunRecord) -> FilePath? {
        let data = run.data.folder, own = run.data.labels
        guard run.data.division != nil, let all = FolderLayout(data, isLabelled: own != nil).undividedFolder,
            let place = try? resolve(path).identity
        else { return nil }
        if let labels, own.flatMap({ SystemFiles.realPath($0) }) != SystemFiles.realPath(labels) { return nil }
        return [data, all].contains { (try? resolve($0).identity) == place } ? all : nil
    }

    /// The pictures that the run kept for validation: it divides a folder by contents and seed alone.
    private static func validationPart(
        of folder: ImageFolder, for run: RunRecord, workers: Int
    ) throws(Failure) -> (folder: ImageFolder, warnings: [String]) {
        let share = run.options.validationShare ?? TrainingData.usualShare
        guard share > 0, share < 1 else {
            throw Failure(
                "the run's share for validation is \(share), not between 0 and 1", hint: "its run.json is damaged",
                kind: .badData)
        }
        let split = FolderSplit(folder, validation: share, seed: run.options.seed, workers: workers)
        if split.validation.count == 0 {
            throw Failure(
                "\(folder.root): the run was trained on these pictures, and too few are there to keep any for validation",
                hint: "name a folder with other pictures", kind: .badData)
        }
        var warnings = [
            "the run was trained on the other pictures of \(folder.root); the \(split.validation.count) that it kept for "
                + "validation are used"
        ]
        if (split.training.count, split.validation.count) != (run.data.trainCount, run.data.validationCount) {
            warnings.append(
                "pictures were added or removed since (\(run.data.trainCount) for training and "
                    + "\(run.data.validationCount) for validation then): it may have been trained on some of these")
        }
        warnings.append(run.options.metric.caution)
        return (split.validation, warnings)
    }

    /// A warning if the run has already used these pictures; pictures that have moved since are not recognised.
    private static func warning(_ root: FilePath, for run: RunRecord) -> String? {
        let data = run.data.folder
        // Weights that stand alone do not say what they learned from.
        if data.isEmpty { return nil }
        func isSame(_ folder: FilePath?) -> Bool {
            guard let folder, let used = try? resolve(folder).identity else { return false }
            return used == (try? resolve(root).identity)
        }
        if isSame(run.data.trainFolder ?? data.appending("train")) {
            return "the run was trained on these pictures: it knows them better than any others"
        }
        if isSame(run.data.validationFolder ?? FolderLayout(data).validationFolder) {
            return run.options.metric.caution
        }
        return nil
    }
}
