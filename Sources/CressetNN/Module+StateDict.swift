import Cresset

extension Module {
    /// Every parameter and buffer by its PyTorch name, in PyTorch's order. Tensors that modules share appear once a name.
    public func stateDict() -> StateDict {
        StateDict(entries(duplicates: true).map { name, part in (name: name, tensor: part.value) })
    }

    /// Takes over the values of `state`, converted to each entry's own dtype.
    ///
    /// Nothing changes unless all of it fits. Counters (`num_batches_tracked`) that old files lack are left as they are;
    /// the prefixes of wrappers (`module.`) are dropped.
    /// - Parameter isStrict: Whether missing and unexpected entries are errors; shapes that differ always are.
    /// - Throws: `StateDict.Mismatch`, a table of all that differs.
    public func load(_ state: StateDict, isStrict: Bool = true) throws(StateDict.Mismatch) {
        let own = stateDict()
        let fitted = try state.fitted(to: own, isStrict: isStrict)
        for (name, part) in entries(duplicates: true) {
            guard let tensor = fitted[name] else { continue }
            switch part {
            case .parameter(let parameter): parameter.value = tensor.to(parameter.dtype)
            case .buffer(let buffer): buffer.value = tensor.to(buffer.dtype)
            case .module: break
            }
        }
    }
}

extension StateDict {
    /// ``fitted(to:)``, or only what both have where not strict.
    fileprivate func fitted(to model: StateDict, isStrict: Bool) throws(Mismatch) -> StateDict {
        if isStrict { return try fitted(to: model) }
        let file = strippingWrapperPrefixes(for: model)
        let common = StateDict(file.filter { model[$0.name] != nil })
        return try common.fitted(to: StateDict(model.filter { file[$0.name] != nil }))
    }
}

extension Part {
    var value: Tensor {
        switch self {
        case .parameter(let parameter): withoutGradients { parameter.value }
        case .buffer(let buffer): buffer.value
        case .module: fatalError("a module is no tensor")
        }
    }
}
