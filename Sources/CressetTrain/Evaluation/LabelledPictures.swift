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
    /// `valid`, `validation` or `test`. A class without a folder is fine.
    ///
    /// *Throws* ``Failure`` if there is no such folder, it has classes that the run does not know, or too many pictures
    /// are unusable; `ImageFolderError` if it has no classes or an empty one.
    ///
    /// - Parameters:
    ///   - path: The folder.
    ///   - run: The run, for its classes and preprocessing.
    ///   - limit: How many pictures may be unusable.
    ///   - workers: The number of threads that look at them.
    public init(
        _ path: some PathConvertible, for run: RunRecord, limit: BadPictureLimit = .standard, workers: Int = 2
    ) throws {
        let path = path.filePath
        let root = try FolderLayout(path).labelledFolder(classes: run.classes)
        folder = try LabelledPictures.scan(root, for: run).checked(workers: workers)
        self.limit = limit
        if let problem = limit.problem(of: folder) { throw problem }
        var warnings = folder.warnings
        if root != path, root.name != "val" { warnings.append("there is no \(path)/val; \(root) is used instead") }
        let missing = zip(folder.classes, folder.classCounts).filter { $0.1 == 0 }.map(\.0)
        if !missing.isEmpty { warnings.append("no pictures of \(Failure.list(missing))") }
        if let warning = LabelledPictures.warning(root, for: run) { warnings.append(warning) }
        self.warnings = warnings
    }

    private static func scan(_ root: FilePath, for run: RunRecord) throws -> ImageFolder {
        do throws(ImageFolderError) {
            return try ImageFolder(root, classes: run.classes, transform: run.preprocessing.evaluation)
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
            hint: (nearest ?? "") + "name a folder whose folders have the names of the run's classes",
            kind: .badData)
    }

    /// A warning if the run has already used these pictures; pictures that have moved since are not recognised.
    private static func warning(_ root: FilePath, for run: RunRecord) -> String? {
        let data = run.data.path.filePath
        func isSame(_ name: String?) -> Bool {
            guard let name, let used = try? resolve(data.appending(name)).identity else { return false }
            return used == (try? resolve(root).identity)
        }
        if isSame("train") { return "the run was trained on these pictures: it knows them better than any others" }
        if isSame(FolderLayout(data).validationName) {
            return "the run's epoch was chosen by its accuracy on these pictures: on others it may be lower"
        }
        return nil
    }
}
