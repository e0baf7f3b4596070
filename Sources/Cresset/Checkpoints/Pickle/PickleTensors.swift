import CressetBackend

extension PickleMachine {
    // MARK: - Persistent objects

    mutating func pushPersistent(_ identifier: Reference) throws(CheckpointError) {
        switch persistent {
        case .none:
            throw CheckpointError(.corrupt, "its pickle refers to an external object that does not exist")
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
            let key = shortString(items[2]) ?? integer(items[2]).map(String.init), key.utf8.count <= 128,
            let count = integer(items[4])
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
        // PyTorch, too, treats a storage without a type as bytes.
        case .global(.untypedStorage): return storage(.uint8, "untyped", 1)
        case .global(.foreignType(let name, let size)): return storage(nil, names[Int(name)], Int(size))
        case .global(.opaque(let name)):
            throw CheckpointError(.unsupported, "it has a storage of unknown type \(printable(names[Int(name)]))")
        default: throw CheckpointError(.corrupt, "its pickle has a storage of no type")
        }
    }

    // MARK: - Tensors

    /// A tensor that cannot be read because of `fault`.
    mutating func unreadable(_ fault: TensorFault) throws(CheckpointError) -> PickleValue {
        if let index = faultIndices[fault] { return .unreadableTensor(index) }
        guard faults.count < Self.faultLimit else { throw fault.error(for: "among many") }
        let index = UInt32(faults.count)
        faults.append(fault)
        faultIndices[fault] = index
        return .unreadableTensor(index)
    }

    /// `_rebuild_tensor(storage, offset, size, stride)`;
    /// `_rebuild_tensor_v2(…, requires_grad, hooks[, metadata])`;
    /// `_rebuild_tensor_v3(…, requires_grad, hooks, dtype[, metadata])`.
    mutating func rebuildTensor(
        by global: PickleGlobal, _ arguments: [Reference]
    ) throws(CheckpointError) -> PickleValue {
        let (counts, typePosition): (ClosedRange<Int>, Int?) =
            switch global {
            case .rebuildTensor: (4...4, nil)
            case .rebuildTensorV2: (6...7, nil)
            default: (7...8, 6)
            }
        guard counts.contains(arguments.count), case .storage(let index) = value(arguments[0]) else {
            throw CheckpointError(.corrupt, "its pickle makes a tensor of other arguments than PyTorch does")
        }
        let named = typePosition.map { arguments[$0] }
        do throws(TensorFault) {
            let dtype = try dtype(named, storages[Int(index)])
            let isMarked = arguments.count == counts.upperBound && counts.count > 1
            let isNegated = isMarked ? try hasNegationBit(arguments.last!, dtype) : false
            return try makeTensor(dtype, Int(index), arguments, isNegated)
        } catch {
            return try unreadable(error)
        }
    }

    /// The element type of a tensor: the one that is named, or else its storage's.
    private func dtype(_ named: Reference?, _ storage: PickledStorage) throws(TensorFault) -> DType {
        guard let named else {
            guard let dtype = storage.dtype else { throw .dtype(storage.typeName) }
            return dtype
        }
        switch value(named) {
        case .global(.dtype(let dtype)): return dtype
        case .global(.foreignType(let name, _)): throw .dtype(names[Int(name)])
        default: throw TensorFault(.corrupt, "it is of no dtype")
        }
    }

    /// Whether the metadata of a tensor sets PyTorch's negation bit.
    ///
    /// Every flag there changes what the stored numbers mean, so an unknown one is a fault.
    private func hasNegationBit(_ metadata: Reference, _ dtype: DType) throws(TensorFault) -> Bool {
        if case .none = value(metadata) { return false }
        guard case .dictionary(let index) = value(metadata), dictionaries[Int(index)].count <= 16 else {
            throw TensorFault(.corrupt, "its metadata is not a small dictionary")
        }
        for pair in dictionaries[Int(index)] {
            let mark = shortString(pair.key) ?? "that is not a string"
            guard mark == "neg", dtype != .bool else {
                throw TensorFault(
                    .unsupported, "the mark \(printable(mark)) is not supported for \(dtype.name)",
                    hint: "in PyTorch, save tensor.resolve_neg().resolve_conj().clone()")
            }
        }
        // As in PyTorch, the name alone sets the bit.
        return !dictionaries[Int(index)].isEmpty
    }

    /// `_rebuild_from_type_v2(function, type, arguments, state)`: a tensor with attributes, or of a subclass.
    mutating func rebuildFromType(_ arguments: [Reference]) throws(CheckpointError) -> PickleValue {
        guard arguments.count == 4, let inner = items(arguments[2]), inner.count <= 64 else {
            throw CheckpointError(.corrupt, "its pickle makes a tensor of other arguments than PyTorch does")
        }
        switch value(arguments[1]) {
        case .global(.tensorType), .global(.parameterType): break
        case .global(.opaque(let name)), .opaque(let name): return try unreadable(.subclass(names[Int(name)]))
        default: return try unreadable(.subclass("unknown"))
        }
        guard case .global(let function) = value(arguments[0]) else {
            throw CheckpointError(.corrupt, "its pickle calls what cannot be called")
        }
        switch function {
        // Only these, so that a value cannot lead back to itself.
        case .rebuildTensor, .rebuildTensorV2, .rebuildTensorV3: return try rebuildTensor(by: function, Array(inner))
        case .rebuildDeviceTensor: return try rebuildDeviceTensor(Array(inner))
        case .rebuildForeign(let kind): return try unreadable(.rebuilt(by: names[Int(kind)]))
        case .opaque(let name): return try unreadable(.subclass(names[Int(name)]))
        default: return try unreadable(.subclass("unknown"))
        }
    }

    /// `_rebuild_device_tensor_from_cpu_tensor(tensor, dtype, device, requires_grad)`.
    mutating func rebuildDeviceTensor(_ arguments: [Reference]) throws(CheckpointError) -> PickleValue {
        guard arguments.count == 4 else {
            throw CheckpointError(.corrupt, "its pickle makes a tensor of other arguments than PyTorch does")
        }
        switch (value(arguments[0]), value(arguments[1])) {
        case (.tensor(let index), .global(.dtype(let dtype))) where dtype == tensors[Int(index)].dtype:
            return .tensor(index)
        case (.unreadableTensor(let fault), _): return .unreadableTensor(fault)
        default: return try unreadable(.rebuilt(by: "device_tensor_from_cpu_tensor"))
        }
    }

    private mutating func makeTensor(
        _ dtype: DType, _ index: Int, _ arguments: [Reference], _ isNegated: Bool
    ) throws(TensorFault) -> PickleValue {
        let storage = storages[index]
        guard let offset = integer(arguments[1]), let shape = integers(arguments[2]),
            let strides = integers(arguments[3])
        else { throw TensorFault(.corrupt, "its shape is not a tuple of integers") }
        let itemSize = dtype.itemSize
        do throws(CheckpointError) {
            try RawCheckpoint.checkView(
                shape: shape, strides: strides, offset: offset, in: storage.viewByteCount / itemSize)
            let start = try ByteCount(offset) * ByteCount(itemSize) + ByteCount(storage.viewOffset)
            return try add(
                PickledTensor(
                    dtype: dtype, shape: shape, strides: strides, byteOffset: start.value, storage: index,
                    isNegated: isNegated))
        } catch {
            throw TensorFault(error.kind, error.problem, hint: error.hint)
        }
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
