import Cresset

extension PretrainedWeights {
    /// The torchvision network to which the weights in `state` seem to belong, whatever its entries are called and
    /// however many classes it has; nil if it is none of them.
    ///
    /// It is recognised by the number of parameters, which differs between all the networks.
    public static func network(of state: StateDict) -> String? {
        // Entries that are not parameters, and GoogLeNet's training heads, which torchvision does not count.
        let buffers: Set<Substring> = [
            "running_mean", "running_var", "num_batches_tracked", "relative_position_index", "relative_coords_table",
        ]
        let parameters = state.filter { name, _ in
            !buffers.contains(name.split(separator: ".").last ?? "") && !name.hasPrefix("aux1.")
                && !name.hasPrefix("aux2.")
        }
        guard let head = parameters.last(where: { $0.tensor.shape.count >= 2 }), head.name.hasSuffix("weight"),
            let classes = head.tensor.shape.first
        else { return nil }
        let bias = String(head.name.dropLast("weight".count)) + "bias"
        let headCount = head.tensor.elementCount + (state[bias]?.elementCount ?? 0)
        guard classes > 0, headCount.isMultiple(of: classes) else { return nil }
        let total = parameters.reduce(0) { $0 + $1.tensor.elementCount }
        // As many as there would be for ImageNet's classes.
        let count = total - headCount + headCount / classes * 1000
        return all.first { $0.parameterCount == count }?.model
    }
}
