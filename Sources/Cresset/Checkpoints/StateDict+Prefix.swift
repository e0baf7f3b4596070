extension StateDict {
    /// The prefixes that wrappers put before every name: data parallel (`module.`) and compiled (`_orig_mod.`) models,
    /// Lightning, and training scripts that keep the network as an attribute.
    private static let wrapperPrefixes = [
        "module.", "_orig_mod.", "model.", "net.", "network.", "backbone.", "timm_model.",
    ]
    /// The counter of `torch.optim.swa_utils.AveragedModel`, which is stored next to the wrapped names.
    private static let averageCounter = "n_averaged"

    /// The prefix that wrappers have put before every name, such as `module.` or `model.net.`; empty if there is none.
    ///
    /// Names are left unchanged if `model` itself has such names.
    public func wrapperPrefix(for model: StateDict) -> String {
        var names = keys.filter { $0 != StateDict.averageCounter || model[$0] != nil }.map { $0[...] }
        var found = ""
        while let prefix = StateDict.wrapperPrefixes.first(where: { prefix in
            !names.isEmpty && names.allSatisfy { $0.hasPrefix(prefix) && $0 != prefix }
                && !model.keys.contains { $0.hasPrefix(prefix) }
        }) {
            found += prefix
            names = names.map { $0.dropFirst(prefix.count) }
        }
        return found
    }

    /// The same entries without the prefix that wrappers have put before every name; see ``wrapperPrefix(for:)``.
    ///
    /// - Parameter model: The entries of the model that they are to fit.
    public func strippingWrapperPrefixes(for model: StateDict) -> StateDict {
        let prefix = wrapperPrefix(for: model)
        if prefix.isEmpty { return self }
        return renamed { $0 == StateDict.averageCounter ? nil : String($0.dropFirst(prefix.count)) }
    }
}
