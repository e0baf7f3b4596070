import Cresset
import Glibc

/// The folder that a training run leaves behind, and that prediction starts from.
///
///     run.json            what the run is: model, classes, preprocessing, options, versions, how it went
///     model.safetensors   the best weights so far
///     metrics.csv         one row per epoch
///     state.safetensors   all that the run needs to go on, after its last epoch
///     data.csv            every file that the run was given, and what became of it
///     predictions.csv     what the best weights make of the validation pictures, when the run has come to its end
///     environment.json    software, processor and device, for each process that worked on the run
///     log.txt             what the command has printed, each line behind its time
///     report.html         a page for people on what came of the run
///     events.out.tfevents.…   the figures of each epoch for TensorBoard
///     learning-rates.csv  the losses at the rates that were tried, if the learning rate was looked for
///     config.json         the options of the command, to be used again
public struct RunFolder: Sendable, PathConvertible {
    public let path: FilePath
    /// Held by the run that writes here, until its process ends.
    private let claim: FolderClaim?

    /// A folder that already exists.
    ///
    /// - Parameter path: The folder.
    public init(path: some PathConvertible) { self.init(path: path.filePath, claim: nil) }

    private init(path: FilePath, claim: FolderClaim?) {
        self.path = path
        self.claim = claim
    }

    public var filePath: FilePath { path }

    public var weightsPath: FilePath { path.appending("model.safetensors") }
    public var recordPath: FilePath { path.appending("run.json") }
    public var metricsPath: FilePath { path.appending("metrics.csv") }
    public var ratesPath: FilePath { path.appending("learning-rates.csv") }
    public var configurationPath: FilePath { path.appending("config.json") }
    public var statePath: FilePath { path.appending("state.safetensors") }
    public var dataPath: FilePath { path.appending("data.csv") }
    public var predictionsPath: FilePath { path.appending("predictions.csv") }
    public var environmentPath: FilePath { path.appending("environment.json") }
    public var logPath: FilePath { path.appending("log.txt") }

    /// Whether a process is currently writing a run here.
    public var isInUse: Bool { FolderClaim.isHeld(path) }

    /// Makes the first of `runs/train-1`, `runs/train-2`… that is free, and claims it for this process.
    ///
    /// Two runs that start at the same time get two folders: the system creates each only once.
    ///
    /// - Parameters:
    ///   - runs: The parent folder.
    ///   - kind: The beginning of the name.
    public static func createNext(
        in runs: any PathConvertible = "runs", kind: String = "train"
    ) throws(Failure) -> RunFolder {
        let runs = runs.filePath
        try makeFolder(runs)
        for number in 1...1_000_000 {
            let path = runs.appending("\(kind)-\(number)")
            if path.withPlatformString({ mkdir($0, 0o777) }) == 0 {
                // Another process may have been given this very folder.
                if let claim = try FolderClaim(path) { return RunFolder(path: path, claim: claim) }
            } else if errno != EEXIST {
                throw Failure(system: errno, making: path)
            }
        }
        throw Failure("\(runs): no free number left", hint: "remove old runs", kind: .cannotCreate)
    }

    /// Makes `path` for a run, with the folders above it, and claims it for this process; an empty folder is taken as it
    /// is.
    ///
    /// *Throws* ``Failure`` when something is in the folder, or another process has claimed it: a run never writes over
    /// another.
    public static func create(at path: some PathConvertible) throws(Failure) -> RunFolder {
        let path = path.filePath
        if path.isEmpty { throw namelessFolder }
        try makeFolder(path)
        // Only one process at a time checks whether the folder is empty.
        guard let claim = try FolderClaim(path) else { throw claimed(path) }
        guard try isEmpty(path) else { throw notEmpty(path) }
        return RunFolder(path: path, claim: claim)
    }

    /// Claims the folder of an earlier run for this process, which continues it.
    ///
    /// *Throws* ``Failure`` when another process has claimed it.
    static func reopen(_ path: FilePath) throws(Failure) -> RunFolder {
        guard let claim = try FolderClaim(path) else {
            throw Failure("\(path): the run is still under way", hint: "wait for its end", kind: .cannotCreate)
        }
        return RunFolder(path: path, claim: claim)
    }

    private static func isEmpty(_ path: FilePath) throws(Failure) -> Bool {
        AtomicFile.removeAbandoned(in: path)
        do {
            return try SystemFiles.names(in: path).isEmpty
        } catch {
            throw Failure(system: error.code, writing: path)
        }
    }

    /// Makes the folder and those above it, where they are not there.
    private static func makeFolder(_ path: FilePath) throws(Failure) {
        do {
            try SystemFiles.makeFolder(path)
        } catch {
            guard error.code == EEXIST || error.code == ENOTDIR else { throw Failure(system: error.code, making: path) }
            throw obstructed(path)
        }
    }
}

/// The right of one process to write to a folder: a lock that the system releases however the process ends.
final class FolderClaim: Sendable {
    private let descriptor: Int32

    /// Nil when another process has the folder.
    init?(_ path: FilePath) throws(Failure) {
        descriptor = path.withPlatformString { open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard descriptor >= 0 else { throw Failure(system: errno, writing: path) }
        // On file systems without locks the first file decides, since only one process can create it.
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
            if Self.isRefused(descriptor) { return nil }  // which closes the descriptor: all properties are set
            // Somebody looks whether there is a run, which takes a moment.
            usleep(100)
        }
    }

    /// Whether not even those who only look may have the folder: a run has it.
    private static func isRefused(_ descriptor: Int32) -> Bool {
        if flock(descriptor, LOCK_SH | LOCK_NB) != 0 { return errno == EWOULDBLOCK }
        flock(descriptor, LOCK_UN)
        return false
    }

    deinit { close(descriptor) }

    static func isHeld(_ path: FilePath) -> Bool {
        let descriptor = path.withPlatformString { open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK) }
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return isRefused(descriptor)
    }
}
