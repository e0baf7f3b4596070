import Cresset
import Glibc

/// The folder that a training run leaves behind, and that prediction starts from.
///
///     run.json            what the run is: model, classes, preprocessing, options, versions, how it went
///     model.safetensors   the best weights so far
///     metrics.csv         a row an epoch
public struct RunFolder: Sendable, Hashable {
    public let path: String

    /// A folder that is there already.
    public init(path: String) { self.path = path }

    public var weightsPath: String { path + "/model.safetensors" }
    public var recordPath: String { path + "/run.json" }
    public var metricsPath: String { path + "/metrics.csv" }

    /// Makes the first of `runs/train-1`, `runs/train-2`… that is free.
    ///
    /// Two runs that start at once get two folders: the system makes each only once.
    public static func createNext(in runs: String = "runs", kind: String = "train") throws(Failure) -> RunFolder {
        try makeFolder(runs)
        for number in 1...1_000_000 {
            let path = "\(runs)/\(kind)-\(number)"
            if mkdir(path, 0o777) == 0 { return RunFolder(path: path) }
            if errno != EEXIST { throw Failure(system: errno, writing: path) }
        }
        throw Failure("\(runs): no free number is left", hint: "remove old runs", status: .cannotCreate)
    }

    /// Makes `path` for a run, with the folders above it; an empty folder is taken as it is.
    ///
    /// *Throws* ``Failure`` when something is in the folder: a run never writes over another.
    public static func create(at path: String) throws(Failure) -> RunFolder {
        try makeFolder(path)
        let content: [BytePath]
        do {
            content = try SystemFiles.names(in: BytePath(path))
        } catch {
            throw Failure(error)
        }
        guard content.isEmpty else {
            throw Failure(
                "\(path): the folder is not empty", hint: "name another folder, or remove this one first",
                status: .cannotCreate)
        }
        return RunFolder(path: path)
    }

    private static func makeFolder(_ path: String) throws(Failure) {
        do {
            try SystemFiles.makeFolder(BytePath(path))
        } catch {
            throw Failure(
                "\(path): the folder cannot be made (\(systemMessage(error.code)))", hint: "name another folder",
                status: error.exitStatus == .permission ? .permission : .cannotCreate)
        }
    }
}
