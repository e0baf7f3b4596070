import Cresset

/// How timm calls the entries of a family's state dict, where torchvision has other names for the same numbers.
package enum HubNaming: String, Sendable, CaseIterable {
    case same
    case vgg
    case regnet

    /// `state` under torchvision's names, with torchvision's shapes.
    ///
    /// VGG's linear layers are convolutions there, whose numbers are in the same order.
    package func renamed(_ state: StateDict) -> StateDict {
        switch self {
        case .same: return state
        case .vgg:
            return StateDict(
                state.map { name, tensor in
                    let own = Self.vgg(name)
                    let isLinear = own != name && tensor.shape.count == 4
                    return (
                        own,
                        isLinear ? tensor.reshaped([tensor.shape[0], tensor.shape.dropFirst().reduce(1, *)]) : tensor
                    )
                })
        case .regnet: return state.renamed(Self.regnet)
        }
    }

    private static func vgg(_ name: String) -> String {
        for (theirs, ours) in [
            ("pre_logits.fc1", "classifier.0"), ("pre_logits.fc2", "classifier.3"), ("head.fc", "classifier.6"),
        ]
        where name.hasPrefix(theirs + ".") {
            return ours + name.dropFirst(theirs.count)
        }
        return name
    }

    /// `s2.b3.conv1.bn.weight` is `trunk_output.block2.block2-2.f.a.1.weight`.
    private static func regnet(_ name: String) -> String {
        var parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        // A convolution and its normalisation are the first and second of a sequence.
        func position(_ part: String) -> String? { ["conv": "0", "bn": "1"][part] }
        if parts.count == 3, parts[0] == "stem", let position = position(parts[1]) {
            return "stem.\(position).\(parts[2])"
        }
        if name.hasPrefix("head.fc.") { return String(name.dropFirst("head.".count)) }
        guard parts.count >= 5, let stage = number(parts[0], after: "s"), let block = number(parts[1], after: "b")
        else {
            return name
        }
        let own = "trunk_output.block\(stage).block\(stage)-\(block - 1)."
        if parts[2] == "se" { return own + "f." + parts[2...].joined(separator: ".") }
        let sequences = ["conv1": "f.a", "conv2": "f.b", "conv3": "f.c", "downsample": "proj"]
        guard let sequence = sequences[parts[2]], let position = position(parts[3]) else { return name }
        parts.removeFirst(4)
        return own + "\(sequence).\(position)." + parts.joined(separator: ".")
    }

    private static func number(_ text: String, after letter: Character) -> Int? {
        text.first == letter ? Int(text.dropFirst()).flatMap { $0 > 0 ? $0 : nil } : nil
    }
}
