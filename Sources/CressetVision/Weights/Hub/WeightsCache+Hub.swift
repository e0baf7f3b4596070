import Cresset
import CressetNN

extension WeightsCache {
    /// The path of a verified file with `weights`: in the folder, in Hugging Face's cache, or downloaded into the folder.
    ///
    /// - Parameters:
    ///   - weights: The requested weights.
    ///   - progress: Called while bytes arrive, on the thread that waits for them.
    /// - Throws: ``WeightsError``.
    package func location(
        of weights: PretrainedWeights, progress: (@Sendable (DownloadProgress) -> Void)? = nil
    ) throws(WeightsError) -> FilePath {
        if let path = try cachedFile(for: weights) { return path }
        if let path = hubFile(weights), hubState(weights) != nil { return path }
        return try file(for: weights, progress: progress)
    }

    /// The verified file with `weights` in Hugging Face's cache; nil if there is none.
    func hubFile(_ weights: PretrainedWeights) -> FilePath? {
        guard let file = unverifiedHubFile(weights) else { return nil }
        return (try? sha256(ofFile: file.path)) == file.hash ? file.path : nil
    }

    /// What Hugging Face's cache has of `weights`, whatever it contains.
    func unverifiedHubFile(_ weights: PretrainedWeights) -> HubCache.File? {
        guard let settings, let repository = HubRepository.with(weights) else { return nil }
        return HubCache(folder: settings.hub.value).file(HubRepository.fileName, of: repository.name)
    }

    /// The state dict of `weights` from Hugging Face's cache, under torchvision's names; nil if it is not there, is
    /// damaged, or does not fit the network. Either is reported.
    func hubState(_ weights: PretrainedWeights) -> StateDict? {
        guard let repository = HubRepository.with(weights), let file = unverifiedHubFile(weights) else { return nil }
        let place = "\(repository.name) in Hugging Face's cache"
        guard hubFile(weights) != nil else {
            report("\(place) is passed over: \(file.path) does not have the SHA-256 that is its name")
            return nil
        }
        do {
            let state = repository.naming.renamed(try Checkpoint.load(file.path))
            let own = try withoutInitialValues { try ModelZoo.make(weights.model) }.stateDict()
            let fitted = try state.fitted(to: own)
            report("weights of \(weights.model) from \(place)")
            return fitted
        } catch {
            report("\(place) is passed over: \((error as? any ExplainedError)?.explanation.problem ?? "\(error)")")
            return nil
        }
    }
}
