import CressetNN
import CressetOptim

/// Learning rates by depth: each layer has a share of the rate of the layer after it, the head has all of it.
///
/// A layer is a block of the network, such as a residual block or a convolution with its normalisation; for networks
/// that name no blocks, a stage.
package struct LayerRates {
    /// The layers in the order of the network, each with the names of its parameters; the head is the last.
    package let layers: [[String]]
    /// The parameters of all layers but the head.
    package let body: [Parameter]
    private let model: any Layer
    private let decay: Double

    package init(_ model: any Layer, decay: Double) {
        self.model = model
        self.decay = decay
        let heads = (model as? any ClassificationModel)?.heads.map { $0.name + "." } ?? []
        func isInHead(_ name: String) -> Bool { heads.contains { name.hasPrefix($0) } }
        let named = model.namedParameters
        body = named.filter { !isInHead($0.name) }.map(\.parameter)
        var blocks: [(name: String, parameters: [String], isPlain: Bool)] = []
        for (name, parameter) in named where !isInHead(name) {
            let block = LayerRates.block(of: name), isPlain = parameter.shape.count < 2
            if let last = blocks.indices.last, blocks[last].name == block {
                blocks[last].parameters.append(name)
                blocks[last].isPlain = blocks[last].isPlain && isPlain
            } else if let place = blocks.firstIndex(where: { $0.name == block }) {
                blocks[place].parameters.append(name)
            } else {
                blocks.append((block, [name], isPlain))
            }
        }
        var layers: [[String]] = []
        for block in blocks {
            // A normalisation belongs to the convolution before it.
            if block.isPlain, !layers.isEmpty {
                layers[layers.count - 1] += block.parameters
            } else {
                layers.append(block.parameters)
            }
        }
        self.layers = layers + [named.map(\.name).filter(isInHead)].filter { !$0.isEmpty }
    }

    /// The groups of an optimizer, that of the head first: its rate is the one that is shown. One group if all layers have
    /// the same rate.
    package func groups(_ rate: Double) -> [ParameterGroup] {
        if decay == 1 || layers.count < 2 { return [model.group()] }
        var rate = rate
        return layers.reversed().map { names in
            defer { rate *= decay }
            let names = Set(names)
            return model.group([.lr: rate]) { names.contains($0) }
        }
    }

    /// The beginning of a parameter's name that names its block: up to the first part with a number in it, and a number
    /// after that.
    package static func block(of name: String) -> String {
        let parts = name.split(separator: ".").dropLast()
        guard let first = parts.firstIndex(where: { $0.contains(where: \.isNumber) }) else {
            return parts.first.map(String.init) ?? name
        }
        let isNumbered = parts.indices.contains(first + 1) && parts[first + 1].allSatisfy(\.isNumber)
        return parts[...(isNumbered ? first + 1 : first)].joined(separator: ".")
    }
}
