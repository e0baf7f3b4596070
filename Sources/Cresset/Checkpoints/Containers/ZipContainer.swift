import CressetBackend

/// The zip container that `torch.save` has written since PyTorch 1.6.
///
/// Members: `<prefix>/data.pkl`, one `<prefix>/data/<key>` for each storage, `version` and, since 2.1, `byteorder`.
enum ZipContainer {
    private static let pickleLimit = 1 << 27

    static func read(_ file: ReadableFile) throws(CheckpointError) -> PickledFile {
        let archive = try ZipArchive(file)
        let pickle = try picklePart(archive)
        let prefix = String(pickle.name.dropLast("data.pkl".count))
        try checkVersion(archive, prefix)
        // Pickles of tensors compress to a twentieth at most; the work on one is proportional to the file.
        let limit = pickle.isDeflated ? min(pickleLimit, 32 * pickle.storedCount + (1 << 20)) : pickleLimit
        var machine = PickleMachine(ByteReader(try archive.contents(pickle, limit: limit)), persistent: .storages)
        let root = try machine.load()
        var raw = RawCheckpoint(archive: archive, isBigEndian: try isBigEndian(archive, prefix))
        var places: [String: Int] = [:]
        var storageIndices: [Int] = []
        for storage in machine.storages {
            let name = prefix + "data/" + storage.key
            guard let member = archive.members[name] else {
                throw CheckpointError(.corrupt, "storage \(printable(name)) is not in the archive")
            }
            guard member.byteCount == storage.byteCount else {
                throw CheckpointError(
                    .corrupt,
                    "storage \(printable(name)) has \(member.byteCount) bytes where the pickle says"
                        + " \(storage.byteCount)")
            }
            if places[storage.key] == nil {
                places[storage.key] = raw.storages.count
                raw.storages.append(RawCheckpoint.Storage(place: .member(member), byteCount: member.byteCount))
            }
            storageIndices.append(places[storage.key]!)
        }
        return PickledFile(machine, root: root, raw, storageIndices: storageIndices)
    }

    /// Writes `value` as `torch.save` does.
    static func write(_ value: CheckpointValue, to zip: inout ZipWriter) throws {
        let pickle = try PickleWriter(value)
        try zip.add("archive/data.pkl", pickle.bytes)
        try zip.add("archive/byteorder", Array("little".utf8))
        for (key, tensor) in pickle.storages.enumerated() {
            try tensor.withUnsafeBytes { try zip.add("archive/data/\(key)", $0) }
        }
        try zip.add("archive/version", Array("3\n".utf8))
        try zip.finish()
    }

    private static func picklePart(_ archive: ZipArchive) throws(CheckpointError) -> ZipArchive.Member {
        let names = archive.members.keys
        // A TorchScript program has Python source files next to its constants.
        if names.contains(where: { $0.hasSuffix("/constants.pkl") }) {
            throw CheckpointError(
                .unsupported, "holds a TorchScript program, not a state dict", hint: CheckpointError.saveStateDict)
        }
        let candidates = names.filter { $0 == "data.pkl" || $0.hasSuffix("/data.pkl") }
        guard let name = candidates.first else {
            let isNumPy = names.contains { $0.hasSuffix(".npy") }
            throw CheckpointError(
                isNumPy ? .notWeights : .corrupt,
                isNumPy ? "is a NumPy archive (.npz), not a weight file" : "is a zip archive without data.pkl",
                hint: CheckpointError.saveStateDict)
        }
        guard candidates.count == 1 else {
            throw CheckpointError(.corrupt, "its zip archive has \(candidates.count) members called data.pkl")
        }
        return archive.members[name]!
    }

    private static func checkVersion(_ archive: ZipArchive, _ prefix: String) throws(CheckpointError) {
        guard let text = try smallText(archive, prefix + "version") else { return }
        guard let version = Int(text), (1...10).contains(version) else {
            throw CheckpointError(
                .unsupported, "is of PyTorch's file format version \(printable(text)); 1 to 10 are known")
        }
    }

    private static func isBigEndian(_ archive: ZipArchive, _ prefix: String) throws(CheckpointError) -> Bool {
        switch try smallText(archive, prefix + "byteorder") {
        case nil, "little": return false
        case "big": return true
        case .some(let text):
            throw CheckpointError(.corrupt, "its byte order is \"\(printable(text))\", neither little nor big")
        }
    }

    /// The text of a member of some bytes, without white space around it.
    private static func smallText(_ archive: ZipArchive, _ name: String) throws(CheckpointError) -> String? {
        guard let member = archive.members[name] else { return nil }
        let text = String(decoding: try archive.contents(member, limit: 64), as: UTF8.self)
        return String(text.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
}
