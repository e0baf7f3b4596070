import Cresset
import Glibc

/// The folder that a training run leaves behind, and that prediction starts from.
///
///     run.json            what the run is: model, classes, preprocessing, options, versions, how it went
///     model.safetensors   the best weights so far
///     metrics.csv         a row an epoch
public struct RunFolder: Sendable, Hashable, PathConvertible {
    public let path: FilePath

    /// A folder that is there already.
    ///
    /// - Parameter path: The folder.
    public init(path: some PathConvertible) { self.path = path.filePath }

    public var filePath: FilePath { path }

    public var weightsPath: FilePath { path.appending("model.safetensors") }
    public var recordPath: FilePath { path.appending("run.json") }
    public var metricsPath: FilePath { path.appending("metrics.csv") }

    /// Makes the first of `runs/train-1`, `runs/train-2`… that is free.
    ///
    /// Two runs that start at once get two folders: the system makes each only once.
    ///
    /// - Parameters:
    ///   - runs: The folder above.
    ///   - kind: The beginning of the name.
    public static func createNext(
        in runs: any PathConvertible = "runs", kind: String = "train"
    ) throws(Failure) -> RunFolder {
        let runs = runs.filePath
        try makeFolder(runs)
        for number in 1...1_000_000 {
            let path = runs.appending("\(kind)-\(number)")
            if path.withPlatformString({ mkdir($0, 0o777) }) == 0 { return RunFolder(path: path) }
            if errno != EEXIST { throw Failure(system: errno, writing: path) }
        }
        throw Failure("\(runs): no free number is left", hint: "remove old runs", status: .cannotCreate)
    }

    /// Makes `path` for a run, with the folders above it; an empty folder is taken as it is.
    ///
    /// *Throws* ``Failure`` when something is in the folder: a run never writes over another.
    public static func create(at path: some PathConvertible) throws(Failure) -> RunFolder {
        let path = path.filePath
        try makeFolder(path)
        let content: [FilePath]
        do {
            content = try SystemFiles.names(in: path)
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

    private static func makeFolder(_ path: FilePath) throws(Failure) {
        do {
            try SystemFiles.makeFolder(path)
        } catch {
            throw Failure(
                "\(path): the folder cannot be made (\(systemMessage(error.code)))", hint: "name another folder",
                status: error.exitStatus == .permission ? .permission : .cannotCreate)
        }
    }
}
