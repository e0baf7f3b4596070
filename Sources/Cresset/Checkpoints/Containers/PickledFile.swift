/// The contents of a `torch.save` container: a pickled value, and the bytes that its tensors refer to.
struct PickledFile {
    let machine: PickleMachine
    /// The value that was saved.
    let root: PickleValue.Reference
    /// For each storage of the machine, its index among those of `raw`.
    let storageIndices: [Int]
    /// Storages without entries yet.
    let raw: RawCheckpoint

    /// Reads a file in the given container format; nil for safetensors, which contain no pickle.
    init?(_ file: ReadableFile, _ container: Checkpoint.Container) throws(CheckpointError) {
        switch container {
        case .safetensors: return nil
        case .zip: self = try ZipContainer.read(file)
        case .legacy: self = try LegacyContainer.read(file)
        case .tar: self = try TarContainer.read(file)
        }
    }

    init(_ machine: PickleMachine, root: PickleValue.Reference, _ raw: RawCheckpoint, storageIndices: [Int]) {
        self.machine = machine
        self.root = root
        self.raw = raw
        self.storageIndices = storageIndices
    }

    /// The entries of the state dict in the value.
    func stateDict() throws(CheckpointError) -> RawCheckpoint {
        var raw = raw
        var selection = StateSelection(machine, storageIndices: storageIndices)
        try selection.fill(&raw, from: root)
        return raw
    }

    /// Every tensor that the pickle describes, in the machine's order, each named after its key if it has one.
    func allTensors() -> RawCheckpoint {
        var names: [UInt32: String] = [:]
        for pairs in machine.dictionaries {
            for pair in pairs {
                if case .tensor(let index) = machine.value(pair.value) { names[index] = machine.shortString(pair.key) }
            }
        }
        var raw = raw
        for (i, tensor) in machine.tensors.enumerated() {
            raw.entries.append(
                RawCheckpoint.Entry(
                    name: names[UInt32(i)] ?? "tensor \(i)", dtype: tensor.dtype, shape: tensor.shape,
                    strides: tensor.strides, byteOffset: tensor.byteOffset, storage: storageIndices[tensor.storage],
                    isNegated: tensor.isNegated))
        }
        return raw
    }
}
