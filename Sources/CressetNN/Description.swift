import Cresset

extension Module {
    /// The tree as PyTorch prints it: a line a module, indented, with its details.
    ///
    /// ```
    /// Sequential(
    ///   (0): Linear(in_features=784, out_features=128, bias=True)
    ///   (1): ReLU()
    /// )
    /// ```
    public var description: String {
        let name = Self.className
        let children = parts.compactMap { name, part -> (String, any Module)? in
            if case .module(let module) = part { (name, module) } else { nil }
        }
        if children.isEmpty { return "\(name)(\(details))" }
        let lines = children.map { name, module in
            "(\(name)): "
                + module.description.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\n  ")
        }
        return "\(name)(\n  " + lines.joined(separator: "\n  ") + "\n)"
    }
}
