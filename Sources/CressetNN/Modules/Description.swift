import Cresset

extension Module {
    /// The tree as PyTorch prints it: one line per module, indented, with its details.
    ///
    /// ```
    /// Sequential(
    ///   (0): Linear(in_features=784, out_features=128, bias=True)
    ///   (1): ReLU()
    /// )
    /// ```
    /// The elements of an array are printed like those of a `ModuleList`: equal neighbours once, `(0-5): 6 x …`.
    public var description: String {
        var lines: [(name: String, text: String)] = []
        var lists: [String: [String]] = [:]
        for (name, part) in parts {
            guard case .module(let module) = part else { continue }
            guard !(self is any NamedParts), let dot = name.firstIndex(of: ".") else {
                lines.append((name, module.description))
                continue
            }
            let list = String(name[..<dot])
            if lists[list] == nil { lines.append((list, "")) }
            lists[list, default: []].append(module.description)
        }
        let children = lines.map { name, text in
            (name, lists[name].map { tree("ModuleList", collapsed($0)) } ?? text)
        }
        return children.isEmpty ? "\(Self.className)(\(details))" : tree(Self.className, children)
    }
}

/// The elements of a list, with equal neighbours merged.
private func collapsed(_ elements: [String]) -> [(name: String, text: String)] {
    var runs: [(first: Int, last: Int, text: String)] = []
    for (i, text) in elements.enumerated() {
        if runs.last?.text == text { runs[runs.count - 1].last = i } else { runs.append((i, i, text)) }
    }
    return runs.map { first, last, text in
        first == last ? ("\(first)", text) : ("\(first)-\(last)", "\(last - first + 1) x \(text)")
    }
}

private func tree(_ name: String, _ children: [(name: String, text: String)]) -> String {
    let lines = children.map { name, text in
        "  (\(name)): " + text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\n  ")
    }
    return "\(name)(\n" + lines.joined(separator: "\n") + "\n)"
}
