// Activation functions, each next to its derivative. Derivatives at kinks are PyTorch's.

extension Tensor {
    /// The element if it is above zero, otherwise zero. The derivative at zero is zero; NaN stays NaN.
    public func relu() -> Tensor {
        pointwise(.relu).recordedWithResult("relu", self) { $0.rectified(by: $1) }
    }

    /// This gradient of the rectified `result`, where that is above zero or NaN.
    func rectified(by result: Tensor) -> Tensor {
        recordsGradients ? Tensor.select(result .<= 0, 0, self) : .pointwise(.reluGradient, self, result)
    }

    /// ``relu()``, but with a small `slope` below zero.
    public func leakyReLU(slope: Double = 0.01) -> Tensor {
        let x = self
        return pointwise(.leakyReLU, a: slope).recorded("leakyReLU", x) {
            recordsGradients
                ? Tensor.select(x .> 0, $0, $0 * slope) : .pointwise(.leakyReLUGradient, $0, x, a: slope)
        }
    }

    /// x times the sigmoid of x, also called swish.
    public func silu() -> Tensor {
        let x = self
        return pointwise(.silu).recorded("silu", x) {
            if !recordsGradients { return .pointwise(.siluGradient, $0, x) }
            let s = x.sigmoid()
            return $0 * s * (x * (1 - s) + 1)
        }
    }

    /// x times the probability that a standard normal variable is below x.
    ///
    /// *Source*: Hendrycks and Gimpel, "Gaussian Error Linear Units", 2016.
    /// - Parameter approximation: Whether to use the paper's formula with the hyperbolic tangent.
    public func gelu(approximation: GELUApproximation = .none) -> Tensor {
        let x = self
        if approximation == .tanh {
            return pointwise(.geluTanh).recorded("geluTanh", x) {
                if !recordsGradients { return .pointwise(.geluTanhGradient, $0, x) }
                let square = x * x
                let t = (x * (square * 0.044_715 + 1) * 0.797_884_560_802_865_4).tanh()
                let inner = (square * (3 * 0.044_715) + 1) * 0.797_884_560_802_865_4
                return $0 * ((t + 1) * 0.5 + x * (1 - t * t) * inner * 0.5)
            }
        }
        return pointwise(.gelu).recorded("gelu", x) {
            if !recordsGradients { return .pointwise(.geluGradient, $0, x) }
            let cumulative = ((x * 0.707_106_781_186_547_6).erf() + 1) * 0.5
            return $0 * (cumulative + x * (x * x * -0.5).exp() * 0.398_942_280_401_432_7)
        }
    }

    /// min(max(x + 3, 0), 6) x / 6.
    public func hardswish() -> Tensor {
        let x = self
        return pointwise(.hardswish).recorded("hardswish", x) {
            recordsGradients
                ? $0 * Tensor.select(x .<= -3, 0.0, Tensor.select(x .< 3, x / 3 + 0.5, 1.0))
                : .pointwise(.hardswishGradient, $0, x)
        }
    }

    /// min(max(x + 3, 0), 6) / 6.
    public func hardsigmoid() -> Tensor {
        let x = self
        return pointwise(.hardsigmoid).recorded("hardsigmoid", x) {
            Tensor.select((x .> -3) .& (x .< 3), $0 / 6, 0)
        }
    }

    /// x above zero, alpha (exp(x) - 1) below.
    ///
    /// - Parameter alpha: The magnitude of the limit for negative inputs.
    ///
    /// *Source*: Clevert et al., "Fast and Accurate Deep Network Learning by Exponential Linear Units", 2015.
    public func elu(alpha: Double = 1) -> Tensor {
        let x = self
        return pointwise(.elu, a: alpha).recorded("elu", x) {
            recordsGradients
                ? $0 * Tensor.select(x .<= 0, x.clamp(max: 0).exp() * alpha, 1)
                : .pointwise(.eluGradient, $0, x, a: alpha)
        }
    }

    /// ``elu(alpha:)`` with a slope of 1 on both sides of zero.
    ///
    /// - Parameter alpha: The magnitude of the limit for negative inputs.
    ///
    /// *Source*: Barron, "Continuously Differentiable Exponential Linear Units", 2017.
    public func celu(alpha: Double = 1) -> Tensor { (self / alpha).elu() * alpha }

    /// ``elu(alpha:)`` with the constants that keep mean 0 and variance 1 from layer to layer.
    ///
    /// *Source*: Klambauer et al., "Self-Normalizing Neural Networks", 2017.
    public func selu() -> Tensor {
        let (x, alpha, scale) = (self, 1.673_263_242_354_377_2, 1.050_700_987_355_480_5)
        return pointwise(.selu).recorded("selu", x) {
            recordsGradients
                ? $0 * Tensor.select(x .<= 0, x.clamp(max: 0).exp() * (alpha * scale), scale)
                : .pointwise(.eluGradient, $0, x, a: alpha) * scale
        }
    }

    /// x times the hyperbolic tangent of ``softplus(beta:threshold:)``.
    ///
    /// *Source*: Misra, "Mish: A Self Regularized Non-Monotonic Activation Function", 2019.
    public func mish() -> Tensor {
        let x = self
        return pointwise(.mish).recorded("mish", x) {
            if !recordsGradients { return .pointwise(.mishGradient, $0, x) }
            let t = x.softplus().tanh()
            return $0 * (t + x * (1 - t * t) * x.sigmoid())
        }
    }

    /// log(1 + exp(beta x)) / beta; x itself where beta x is above `threshold`.
    ///
    /// - Parameters:
    ///   - beta: The sharpness of the bend.
    ///   - threshold: If `beta` times the input is above it, the result is the input.
    public func softplus(beta: Double = 1, threshold: Double = 20) -> Tensor {
        let x = self
        return pointwise(.softplus, a: beta, b: threshold).recorded("softplus", x) {
            recordsGradients
                ? Tensor.select(x * beta .> threshold, $0, $0 * (x * beta).sigmoid())
                : .pointwise(.softplusGradient, $0, x, a: beta, b: threshold)
        }
    }

    /// The logarithm of the sigmoid, without overflow.
    public func logSigmoid() -> Tensor {
        let x = self
        return pointwise(.logSigmoid).recorded("logSigmoid", x) { $0 * (-x).sigmoid() }
    }

    /// x / (1 + |x|).
    public func softsign() -> Tensor { self / (abs() + 1) }

    /// x minus its hyperbolic tangent.
    public func tanhshrink() -> Tensor { self - tanh() }

    /// x above zero, otherwise x times a learned slope.
    ///
    /// *Shape*: any, with slopes of shape [1] or one for each channel (axis 1).
    ///
    /// - Parameter slopes: The slopes for negative inputs: one, or one per channel.
    ///
    /// *Source*: He et al., "Delving Deep into Rectifiers", 2015.
    public func prelu(slopes: Tensor) -> Tensor {
        let n = slopes.elementCount
        guard n == 1 || (rank >= 1 && n == shape[rank == 1 ? 0 : 1]) else {
            fail(
                "prelu", "\(n) slopes for an input of shape \(shape)",
                hint: "give one slope, or one per channel (axis 1)"
            )
        }
        var lengths = Shape(repeating: 1, count: rank)
        if rank > 1 { lengths[1] = n } else if rank == 1 { lengths[0] = n }
        return Tensor.select(self .> 0, self, slopes.reshaped(lengths) * self)
    }

    /// The first half along `axis` times the sigmoid of the second.
    ///
    /// *Source*: Dauphin et al., "Language Modeling with Gated Convolutional Networks", 2016.
    public func glu(axis: Int = -1) -> Tensor {
        let axis = self.axis(axis, "glu")
        guard rank > 0, shape[axis] % 2 == 0 else { fail("glu", "axis \(axis) of shape \(shape) cannot be halved") }
        let half = shape[axis] / 2
        return narrowed(axis: axis, start: 0, count: half) * narrowed(axis: axis, start: half, count: half).sigmoid()
    }
}

/// How ``Tensor/gelu(approximation:)`` computes the normal distribution.
public enum GELUApproximation: String, Sendable {
    case none, tanh
}
