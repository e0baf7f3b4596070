import CressetBackend

extension PickleMachine {
    // MARK: - Persistent objects

    mutating func pushPersistent(_ identifier: Reference) throws(CheckpointError) {
        switch persistent {
        case .none:
            throw CheckpointError(.corrupt, "its pickle refers to an object outside it, where there is none")
        case .storages:
            try pushStorage(identifier)
        case .tensors(let known):
            if let items = items(identifier), let first = items.first {
                // (class, file name, source): a pickled module.
                try push(first)
                return
            }
            let key = integer(identifier) ?? shortString(identifier).flatMap { Int($0) }
            guard let key, let tensor = known[key] else {
                throw CheckpointError(.corrupt, "its pickle names a tensor that is not in the file")
            }
            try push(add(tensor))
        }
    }

    /// `('storage', type, key, location, count[, view])` or `('module', class, file, source)`.
    private mutating func pushStorage(_ identifier: Reference) throws(CheckpointError) {
        guard let slice = items(identifier), (2...6).contains(slice.count), let kind = shortString(slice.first!) else {
            throw CheckpointError(.corrupt, "its pickle has a persistent identifier that is not understood")
        }
        let items = Array(slice)
        if kind == "module" {
            try push(items[1])
            return
        }
        guard kind == "storage", items.count == 5 || items.count == 6,
            let key = shortString(items[2]) ?? integer(items[2]).map(String.init), let count = integer(items[4])
        else {
            throw CheckpointError(.corrupt, "its pickle has a persistent identifier that is not understood")
        }
        var storage = try storageType(items[1])
        storage.key = key
        let itemSize = ByteCount(storage.itemSize)
        storage.byteCount = try (ByteCount(stated: count, "a storage's length") * itemSize).value
        storage.viewByteCount = storage.byteCount
        if items.count == 6, let slice = self.items(items[5]) {
            let view = Array(slice.prefix(4))
            guard view.count == 3, let offset = integer(view[1]), let length = integer(view[2]) else {
                throw CheckpointError(.corrupt, "its pickle has a storage view that is not understood")
            }
            let start = try ByteCount(stated: offset, "a view's offset") * itemSize
            let bytes = try ByteCount(stated: length, "a view's length") * itemSize
            guard try start + bytes <= ByteCount(storage.byteCount) else {
                throw CheckpointError(.corrupt, "a view reaches past the end of storage \(printable(key))")
            }
            storage.viewOffset = start.value
            storage.viewByteCount = bytes.value
        }
        try push(.storage(add(storage)))
    }

    private mutating func add(_ storage: PickledStorage) throws(CheckpointError) -> UInt32 {
        let signature =
            "\(storage.key)/\(storage.typeName)/\(storage.byteCount)/\(storage.viewOffset)"
            + "/\(storage.viewByteCount)"
        if let index = storageIndices[signature] { return UInt32(index) }
        storages.append(storage)
        storageIndices[signature] = storages.count - 1
        return UInt32(storages.count - 1)
    }

    private func storageType(_ reference: Reference) throws(CheckpointError) -> PickledStorage {
        func storage(_ dtype: DType?, _ name: String, _ itemSize: Int) -> PickledStorage {
            PickledStorage(
                key: "", dtype: dtype, typeName: name, itemSize: itemSize, byteCount: 0, viewByteCount: 0)
        }
        switch value(reference) {
        case .global(.storageType(let dtype)), .global(.dtype(let dtype)):
            return storage(dtype, dtype.name, dtype.itemSize)
        case .global(.untypedStorage): return storage(nil, "untyped", 1)
        case .global(.foreignType(let name, let size)): return storage(nil, names[Int(name)], Int(size))
        case .global(.opaque(let name)):
            throw CheckpointError(.unsupported, "it has a storage of unknown type \(printable(names[Int(name)]))")
        default: throw CheckpointError(.corrupt, "its pickle has a storage of no type")
        }
    }

    // MARK: - Tensors

    /// `_rebuild_tensor[_v2](storage, offset, size, stride, …)`.
    mutating func rebuildTensor(_ arguments: [Reference]) throws(CheckpointError) -> PickleValue {
        guard arguments.count >= 4, case .storage(let index) = value(arguments[0]) else {
            throw CheckpointError(.corrupt, "its pickle makes a tensor without a storage")
        }
        let storage = storages[Int(index)]
        guard let dtype = storage.dtype else { return .unreadableTensor(intern(storage.typeName)) }
        return try makeTensor(dtype, Int(index), arguments)
    }

    /// `_rebuild_tensor_v3(storage, offset, size, stride, requires_grad, hooks, dtype, …)`.
    mutating func rebuildTensorV3(_ arguments: [Reference]) throws(CheckpointError) -> PickleValue {
        guard arguments.count >= 7, case .storage(let index) = value(arguments[0]) else {
            throw CheckpointError(.corrupt, "its pickle makes a tensor without a storage")
        }
        switch value(arguments[6]) {
        case .global(.dtype(let dtype)): return try makeTensor(dtype, Int(index), arguments)
        case .global(.foreignType(let name, _)): return .unreadableTensor(name)
        default: throw CheckpointError(.corrupt, "its pickle makes a tensor of no dtype")
        }
    }

    private mutating func makeTensor(
        _ dtype: DType, _ index: Int, _ arguments: [Reference]
    ) throws(CheckpointError) -> PickleValue {
        let storage = storages[index]
        guard let offset = integer(arguments[1]), let shape = integers(arguments[2]),
            let strides = integers(arguments[3])
        else {
            throw CheckpointError(.corrupt, "its pickle makes a tensor whose shape is not a tuple of integers")
        }
        let itemSize = dtype.itemSize
        try RawCheckpoint.checkView(
            shape: shape, strides: strides, offset: offset, in: storage.viewByteCount / itemSize)
        let start = try ByteCount(offset) * ByteCount(itemSize) + ByteCount(storage.viewOffset)
        return try add(
            PickledTensor(dtype: dtype, shape: shape, strides: strides, byteOffset: start.value, storage: index))
    }

    private mutating func add(_ tensor: PickledTensor) throws(CheckpointError) -> PickleValue {
        guard tensors.count < Self.tensorLimit else {
            throw CheckpointError(.corrupt, "its pickle has more than \(Self.tensorLimit) tensors")
        }
        tensors.append(tensor)
        return .tensor(UInt32(tensors.count - 1))
    }

    private func integers(_ reference: Reference) -> [Int]? {
        guard let items = items(reference), items.count <= 64 else { return nil }
        var result: [Int] = []
        for item in items {
            guard let number = integer(item) else { return nil }
            result.append(number)
        }
        return result
    }
}
