import CressetVision
import Glibc

/// How a training folder is laid out, and advice if the layout is not the expected one.
struct FolderLayout {
    private let path: FilePath

    init(_ path: FilePath) { self.path = path }

    /// The name of the folder with validation pictures, or nil.
    var validationName: String? { TrainingData.validationNames.first { isFolder(path.appending($0)) } }

    /// What is missing, with advice that fits what was found instead; nil if both folders exist.
    var problem: Failure? {
        guard SystemFiles.exists(path) else {
            if errno == EACCES { return inaccessible(path) }
            return missing(
                "\(path.isEmpty ? "''" : "\(path)"): no such folder", hint: "name the folder that holds train and val")
        }
        guard isFolder(path) else {
            return missing("\(path): not a folder", hint: "name the folder that contains train and val")
        }
        errno = 0
        guard isFolder(path.appending("train")) else { return errno == EACCES ? inaccessible(path) : withoutTrain }
        if validationName != nil { return nil }
        return missing(
            "\(path): the folder val is missing",
            hint: "put some of the pictures, about a fifth, into \(path)/val/CLASS/… instead of \(path)/train/CLASS/…")
    }

    private var withoutTrain: Failure {
        let names = (try? listDirectory(path).filter { !FolderScan.isHidden($0.name) }.map(\.name)) ?? []
        let message = "\(path): the folder train is missing"
        if (TrainingData.validationNames + ["train"]).contains(path.name), isFolder(path.parent.appending("train")) {
            return missing(message, hint: "name its parent, \(path.parent), which contains train and val")
        }
        if names.contains(where: { isFolder(path.pushing($0)) }) {
            return missing(
                message,
                hint:
                    "its folders look like classes: move most pictures of each to \(path)/train/CLASS/… and the others, "
                    + "about a fifth, to \(path)/val/CLASS/…")
        }
        if names.contains(where: FolderScan.isNamedAsPicture) {
            return missing(
                message,
                hint: "its pictures are not in classes yet: sort them into one folder per class, as "
                    + "\(path)/train/CLASS/… and \(path)/val/CLASS/…")
        }
        return missing(message, hint: "arrange the pictures as \(path)/train/CLASS/… and \(path)/val/CLASS/…")
    }

    private func missing(_ message: String, hint: String) -> Failure {
        Failure(message, hint: hint, status: .inputMissing)
    }

    private func inaccessible(_ path: FilePath) -> Failure {
        Failure(
            "\(path): \(systemMessage(EACCES))", hint: "this user may not enter it, or a folder above it",
            status: .permission)
    }

    private func isFolder(_ path: FilePath) -> Bool { SystemFiles.isFolder(path) }
}
