import Cresset

/// Why a folder cannot be used as a set of pictures.
public enum ImageFolderError: ExplainedError, Sendable {
    /// The folder or something in it cannot be opened.
    case cannotOpen(FilePath, ImageError)
    /// There are no class folders; the names are what was found instead.
    case noClasses(FilePath, found: [String])
    /// Class folders without a single picture.
    case emptyClasses(FilePath, [String])
    /// Classes that the training folder lacks.
    case unknownClasses(FilePath, [String], known: [String])
    /// Two class folders whose names look the same but consist of different bytes.
    case ambiguousClasses(FilePath, String, String)

    public var explanation: Explanation {
        switch self {
        case .cannotOpen(let path, let reason): reason.explanation.of(path)
        case .noClasses(let path, let found):
            Explanation(
                "\(path): no class folders\(ImageFolderError.listed(found))",
                hint: "put the pictures of each class in a separate folder, such as \(path)/cats and \(path)/dogs")
        case .emptyClasses(let path, let names):
            Explanation(
                "\(path): no pictures in \(names.joined(separator: ", "))", hint: "add pictures or remove the folder")
        case .unknownClasses(let path, let names, let known):
            Explanation(
                "\(path): classes that the training folder lacks: \(names.joined(separator: ", ")) (it has "
                    + "\(known.joined(separator: ", ")))", hint: ImageFolderError.remedy(names, known))
        case .ambiguousClasses(let path, let first, let second):
            Explanation(
                "\(path): two class folder names look the same but differ in their bytes: \(first) and \(second)",
                hint: "merge them, or rename one")
        }
    }

    private static func remedy(_ names: [String], _ known: [String]) -> String {
        for name in names {
            if let same = known.first(where: { $0.lowercased() == name.lowercased() }) {
                return "rename \(name) to \(same)"
            }
        }
        return "add pictures of \(names.count == 1 ? "it" : "them") for training, or remove "
            + "\(names.count == 1 ? "this folder" : "these folders")"
    }

    private static func listed(_ found: [String]) -> String {
        if found.isEmpty { return ", the folder is empty" }
        let shown = found.prefix(5).joined(separator: ", ")
        return ", only \(shown)\(found.count > 5 ? " and \(found.count - 5) more" : "")"
    }
}
