import Cresset

/// A network that gives a score for each class, and says which of its layers compute them.
///
/// A network for other classes differs in its heads alone; transfer learning replaces them and keeps the rest:
///
/// ```swift
/// let model = try ModelZoo.make("squeezenet1_1")
/// try model.load(PretrainedWeights.named("squeezenet1_1").load())
/// model.replaceHeads(classes: 2)   // here a 1×1 convolution, elsewhere a linear layer
/// model.freezeBody()
/// ```
///
/// *Shape*: (N, …) gives (N, classes).
public protocol ClassificationModel: Layer {
    /// The layers that compute the scores: the main one last, those of auxiliary classifiers before it. Never empty.
    var heads: [Head] { get }
}

extension ClassificationModel {
    /// The main head.
    public var head: Head {
        guard let head = heads.last else { fatalError("\(Self.className): `heads` must name at least one layer") }
        return head
    }

    /// The number of classes.
    public var classCount: Int { head.classCount }

    /// Replaces every head by one for another number of classes, with random weights.
    ///
    /// The optimizer must be created afterwards: the parameters are new ones.
    ///
    /// - Parameter classes: The number of classes, 1 or more.
    public func replaceHeads(classes: Int) {
        for head in heads { head.replace(classes: classes) }
    }

    /// Freezes all parameters but those of the heads, so that only these are trained.
    public func freezeBody() {
        freeze()
        for head in heads { head.layer.freeze(matching: nil, false) }
    }

    /// The head of the families that call it `fc`, such as ResNet and Inception, for programs written as in PyTorch.
    ///
    /// Traps in other families; ``head`` works in all of them.
    public var fc: Linear {
        get { fullyConnected.layer }
        set { fullyConnected.head.replace(with: newValue) }
    }

    private var fullyConnected: (head: Head, layer: Linear) {
        let head = head
        guard head.name == "fc", let layer = head.layer as? Linear else {
            fatalError(
                "\(Self.className) has no linear layer fc: its head is \(head.name)\n  hint: use `head`, or "
                    + "replaceHeads(classes:)")
        }
        return (head, layer)
    }
}
