import CressetBackend

/// Creates tensors from the entries of a checked ``RawCheckpoint``.
struct TensorAssembly {
    private let raw: RawCheckpoint
    private let file: ReadableFile
    /// For messages: the first entry that uses each storage.
    private var owners: [Int: String] = [:]
    private var uses: [Int: Int] = [:]

    init(_ raw: RawCheckpoint, _ file: ReadableFile) {
        self.raw = raw
        self.file = file
        for entry in raw.entries {
            if owners[entry.storage] == nil { owners[entry.storage] = entry.name }
            uses[entry.storage, default: 0] += 1
        }
    }

    /// What identifies entries that are the same tensor.
    private struct View: Hashable {
        var storage: Int
        var dtype: DType
        var byteOffset: Int
        var shape: [Int]
        var strides: [Int]
        var isNegated: Bool
    }

    /// The tensors by their names, in the order of the entries.
    func state() throws(CheckpointError) -> StateDict {
        StateDict(zip(raw.entries, try tensors()).map { (name: $0.name, tensor: $1) })
    }

    /// The tensors, one for each entry.
    func tensors() throws(CheckpointError) -> [Tensor] {
        var tensors = [Tensor?](repeating: nil, count: raw.entries.count)
        var known: [View: Tensor] = [:]
        var shared: (storage: Int, bytes: StorageBytes)?
        var budget = try expansionBudget()
        // By storage, so that a shared one is read once, whatever the order of its entries.
        for i in raw.entries.indices.sorted(by: { (raw.entries[$0].storage, $0) < (raw.entries[$1].storage, $1) }) {
            let entry = raw.entries[i]
            let view = View(
                storage: entry.storage, dtype: entry.dtype, byteOffset: entry.byteOffset, shape: entry.shape,
                strides: entry.strides, isNegated: entry.isNegated)
            if let tensor = known[view] {
                tensors[i] = tensor
                continue
            }
            let byteCount = try byteCount(of: entry)
            guard byteCount <= budget else { throw overlap(entry, byteCount) }
            budget -= byteCount
            if coversStorage(entry, byteCount) {
                tensors[i] = try tensor(entry)
                continue
            }
            if shared?.storage != entry.storage {
                shared = nil
                shared = (entry.storage, try storageBytes(entry.storage))
            }
            tensors[i] = try tensor(entry, in: shared!.bytes)
            known[view] = tensors[i]
        }
        return tensors.map { $0! }
    }

    /// Views may share bytes, but not so much that a small file fills the memory.
    private func expansionBudget() throws(CheckpointError) -> Int {
        var total = ByteCount(0)
        for storage in uses.keys { total = try total + ByteCount(raw.storages[storage].byteCount) }
        return try (total * ByteCount(4) + ByteCount(64 << 20)).value
    }

    private func byteCount(of entry: RawCheckpoint.Entry) throws(CheckpointError) -> Int {
        let elements = try ByteCount.product(entry.shape, "a tensor's length")
        return try (elements * ByteCount(entry.dtype.itemSize)).value
    }

    /// The error for `entry`, whose view exceeds the budget.
    private func overlap(_ entry: RawCheckpoint.Entry, _ byteCount: Int) -> CheckpointError {
        let stored = raw.storages[entry.storage].byteCount
        let problem =
            byteCount > stored
            ? "entry \(printable(entry.name)) of shape \(entry.shape) repeats its \(stored) stored bytes to \(byteCount),"
                + " more than is read from a file of this size"
            : "its tensors overlap so much that they need many times the file's size"
        return CheckpointError(
            .unsupported, problem, hint: "in PyTorch, save tensor.clone() for each of its tensors")
    }

    private func coversStorage(_ entry: RawCheckpoint.Entry, _ byteCount: Int) -> Bool {
        entry.byteOffset == 0 && byteCount == raw.storages[entry.storage].byteCount
            && isRowMajor(entry) && uses[entry.storage] == 1
    }

    private func isRowMajor(_ entry: RawCheckpoint.Entry) -> Bool {
        // The stride of an axis of length one is meaningless.
        zip(entry.shape, zip(entry.strides, RawCheckpoint.rowMajorStrides(entry.shape))).allSatisfy {
            $0 <= 1 || $1.0 == $1.1
        }
    }

    /// A tensor that is a storage of its own (`shared` is nil), or part of the bytes of one.
    private func tensor(
        _ entry: RawCheckpoint.Entry, in shared: StorageBytes? = nil
    ) throws(CheckpointError) -> Tensor {
        if shared == nil { try verifyBeforeAllocating(entry.storage) }
        var failure: CheckpointError?
        let tensor = Tensor(dtype: entry.dtype, shape: Shape(entry.shape), device: .cpu) { buffer in
            do throws(CheckpointError) {
                if let shared {
                    gather(entry, from: shared.bytes, into: buffer)
                } else {
                    try read(entry.storage, into: buffer)
                }
                if raw.isBigEndian { swapBytes(buffer, entry.dtype.itemSize) }
                if entry.isNegated { negate(buffer, entry.dtype) }
                // Any other byte would be a Bool that is neither true nor false.
                if entry.dtype == .bool { for i in buffer.indices where buffer[i] != 0 { buffer[i] = 1 } }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return tensor
    }

    private func verifyBeforeAllocating(_ index: Int) throws(CheckpointError) {
        guard case .member(let member) = raw.storages[index].place else { return }
        try raw.archive!.verifyBeforeAllocating(member)
    }

    /// Fills `buffer` with all the bytes of a storage.
    private func read(_ index: Int, into buffer: UnsafeMutableRawBufferPointer) throws(CheckpointError) {
        switch raw.storages[index].place {
        case .file(let offset): try file.read(into: buffer, at: offset)
        case .member(let member):
            do throws(CheckpointError) {
                try raw.archive!.read(member, into: buffer)
            } catch {
                guard error.kind == .corrupt, let owner = owners[index] else { throw error }
                throw CheckpointError(.corrupt, "\(error.problem) (entry \(printable(owner)))", hint: error.hint)
            }
        }
    }

    private func storageBytes(_ index: Int) throws(CheckpointError) -> StorageBytes {
        try verifyBeforeAllocating(index)
        let storage = StorageBytes(count: raw.storages[index].byteCount)
        try read(index, into: storage.bytes)
        return storage
    }

    /// Copies a strided view, which ``RawCheckpoint/checkView(shape:strides:offset:in:)`` has accepted, in row-major
    /// order.
    private func gather(
        _ entry: RawCheckpoint.Entry, from source: UnsafeMutableRawBufferPointer,
        into buffer: UnsafeMutableRawBufferPointer
    ) {
        guard !buffer.isEmpty, let from = source.baseAddress, let to = buffer.baseAddress else { return }
        let itemSize = entry.dtype.itemSize
        if isRowMajor(entry) {
            to.copyMemory(from: from + entry.byteOffset, byteCount: buffer.count)
            return
        }
        var index = [Int](repeating: 0, count: entry.shape.count)
        var offset = entry.byteOffset
        for position in stride(from: 0, to: buffer.count, by: itemSize) {
            (to + position).copyMemory(from: from + offset, byteCount: itemSize)
            for axis in entry.shape.indices.reversed() {
                index[axis] += 1
                offset += entry.strides[axis] * itemSize
                if index[axis] < entry.shape[axis] { break }
                offset -= entry.strides[axis] * itemSize * index[axis]
                index[axis] = 0
            }
        }
    }

    /// Reverses the sign of each element: the highest bit of floating-point numbers, two's complement for integers.
    private func negate(_ buffer: UnsafeMutableRawBufferPointer, _ dtype: DType) {
        let itemSize = dtype.itemSize
        for start in stride(from: 0, to: buffer.count, by: itemSize) {
            if dtype.isFloatingPoint {
                buffer[start + itemSize - 1] ^= 0x80
                continue
            }
            var carry = true
            for i in start..<start + itemSize {
                buffer[i] = ~buffer[i] &+ (carry ? 1 : 0)
                carry = carry && buffer[i] == 0
            }
        }
    }

    private func swapBytes(_ buffer: UnsafeMutableRawBufferPointer, _ itemSize: Int) {
        guard itemSize > 1 else { return }
        for start in stride(from: 0, to: buffer.count, by: itemSize) {
            for i in 0..<itemSize / 2 { buffer.swapAt(start + i, start + itemSize - 1 - i) }
        }
    }
}

/// The bytes of one storage, while tensors are being copied out of it.
private final class StorageBytes {
    let bytes: UnsafeMutableRawBufferPointer

    init(count: Int) {
        bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 64)
    }

    deinit { bytes.deallocate() }
}
