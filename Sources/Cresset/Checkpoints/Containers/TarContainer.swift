import CressetBackend

/// The tar container that `torch.save` wrote in 2016 and early 2017.
///
/// Members: `storages` and `tensors` (a count, then for each one a pickled key and raw numbers) and `pickle`, the object,
/// which names its tensors by key.
enum TarContainer {
    private struct Source {
        var dtype: DType
        /// An index into the checkpoint's storages.
        var storage: Int
        var byteOffset: Int
        var count: Int
    }

    static func read(_ file: ReadableFile) throws(CheckpointError) -> PickledFile {
        let members = try TarArchive.members(file)
        func member(_ name: String) throws(CheckpointError) -> Range<Int> {
            guard let range = members[name] else {
                throw CheckpointError(
                    .notWeights, "is a tar archive without a member \"\(name)\", not weights of PyTorch")
            }
            return range
        }
        var raw = RawCheckpoint()
        let sources = try readStorages(ByteReader(file, member("storages")), &raw)
        let tensors = try readTensors(ByteReader(file, member("tensors")), sources)
        var machine = PickleMachine(ByteReader(file, try member("pickle")), persistent: .tensors(tensors))
        let root = try machine.load()
        return PickledFile(machine, root: root, raw, storageIndices: Array(raw.storages.indices))
    }

    private static func readStorages(
        _ reader: ByteReader, _ raw: inout RawCheckpoint
    ) throws(CheckpointError) -> [Int: Source] {
        var machine = PickleMachine(reader)
        var sources: [Int: Source] = [:]
        for _ in 0..<(try count(&machine)) {
            let record = try machine.load()
            guard let items = machine.items(record).map(Array.init), items.count == 3,
                let key = machine.integer(items[0])
            else { throw CheckpointError(.corrupt, "its record of a storage is not understood") }
            guard case .global(.storageType(let dtype)) = machine.value(items[2]) else {
                throw CheckpointError(.unsupported, "has a storage of a type that is not known")
            }
            let count = try ByteCount(stated: machine.reader.number(Int64.self), "a storage's length")
            let byteCount = try count * ByteCount(dtype.itemSize)
            let place = RawCheckpoint.Storage.Place.file(offset: machine.reader.filePosition)
            try machine.reader.skip(byteCount.value)
            raw.storages.append(RawCheckpoint.Storage(place: place, byteCount: byteCount.value))
            sources[key] = Source(dtype: dtype, storage: raw.storages.count - 1, byteOffset: 0, count: count.value)
        }
        if machine.reader.remaining > 0 { try addViews(&machine, &sources) }
        return sources
    }

    /// A list of (key, key of the whole, offset, count).
    private static func addViews(
        _ machine: inout PickleMachine, _ sources: inout [Int: Source]
    ) throws(CheckpointError) {
        let list = try machine.load()
        guard let views = machine.items(list) else {
            throw CheckpointError(.corrupt, "its list of storage views is not a list")
        }
        for view in views {
            guard let items = machine.items(view), items.count == 4 else {
                throw CheckpointError(.corrupt, "its list of storage views is not understood")
            }
            let numbers = items.compactMap { machine.integer($0) }
            guard numbers.count == 4, var source = sources[numbers[1]] else {
                throw CheckpointError(.corrupt, "its list of storage views is not understood")
            }
            let offset = try ByteCount(stated: numbers[2], "a view's offset")
            let count = try ByteCount(stated: numbers[3], "a view's length")
            guard try offset + count <= ByteCount(source.count) else {
                throw CheckpointError(.corrupt, "a view reaches past the end of its storage")
            }
            source.byteOffset += offset.value * source.dtype.itemSize
            source.count = count.value
            sources[numbers[0]] = source
        }
    }

    private static func readTensors(
        _ reader: ByteReader, _ sources: [Int: Source]
    ) throws(CheckpointError) -> [Int: PickledTensor] {
        var machine = PickleMachine(reader)
        var tensors: [Int: PickledTensor] = [:]
        for _ in 0..<(try count(&machine)) {
            guard tensors.count < RawCheckpoint.entryLimit else {
                throw CheckpointError(.corrupt, "it has more than \(RawCheckpoint.entryLimit) tensors")
            }
            let record = try machine.load()
            guard let items = machine.items(record).map(Array.init), items.count == 3,
                let key = machine.integer(items[0]), let storageKey = machine.integer(items[1]),
                let source = sources[storageKey]
            else { throw CheckpointError(.corrupt, "its record of a tensor is not understood") }
            let rank = Int(try machine.reader.number(Int32.self))
            _ = try machine.reader.number(Int32.self)
            guard (0...Shape.maximumRank).contains(rank) else {
                throw CheckpointError(.unsupported, "has a tensor of \(rank) axes")
            }
            var numbers: [Int] = []
            for _ in 0..<2 * rank + 1 { numbers.append(Int(try machine.reader.number(Int64.self))) }
            let (shape, strides) = (Array(numbers[..<rank]), Array(numbers[rank..<2 * rank]))
            try RawCheckpoint.checkView(shape: shape, strides: strides, offset: numbers[2 * rank], in: source.count)
            tensors[key] = PickledTensor(
                dtype: source.dtype, shape: shape, strides: strides,
                byteOffset: source.byteOffset + numbers[2 * rank] * source.dtype.itemSize, storage: source.storage)
        }
        return tensors
    }

    private static func count(_ machine: inout PickleMachine) throws(CheckpointError) -> Int {
        let value = try machine.load()
        guard let count = machine.integer(value), count >= 0, count <= machine.reader.remaining else {
            throw CheckpointError(.corrupt, "its number of tensors is impossible")
        }
        return count
    }
}

/// The members of a tar file.
enum TarArchive {
    private static let memberLimit = 10_000

    /// The location of the contents of each regular file in the archive.
    static func members(_ file: ReadableFile) throws(CheckpointError) -> [String: Range<Int>] {
        var members: [String: Range<Int>] = [:]
        var position = 0
        while position + 512 <= file.byteCount {
            let block = try file.bytes(at: position, count: 512)
            if block.allSatisfy({ $0 == 0 }) { break }
            guard TarHeader.isHeader(block), let size = TarHeader.number(block[124..<136]) else {
                throw CheckpointError(.corrupt, "its tar archive is damaged at byte \(position)")
            }
            guard size <= file.byteCount - position - 512 else { throw .endsEarly(in: "a member of its tar archive") }
            let name = String(decoding: block[..<100].prefix { $0 != 0 }, as: UTF8.self)
            if block[156] == 0 || block[156] == UInt8(ascii: "0") {
                let range = position + 512..<position + 512 + size
                guard members.updateValue(range, forKey: name) == nil else {
                    throw CheckpointError(.corrupt, "its tar archive has \(printable(name)) twice")
                }
            }
            guard members.count <= memberLimit else {
                throw CheckpointError(.corrupt, "its tar archive has more than \(memberLimit) members")
            }
            let end = try ByteCount(position + 512 + size) + ByteCount(511)
            position = end.value / 512 * 512
        }
        return members
    }
}
