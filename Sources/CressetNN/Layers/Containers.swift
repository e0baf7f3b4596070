import Cresset

/// Layers applied in sequence, each to the result of the previous one.
///
/// ```swift
/// let model = Sequential(Linear(784, 128), ReLU(), Linear(128, 10))
/// model[2] = Linear(128, 3)  // another head
/// ```
public final class Sequential: Layer, NamedParts {
    public var isTraining = true
    /// The layers with their names: "0", "1"… unless named.
    public private(set) var layers: [(name: String, layer: any Layer)] {
        didSet { plan = SequentialPlan(layers.map(\.layer)) }
    }
    private var plan: SequentialPlan

    /// Creates one with these options.
    ///
    /// - Parameter layers: The layers, in the order in which they are applied.
    public init(_ layers: any Layer...) {
        self.layers = layers.enumerated().map { (name: "\($0.offset)", layer: $0.element) }
        plan = SequentialPlan(layers)
    }

    /// Creates one with these options.
    ///
    /// - Parameter layers: The layers, in the order in which they are applied.
    public init(_ layers: [any Layer]) {
        self.layers = layers.enumerated().map { (name: "\($0.offset)", layer: $0.element) }
        plan = SequentialPlan(layers)
    }

    /// Layers with explicit names, as in `OrderedDict`.
    ///
    /// - Parameter layers: The layers, in the order in which they are applied.
    public init(named layers: [(name: String, layer: any Layer)]) {
        self.layers = layers
        plan = SequentialPlan(layers.map(\.layer))
    }

    public var count: Int { layers.count }

    /// The layer at a position; assigning replaces it. Traps if there is none.
    ///
    /// - Parameter index: The layer's number, from 0.
    public subscript(index: Int) -> any Layer {
        get { layers[index].layer }
        set { layers[index].layer = newValue }
    }

    /// The layer with that name; assigning replaces it, or appends it under a new name, and nil removes it.
    ///
    /// - Parameter name: The layer's name.
    public subscript(name: String) -> (any Layer)? {
        get { layers.first { $0.name == name }?.layer }
        set {
            let index = layers.firstIndex { $0.name == name }
            switch (index, newValue) {
            case (let index?, let layer?): layers[index].layer = layer
            case (let index?, nil): layers.remove(at: index)
            case (nil, let layer?): layers.append((name: name, layer: layer))
            case (nil, nil): break
            }
        }
    }

    /// Adds a layer at the end, numbered after the highest existing number.
    ///
    /// - Parameter layer: The layer applied last.
    public func append(_ layer: any Layer) {
        let last = layers.compactMap { Int($0.name) }.max() ?? -1
        layers.append((name: "\(max(last + 1, layers.count))", layer: layer))
    }

    var namedParts: [(name: String, module: any Module)] { layers.map { (name: $0.name, module: $0.layer) } }

    /// Convolutions, linear layers and normalisations compute what follows them along with their own result, as far as
    /// they can (``Convolution``); with a hook, every layer shows its own.
    public func forward(_ x: Tensor) -> Tensor {
        if ForwardHook.current != nil { return layers.reduce(x) { $1.layer($0) } }
        return plan.calls.reduce(x) { $1($0) }
    }
}

/// Returns its input: a placeholder.
public final class Identity: Layer {
    public init() {}
    public func forward(_ x: Tensor) -> Tensor { x }
}

/// Flattens several axes into one.
///
/// *Shape*: (N, …) gives (N, product of the rest) by default.
public final class Flatten: Layer {
    public let start, end: Int

    public init(from start: Int = 1, to end: Int = -1) {
        self.start = start
        self.end = end
    }

    public var details: String { "start_dim=\(start), end_dim=\(end)" }
    public func forward(_ x: Tensor) -> Tensor { x.flattened(from: start, to: end) }
}

/// Puts the axes into another order.
public final class Permute: Layer {
    /// For each axis of the result, that of the input.
    public let order: [Int]

    /// - Parameter order: For each axis of the result, that of the input: `[0, 2, 3, 1]` puts channels last.
    public init(_ order: [Int]) { self.order = order }

    public func forward(_ x: Tensor) -> Tensor { x.permuted(order) }
}
