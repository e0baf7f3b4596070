import Cresset

extension PretrainedWeights {
    /// `state`, of a network called `model`, under torchvision's present names: files of earlier years and timm's have
    /// others for the same numbers.
    ///
    /// - Parameters:
    ///   - state: The weights.
    ///   - model: The name of the network.
    ///   - own: The network's own state dict, whose names are wanted.
    package static func ownNames(of state: StateDict, _ model: String, like own: StateDict) -> StateDict {
        let plain = state.strippingWrapperPrefixes(for: own)
        let namings = available(for: model).compactMap { HubRepository.with($0)?.naming }
        let candidates =
            [model.hasPrefix("densenet") ? plain.renamingDenseNetKeys() : plain]
            + HubNaming.allCases.filter(namings.contains).map { $0.renamed(plain) }
        let known = Set(own.keys)
        let counts = candidates.map { candidate in candidate.keys.count { known.contains($0) } }
        return candidates[counts.firstIndex(of: counts.max() ?? 0) ?? 0]
    }
}
