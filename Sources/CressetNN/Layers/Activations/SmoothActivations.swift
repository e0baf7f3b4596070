import Cresset

// Activations without a kink, and the piecewise ones that approximate them.

/// x times the probability that a standard normal variable is below x.
///
/// *Source*: Hendrycks and Gimpel, "Gaussian Error Linear Units", 2016.
public final class GELU: Layer {
    public let approximation: GELUApproximation

    /// - Parameter approximation: Whether to use the paper's formula with the hyperbolic tangent.
    public init(approximation: GELUApproximation = .none) { self.approximation = approximation }

    public var details: String { "approximate='\(approximation.rawValue)'" }

    public func forward(_ x: Tensor) -> Tensor { x.gelu(approximation: approximation) }
}

/// x times the sigmoid of x, also called swish.
public final class SiLU: Layer {
    public init() {}
    public func forward(_ x: Tensor) -> Tensor { x.silu() }
}

/// x times the hyperbolic tangent of log(1 + exp(x)).
///
/// *Source*: Misra, "Mish: A Self Regularized Non-Monotonic Activation Function", 2019.
public final class Mish: Layer {
    public init() {}
    public func forward(_ x: Tensor) -> Tensor { x.mish() }
}

/// min(max(x + 3, 0), 6) x / 6: approximates ``SiLU`` without an exponential.
///
/// *Source*: Howard et al., "Searching for MobileNetV3", 2019.
public final class Hardswish: Layer {
    public init() {}
    public func forward(_ x: Tensor) -> Tensor { x.hardswish() }
}

/// min(max(x + 3, 0), 6) / 6: approximates ``Sigmoid`` without an exponential.
public final class Hardsigmoid: Layer {
    public init() {}
    public func forward(_ x: Tensor) -> Tensor { x.hardsigmoid() }
}

/// log(1 + exp(beta x)) / beta; x itself where beta x is above a threshold.
public final class Softplus: Layer {
    public let beta, threshold: Double

    /// Creates one with these options.
    ///
    /// - Parameters:
    ///   - beta: The sharpness of the bend.
    ///   - threshold: If `beta` times the input is above it, the result is the input.
    public init(beta: Double = 1, threshold: Double = 20) {
        self.beta = beta
        self.threshold = threshold
    }

    public var details: String { "beta=\(beta), threshold=\(threshold)" }

    public func forward(_ x: Tensor) -> Tensor { x.softplus(beta: beta, threshold: threshold) }
}

/// x / (1 + |x|).
public final class Softsign: Layer {
    public init() {}
    public func forward(_ x: Tensor) -> Tensor { x.softsign() }
}

/// x minus its hyperbolic tangent.
public final class Tanhshrink: Layer {
    public init() {}
    public func forward(_ x: Tensor) -> Tensor { x.tanhshrink() }
}

/// The logarithm of the sigmoid, without overflow.
public final class LogSigmoid: Layer {
    public init() {}
    public func forward(_ x: Tensor) -> Tensor { x.logSigmoid() }
}

/// The first half along an axis times the sigmoid of the second.
///
/// *Source*: Dauphin et al., "Language Modeling with Gated Convolutional Networks", 2016.
public final class GLU: Layer {
    public let axis: Int

    /// Creates one with these options.
    ///
    /// - Parameter axis: The axis that is cut into halves.
    public init(axis: Int = -1) { self.axis = axis }

    public var details: String { "dim=\(axis)" }

    public func forward(_ x: Tensor) -> Tensor { x.glu(axis: axis) }
}
