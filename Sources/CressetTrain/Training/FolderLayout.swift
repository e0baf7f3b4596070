import CressetVision
import Glibc

/// How a folder of pictures is laid out, and advice if the layout is not the expected one.
struct FolderLayout {
    private let path: FilePath
    /// The names of what is in it and not hidden.
    private let entries: [FilePath]
    /// The names of the folders among them, but for those that hold runs.
    private let visibleFolders: [String]
    /// Whether a table says of which classes the pictures are, wherever in the folder they are.
    let isLabelled: Bool

    init(_ path: FilePath, isLabelled: Bool = false) {
        self.path = path
        self.isLabelled = isLabelled
        entries = ((try? listDirectory(path)) ?? []).map(\.name).filter { !FolderScan.isHidden($0) }
        visibleFolders = entries.filter {
            let place = path.pushing($0)
            return SystemFiles.isFolder(place) && !FolderScan.holdsRuns(place)
        }.map(\.terminalText)
    }

    /// The name of the folder with validation pictures, or nil.
    var validationName: String? { TrainingData.validationNames.first { isFolder(path.appending($0)) } }

    /// The folder with validation pictures, or nil.
    var validationFolder: FilePath? { validationName.map { path.appending($0) } }

    /// The folder with the pictures of all classes where there is none for validation: `train` if it is the only one, or
    /// the folder itself if its folders look like classes.
    var undividedFolder: FilePath? {
        if isLabelled { return path }
        guard validationName == nil else { return nil }
        if isFolder(path.appending("train")) { return othersThanTrain.isEmpty ? path.appending("train") : nil }
        let isTraining =
            path.name == "train" && TrainingData.validationNames.contains { isFolder(path.parent.appending($0)) }
        let isHeldOut =
            TrainingData.validationNames.contains(path.name) && isFolder(path.parent.appending("train"))
        return isTraining || isHeldOut || visibleFolders.isEmpty || misnamedParts != nil ? nil : path
    }

    /// The folder with the pictures for training where those for validation are elsewhere: `train`, or the folder itself.
    var trainingFolder: FilePath {
        !isLabelled && isFolder(path.appending("train")) ? path.appending("train") : path
    }

    /// Why the folder cannot be trained on with `validation` to validate with, or nil.
    func problem(validation: FilePath) -> Failure? {
        if let absence = absence(hint: "name the folder of the classes, or one that contains train") { return absence }
        if let absence = FolderLayout(validation).absence(hint: "name a folder with one folder of pictures per class") {
            return absence
        }
        guard let place = SystemFiles.realPath(validation), let training = SystemFiles.realPath(trainingFolder),
            place.starts(with: training) || training.starts(with: place)
        else { return nil }
        let relation =
            place == training
            ? "holds the pictures for training" : place.starts(with: training) ? "is inside" : "contains"
        return Failure(
            "\(OptionName.validation): \(validation) \(relation)"
                + (place == training ? "" : " the folder for training, \(trainingFolder)"),
            hint: "pictures for validation must be apart from those for training: name another folder", kind: .usage)
    }

    /// Folders that are meant as the parts for training and validation, but are called otherwise, as `Train` and `Test`;
    /// nil unless there are both.
    private var misnamedParts: (training: String, validation: String)? {
        func first(_ names: [String]) -> String? { visibleFolders.first { names.contains($0.lowercased()) } }
        guard !isFolder(path.appending("train")), let training = first(["train", "training"]),
            let validation = first(TrainingData.validationNames + ["dev", "eval"])
        else { return nil }
        return (training, validation)
    }

    /// What is beside `train` and the folder for validation, in a line; nil if nothing is that looks like a part of the data.
    ///
    /// - Parameter validation: The folder with the pictures for validation, wherever it is.
    func passedOver(validation: FilePath) -> String? {
        guard !isLabelled, isFolder(path.appending("train")) else { return nil }
        let used = SystemFiles.realPath(validation)
        let folders = othersThanTrain.filter { name in
            let place = SystemFiles.realPath(path.appending(name))
            return !TrainingData.validationNames.contains(name) && place.flatMap { used?.starts(with: $0) } != true
        }
        let pictures = entries.count(where: FolderScan.isNamedAsPicture)
        let parts =
            (folders.isEmpty ? [] : [Failure.list(folders)])
            + (pictures == 0 ? [] : [pictures.counted("picture")])
        return parts.isEmpty ? nil : "\(path): passed over beside train: \(parts.joined(separator: ", and "))"
    }

    private var othersThanTrain: [String] { visibleFolders.filter { $0 != "train" } }

    /// The folder whose folders are classes: the validation folder, unless `path` itself has one of `classes`, or has
    /// nothing that looks like a validation folder, or a table says of which classes its pictures are.
    ///
    /// *Throws* ``Failure`` if there is no such folder, or only one for training.
    func labelledFolder(classes: [String]) throws(Failure) -> FilePath {
        let hint = "name a folder with one folder of pictures per class, or one with train and val"
        if let absence = absence(hint: hint) { throw absence }
        if isLabelled { return path }
        let hasTrain = isFolder(path.appending("train"))
        let names = Set(entries.map(\.terminalText))
        if !hasTrain, classes.contains(where: names.contains) { return path }
        if let validationFolder { return validationFolder }
        if hasTrain, !classes.contains("train") {
            throw missing(
                "\(path): there is no folder val or test in it",
                hint: "name \(path)/train to evaluate on the pictures for training")
        }
        return path
    }

    /// Why the folder itself cannot be used, or nil.
    private func absence(hint: String) -> Failure? {
        guard SystemFiles.exists(path) else {
            if errno == EACCES { return inaccessible(path) }
            return missing("\(path.isEmpty ? "''" : "\(path)"): no such folder", hint: hint)
        }
        return isFolder(path) ? nil : missing("\(path): not a folder", hint: hint)
    }

    /// What is missing for training, with advice that fits what was found instead; nil if there are pictures to train with
    /// and to validate with.
    var problem: Failure? {
        if let absence = absence(hint: "name the folder that contains train and val") { return absence }
        if undividedFolder != nil { return nil }
        errno = 0
        guard isFolder(path.appending("train")) else { return errno == EACCES ? inaccessible(path) : withoutTrain }
        return validationName == nil ? withoutValidation : nil
    }

    /// Other folders may be for validation, or classes like `train` itself: to guess would be to train on the wrong ones.
    private var withoutValidation: Failure {
        missing(
            "\(path): beside train there is no folder val, valid, validation or test, but "
                + Failure.list(othersThanTrain),
            hint: "rename the one for validation to val, or name \(path)/train to divide its pictures; if train is a "
                + "class, give it another name")
    }

    private var withoutTrain: Failure {
        let message = "\(path): the folder train is missing"
        if let (training, validation) = misnamedParts {
            let known = TrainingData.validationNames.contains(validation)
            return missing(
                message, hint: "rename \(training) to train" + (known ? "" : ", and \(validation) to val"))
        }
        if (TrainingData.validationNames + ["train"]).contains(path.name), isFolder(path.parent.appending("train")) {
            return missing(message, hint: "name its parent, \(path.parent), which contains train and val")
        }
        if entries.contains(where: FolderScan.isNamedAsPicture) {
            return missing(
                message,
                hint:
                    "its pictures are not in classes yet: sort them into one folder per class, as \(path)/CLASS/…, or list "
                    + "them with their classes in a table: \(OptionName.labels.set(to: "FILE.csv"))")
        }
        return missing(
            message,
            hint: "arrange the pictures as \(path)/CLASS/…, or as \(path)/train/CLASS/… and \(path)/val/CLASS/…")
    }

    private func missing(_ message: String, hint: String) -> Failure {
        Failure(message, hint: hint, kind: .inputMissing)
    }

    private func inaccessible(_ path: FilePath) -> Failure {
        Failure(
            "\(path): \(systemMessage(EACCES))", hint: "this user may not enter it, or a folder above it",
            kind: .permission)
    }

    private func isFolder(_ path: FilePath) -> Bool { SystemFiles.isFolder(path) }
}
