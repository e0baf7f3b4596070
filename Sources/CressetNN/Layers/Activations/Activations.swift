import Cresset

/// max(x, 0).
public final class ReLU: Layer {
    public init() {}
    public func forward(_ x: Tensor) -> Tensor { x.relu() }
}

/// min(max(x, 0), 6).
public final class ReLU6: Layer {
    public init() {}
    public func forward(_ x: Tensor) -> Tensor { x.relu6() }
}

/// 1 / (1 + exp(-x)).
public final class Sigmoid: Layer {
    public init() {}
    public func forward(_ x: Tensor) -> Tensor { x.sigmoid() }
}

/// The hyperbolic tangent.
public final class Tanh: Layer {
    public init() {}
    public func forward(_ x: Tensor) -> Tensor { x.tanh() }
}

/// exp(x) divided by its sum along an axis.
public final class Softmax: Layer {
    public let axis: Int

    /// Creates one with these options.
    ///
    /// - Parameter axis: The axis along which the numbers sum to 1.
    public init(axis: Int) { self.axis = axis }
    public var details: String { "dim=\(axis)" }
    public func forward(_ x: Tensor) -> Tensor { x.softmax(axis: axis) }
}
