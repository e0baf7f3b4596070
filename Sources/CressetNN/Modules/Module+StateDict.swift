import Cresset

extension Module {
    /// Every parameter and buffer by its PyTorch name, in PyTorch's order. Shared tensors appear once per name.
    ///
    /// - Parameter sharedOnce: Whether such tensors appear only under their first name; ``load(_:isStrict:)`` accepts
    ///   both.
    public func stateDict(sharedOnce: Bool = false) -> StateDict {
        StateDict(entries(duplicates: !sharedOnce).map { name, part in (name: name, tensor: part.value) })
    }

    /// The state dict with other values for parameters, under all their names.
    package func stateDict(replacing values: [ObjectIdentifier: Tensor]) -> StateDict {
        StateDict(
            entries(duplicates: true).map { name, part in (name: name, tensor: values[part.identity] ?? part.value) })
    }

    /// Writes every parameter and buffer to a file, whole or not at all: as PyTorch's where its name ends in `.pth` or `.pt`,
    /// as safetensors otherwise.
    ///
    /// Tensors that modules share are written once: safetensors keep their first name, PyTorch's files all of them.
    ///
    /// - Parameters:
    ///   - path: The path of the file; its extension selects the format.
    ///   - metadata: Texts by name, only for safetensors.
    /// - Throws: `CheckpointError` when the file cannot be written; a file that was there is then unharmed.
    public func save(to path: some PathConvertible, metadata: [String: String] = [:]) throws(CheckpointError) {
        let state = stateDict(sharedOnce: !Checkpoint.isPyTorchName(path))
        try Checkpoint.save(state, to: path, metadata: metadata)
    }

    /// Loads the values of `state`, converted to each entry's own dtype, on each entry's own device.
    ///
    /// Nothing changes unless all of it fits. Counters (`num_batches_tracked`) that old files lack are left as they
    /// are; the prefixes of wrappers (`module.`) are dropped. A shared tensor may be given under any of its names.
    ///
    /// - Parameters:
    ///   - state: The tensors by name.
    ///   - isStrict: Whether missing and unexpected entries are errors; differing shapes always are.
    /// - Throws: `StateDict.Mismatch`, a table of all that differs.
    public func load(_ state: StateDict, isStrict: Bool = true) throws(StateDict.Mismatch) {
        let fitted = try fitted(state, isStrict: isStrict)
        for (name, part) in entries(duplicates: true) {
            guard let tensor = fitted[name] else { continue }
            switch part {
            case .parameter(let parameter): parameter.value = tensor.to(parameter.device).to(parameter.dtype)
            case .buffer(let buffer): buffer.value = tensor.to(buffer.device).to(buffer.dtype)
            case .module: break
            }
        }
    }

    /// `state` under the names of this model, with shared tensors under all of theirs.
    package func fitted(_ state: StateDict, isStrict: Bool = true) throws(StateDict.Mismatch) -> StateDict {
        let own = stateDict()
        return try completed(state.strippingWrapperPrefixes(for: own)).fitted(to: own, isStrict: isStrict)
    }

    /// `state` with the values of shared tensors under all the names they have here.
    private func completed(_ state: StateDict) -> StateDict {
        let entries = entries(duplicates: true)
        let aliases = Dictionary(grouping: entries, by: { $0.part.identity }).values.filter { $0.count > 1 }
        var state = state
        for names in aliases.map({ $0.map(\.name) }) {
            guard let value = names.lazy.compactMap({ state[$0] }).first else { continue }
            for name in names where state[name] == nil { state[name] = value }
        }
        return state
    }
}

extension StateDict {
    /// ``fitted(to:)``, or only the common entries if not strict.
    fileprivate func fitted(to model: StateDict, isStrict: Bool) throws(Mismatch) -> StateDict {
        if isStrict { return try fitted(to: model) }
        let file = strippingWrapperPrefixes(for: model)
        let common = StateDict(file.filter { model[$0.name] != nil })
        return try common.fitted(to: StateDict(model.filter { file[$0.name] != nil }))
    }
}

extension Part {
    fileprivate var identity: ObjectIdentifier {
        switch self {
        case .parameter(let parameter): ObjectIdentifier(parameter)
        case .buffer(let buffer): ObjectIdentifier(buffer)
        case .module(let module): ObjectIdentifier(module)
        }
    }

    var value: Tensor {
        switch self {
        case .parameter(let parameter): withoutGradients { parameter.value }
        case .buffer(let buffer): buffer.value
        case .module: fatalError("a module is not a tensor")
        }
    }
}
