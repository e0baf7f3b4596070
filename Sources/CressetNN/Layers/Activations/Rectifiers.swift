import Cresset

// Activations with a kink at zero.

/// x above zero, otherwise a small slope times x.
public final class LeakyReLU: Layer {
    public let slope: Double

    /// Creates one with these options.
    ///
    /// - Parameter slope: The slope for negative inputs.
    public init(slope: Double = 0.01) { self.slope = slope }

    public var details: String { "negative_slope=\(slope)" }

    public func forward(_ x: Tensor) -> Tensor { x.leakyReLU(slope: slope) }
}

/// x above zero, otherwise a learned slope times x.
///
/// *Shape*: any; with several slopes the channels are axis 1.
/// *Source*: He et al., "Delving Deep into Rectifiers", 2015.
public final class PReLU: Layer {
    /// The slopes: one, or one per channel.
    public let weight: Parameter

    ///
    /// - Parameters:
    ///   - count: The number of slopes: 1, or the number of channels.
    ///   - initial: The initial value of each slope.
    ///   - dtype: The type of the parameters.
    public init(_ count: Int = 1, initial: Double = 0.25, dtype: DType = .float32) {
        weight = Parameter(.full([count], initial, dtype: dtype))
    }

    public var details: String { "num_parameters=\(weight.elementCount)" }

    public func forward(_ x: Tensor) -> Tensor { x.prelu(slopes: weight.value) }
}

/// x above zero, otherwise x times a slope drawn for each element; in evaluation the mean slope.
///
/// *Source*: Xu et al., "Empirical Evaluation of Rectified Activations in Convolutional Network", 2015.
public final class RReLU: Layer {
    public let lower, upper: Double
    public var isTraining = true

    /// Creates one with these options.
    ///
    /// - Parameters:
    ///   - lower: The smallest slope for negative inputs.
    ///   - upper: The largest slope for negative inputs.
    public init(lower: Double = 0.125, upper: Double = 1.0 / 3) {
        guard lower <= upper else { fatalError("RReLU: the lower slope \(lower) is above the upper, \(upper)") }
        self.lower = lower
        self.upper = upper
    }

    public var details: String { "lower=\(lower), upper=\(upper)" }

    public func forward(_ x: Tensor) -> Tensor {
        guard isTraining, lower < upper else { return x.leakyReLU(slope: (lower + upper) / 2) }
        let slopes = Tensor.uniform(x.shape, in: lower..<upper, dtype: x.dtype, device: x.device)
        return .select(x .> 0, x, x * slopes)
    }
}

/// x above zero, alpha (exp(x) - 1) below.
///
/// *Source*: Clevert et al., "Fast and Accurate Deep Network Learning by Exponential Linear Units", 2015.
public final class ELU: Layer {
    public let alpha: Double

    /// Creates one with these options.
    ///
    /// - Parameter alpha: The magnitude of the limit for negative inputs.
    public init(alpha: Double = 1) { self.alpha = alpha }

    public var details: String { "alpha=\(alpha)" }

    public func forward(_ x: Tensor) -> Tensor { x.elu(alpha: alpha) }
}

/// ``ELU`` with a slope of 1 on both sides of zero.
///
/// *Source*: Barron, "Continuously Differentiable Exponential Linear Units", 2017.
public final class CELU: Layer {
    public let alpha: Double

    /// Creates one with these options.
    ///
    /// - Parameter alpha: The magnitude of the limit for negative inputs.
    public init(alpha: Double = 1) { self.alpha = alpha }

    public var details: String { "alpha=\(alpha)" }

    public func forward(_ x: Tensor) -> Tensor { x.celu(alpha: alpha) }
}

/// ``ELU`` with the constants that keep mean 0 and variance 1 from layer to layer.
///
/// *Source*: Klambauer et al., "Self-Normalizing Neural Networks", 2017.
public final class SELU: Layer {
    public init() {}
    public func forward(_ x: Tensor) -> Tensor { x.selu() }
}

/// The element clamped to a range.
public final class Hardtanh: Layer {
    public let lower, upper: Double

    /// - Parameters:
    ///   - lower: The smallest result.
    ///   - upper: The largest result; above `lower`.
    public init(min lower: Double = -1, max upper: Double = 1) {
        guard lower < upper else { fatalError("Hardtanh: a range from \(lower) to \(upper) is empty") }
        self.lower = lower
        self.upper = upper
    }

    public var details: String { "min_val=\(lower), max_val=\(upper)" }

    public func forward(_ x: Tensor) -> Tensor { x.hardtanh(min: lower, max: upper) }
}

/// x where it is above a threshold, otherwise a fixed value.
public final class Threshold: Layer {
    public let threshold, value: Double

    /// Creates one with these options.
    ///
    /// - Parameters:
    ///   - threshold: Larger values are kept.
    ///   - value: The replacement for other values.
    public init(_ threshold: Double, otherwise value: Double) {
        self.threshold = threshold
        self.value = value
    }

    public var details: String { "threshold=\(threshold.pythonNumber), value=\(value.pythonNumber)" }

    public func forward(_ x: Tensor) -> Tensor { x.threshold(threshold, otherwise: value) }
}

/// x where its magnitude is above a bound, otherwise zero.
public final class Hardshrink: Layer {
    public let bound: Double

    /// Creates one with these options.
    ///
    /// - Parameter bound: The largest absolute value that becomes 0.
    public init(_ bound: Double = 0.5) { self.bound = bound }

    public var details: String { "\(bound)" }

    public func forward(_ x: Tensor) -> Tensor { x.hardshrink(bound) }
}

/// x moved towards zero by a bound, without crossing zero.
public final class Softshrink: Layer {
    public let bound: Double

    /// Creates one with these options.
    ///
    /// - Parameter bound: The largest absolute value that becomes 0.
    public init(_ bound: Double = 0.5) { self.bound = bound }

    public var details: String { "\(bound)" }

    public func forward(_ x: Tensor) -> Tensor { x.softshrink(bound) }
}
