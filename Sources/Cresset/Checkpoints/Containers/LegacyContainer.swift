import CressetBackend

/// The container that `torch.save` wrote from 2017 to PyTorch 1.5.
///
/// Five pickles (magic number, protocol version, system, the object, the keys of its storages), and then for each key
/// its number of elements (8 bytes, least significant first) and the elements.
enum LegacyContainer {
    private static let magic: [UInt8] = [0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]
    private static let decimalMagic = "119547037146038801333356"

    static func read(_ file: ReadableFile) throws(CheckpointError) -> PickledFile {
        var head = PickleMachine(ByteReader(file, 0..<file.byteCount))
        try checkMagic(&head)
        let version = try head.load()
        guard head.integer(version) == 1001 else {
            throw CheckpointError(.unsupported, "has an unknown version of PyTorch's legacy format")
        }
        _ = try head.load()
        var machine = PickleMachine(head.reader, persistent: .storages)
        let root = try machine.load()
        let list = try machine.load()
        guard let keys = machine.items(list) else {
            throw CheckpointError(.corrupt, "its list of storages is not a list")
        }
        let places = try locate(keys, machine)
        var raw = RawCheckpoint()
        var known: [String: Int] = [:]
        var storageIndices: [Int] = []
        for storage in machine.storages {
            guard let place = places[storage.key] else {
                throw CheckpointError(.corrupt, "storage \(printable(storage.key)) is not in the file")
            }
            guard place.byteCount == storage.byteCount else {
                throw CheckpointError(
                    .corrupt,
                    "storage \(printable(storage.key)) has \(place.byteCount) bytes where the pickle says"
                        + " \(storage.byteCount)")
            }
            if known[storage.key] == nil {
                known[storage.key] = raw.storages.count
                raw.storages.append(
                    RawCheckpoint.Storage(place: .file(offset: place.offset), byteCount: place.byteCount))
            }
            storageIndices.append(known[storage.key]!)
        }
        return PickledFile(machine, root: root, raw, storageIndices: storageIndices)
    }

    private static func checkMagic(_ machine: inout PickleMachine) throws(CheckpointError) {
        let first = try machine.load()
        if case .long(let text) = machine.value(first) {
            let bytes = machine.text[Int(text.start)..<Int(text.start) + Int(text.count)]
            if bytes.elementsEqual(magic) || machine.string(text).hasPrefix(decimalMagic) { return }
        }
        throw CheckpointError(
            .notWeights, "is a Python pickle, but not one of torch.save", hint: CheckpointError.saveStateDict)
    }

    /// Finds the bytes of each storage after the pickles.
    private static func locate(
        _ keys: ArraySlice<PickleValue.Reference>, _ machine: PickleMachine
    ) throws(CheckpointError) -> [String: (offset: Int, byteCount: Int)] {
        var itemSizes: [String: Int] = [:]
        for storage in machine.storages {
            if let known = itemSizes[storage.key], known != storage.itemSize {
                throw CheckpointError(.corrupt, "storage \(printable(storage.key)) has two element types")
            }
            itemSizes[storage.key] = storage.itemSize
        }
        var reader = machine.reader
        var places: [String: (offset: Int, byteCount: Int)] = [:]
        for reference in keys {
            guard let key = machine.shortString(reference) ?? machine.integer(reference).map(String.init),
                let itemSize = itemSizes[key]
            else { throw CheckpointError(.corrupt, "its list of storages names one that no tensor uses") }
            let count = try ByteCount(stated: reader.number(Int64.self), "a storage's length")
            let byteCount = try count * ByteCount(itemSize)
            let place = (offset: reader.filePosition, byteCount: byteCount.value)
            try reader.skip(byteCount.value)
            guard places.updateValue(place, forKey: key) == nil else {
                throw CheckpointError(.corrupt, "its list of storages has \(printable(key)) twice")
            }
        }
        return places
    }
}
