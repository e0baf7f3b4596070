import Cresset

/// A layer that can be a head: it maps features to one score per class.
public protocol HeadLayer: Layer {
    /// The number of features (channels) it takes in.
    var inFeatures: Int { get }
    /// The number of scores it gives.
    var outFeatures: Int { get }
    /// A layer like this one with another number of scores, with random weights.
    ///
    /// - Parameter outFeatures: The number of scores.
    func resized(outFeatures: Int) -> Self
}

extension Linear: HeadLayer {
    public func resized(outFeatures: Int) -> Linear {
        Linear(inFeatures, outFeatures, bias: bias != nil, dtype: weight.dtype)
    }
}

extension Convolution: HeadLayer {
    public var inFeatures: Int { weight.shape[1] * groups }
    public var outFeatures: Int { weight.shape[0] }

    public func resized(outFeatures: Int) -> Convolution {
        Convolution(
            inFeatures, outFeatures, kernelSize: kernelSize, stride: stride, padding: padding, dilation: dilation,
            groups: groups, bias: bias != nil, paddingMode: paddingMode, dtype: weight.dtype)
    }
}

/// One head of a network: where it is, what it takes in, and how it is replaced. See ``ClassificationModel``.
public struct Head {
    /// The layer's name in the state dict: `fc`, `classifier.6`, `heads.head`.
    public let name: String
    /// The layer itself.
    public let layer: any HeadLayer
    private let place: (any HeadLayer) -> Bool

    /// A head that is a property of the network, or of a part of it.
    ///
    /// - Parameters:
    ///   - path: The property: `\.fc`.
    ///   - owner: What has the property.
    ///   - model: The whole network; nil if `owner` is the network.
    public init<Owner: Module, Layer: HeadLayer>(
        _ path: ReferenceWritableKeyPath<Owner, Layer>, of owner: Owner, in model: (any Module)? = nil
    ) {
        self.init(owner[keyPath: path], in: model ?? owner) { layer in
            guard let layer = layer as? Layer else { return false }
            owner[keyPath: path] = layer
            return true
        }
    }

    /// A head that is the last linear layer or convolution of a sequence.
    ///
    /// Traps if the sequence has none.
    ///
    /// - Parameters:
    ///   - layers: The sequence, such as the network's `classifier`.
    ///   - model: The whole network.
    public init(lastOf layers: Sequential, in model: any Module) {
        guard let index = layers.layers.lastIndex(where: { $0.layer is any HeadLayer }),
            let layer = layers[index] as? any HeadLayer
        else { fatalError("Head: there is no linear layer or convolution in\n\(layers)") }
        self.init(layer, in: model) {
            layers[index] = $0
            return true
        }
    }

    private init(_ layer: any HeadLayer, in model: any Module, place: @escaping (any HeadLayer) -> Bool) {
        guard let name = model.namedModules.first(where: { $0.module === layer })?.name else {
            fatalError("Head: the layer is no part of \(type(of: model).className)")
        }
        self.name = name
        self.layer = layer
        self.place = place
    }

    /// The number of features (channels) that the layer takes in.
    public var inFeatures: Int { layer.inFeatures }
    /// The number of classes.
    public var classCount: Int { layer.outFeatures }

    /// Replaces the layer by one for `classes`, with random weights, on the same device and in the same mode.
    ///
    /// - Parameter classes: The number of classes, 1 or more.
    public func replace(classes: Int) {
        precondition(classes > 0, "Head: a network for \(classes) classes")
        guard let device = layer.parameters.first?.device else { return }
        let new = withDevice(device) { layer.resized(outFeatures: classes) }
        replace(with: new.train(layer.isTraining))
    }

    /// Replaces the layer by another, of whatever kind the network has a place for.
    ///
    /// Traps if it takes another number of features, or the network needs a layer of another kind.
    ///
    /// - Parameter layer: The new layer.
    public func replace(with layer: any HeadLayer) {
        guard layer.inFeatures == inFeatures else {
            fatalError("\(name): a head for \(layer.inFeatures) features, but there are \(inFeatures)")
        }
        guard place(layer) else {
            fatalError(
                "\(name): a \(type(of: layer).className) cannot be put in the place of a \(type(of: self.layer).className)"
            )
        }
    }
}
