import Cresset

extension StateDict {
    /// The same tensors under the names that DenseNet's layers have today.
    ///
    /// The published files date from 2017, when a layer's parts were called `denselayer1.norm.1.weight`; since then,
    /// names within a model contain no dots, and that entry is `denselayer1.norm1.weight`. Other names are unchanged.
    public func renamingDenseNetKeys() -> StateDict {
        renamed { name in
            var parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
            guard parts.count >= 4 else { return name }
            let layer = parts.count - 4
            guard isDenseLayer(parts[layer]), ["norm", "relu", "conv"].contains(parts[layer + 1]),
                ["1", "2"].contains(parts[layer + 2]),
                ["weight", "bias", "running_mean", "running_var"].contains(parts[layer + 3])
            else { return name }
            parts[layer + 1] += parts.remove(at: layer + 2)
            return parts.joined(separator: ".")
        }
    }
}

private func isDenseLayer(_ part: String) -> Bool {
    guard part.hasPrefix("denselayer") else { return false }
    let number = part.dropFirst("denselayer".count)
    return !number.isEmpty && number.allSatisfy { $0.isASCII && $0.isNumber }
}
