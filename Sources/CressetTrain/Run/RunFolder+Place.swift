import Cresset
import Glibc

// What can be said of a run folder before it is made.

extension RunFolder {
    /// The folder that a run would get at `output`, or the next free one in `runs`; nothing is made.
    ///
    /// *Throws* ``Failure`` if ``create(at:)`` or ``createNext(in:kind:)`` would.
    ///
    /// - Parameters:
    ///   - output: The folder; nil for the next free `runs/train-N`.
    ///   - runs: The parent folder of numbered ones.
    static func free(at output: FilePath?, in runs: FilePath = "runs") throws(Failure) -> RunFolder {
        guard let output else {
            let free = (1...1_000_000).lazy.map { runs.appending("train-\($0)") }.first { !SystemFiles.exists($0) }
            let folder = RunFolder(path: free ?? runs)
            try folder.requirePlace()
            return folder
        }
        if output.isEmpty { throw namelessFolder }
        let folder = RunFolder(path: output)
        try folder.requirePlace()
        guard SystemFiles.exists(output) else { return folder }
        if folder.isInUse { throw claimed(output) }
        let names: [FilePath]
        do throws(SystemError) {
            names = try SystemFiles.names(in: output)
        } catch {
            throw Failure(system: error.code, writing: output)
        }
        // Those that a process left when it was killed will be removed.
        if names.contains(where: { !$0.terminalText.hasPrefix(AtomicFile.temporaryPrefix) }) { throw notEmpty(output) }
        return folder
    }

    /// Throws ``Failure`` if no run can be made at `output`, or in the next free `runs/train-N` if it is nil.
    package static func checkFree(at output: FilePath?) throws(Failure) { _ = try free(at: output) }

    /// Throws if the folder cannot be made, or written to if it is there.
    private func requirePlace() throws(Failure) {
        let place = existingPlace
        guard SystemFiles.isFolder(place) else { throw RunFolder.obstructed(path) }
        if place.withPlatformString({ access($0, W_OK | X_OK) }) != 0 { throw Failure(system: errno, making: path) }
    }

    /// The folder itself, or the nearest one above that is there.
    var existingPlace: FilePath {
        var place = path
        while !SystemFiles.exists(place), place != place.parent { place = place.parent }
        return place
    }

    static var namelessFolder: Failure { Failure("the name of the folder to write to is empty", kind: .usage) }

    static func claimed(_ path: FilePath) -> Failure {
        Failure(
            "\(path): another run is writing to this folder", hint: "name another folder, or wait for the other run",
            kind: .cannotCreate)
    }

    static func notEmpty(_ path: FilePath) -> Failure {
        Failure(
            "\(path): the folder is not empty", hint: "name another folder, or remove this one first",
            kind: .cannotCreate)
    }

    static func obstructed(_ path: FilePath) -> Failure {
        Failure(
            "\(path): the folder cannot be made, something else is in its place",
            hint: "name another folder, or move away what is there", kind: .cannotCreate)
    }
}
