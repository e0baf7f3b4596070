// Activation functions, each beside its derivative. Slopes at kinks are PyTorch's.

extension Tensor {
    /// The element where it is above zero, else zero. The slope at zero is zero; NaN stays.
    public func relu() -> Tensor {
        pointwise(.relu).recordedWithResult("relu", self) {
            recordsGradients ? Tensor.select($1 .> 0, $0, 0) : .pointwise(.reluGradient, $0, $1)
        }
    }

    /// ``relu()``, but with a small `slope` below zero.
    public func leakyReLU(slope: Double = 0.01) -> Tensor {
        let x = self
        return pointwise(.leakyReLU, a: slope).recorded("leakyReLU", x) {
            recordsGradients
                ? Tensor.select(x .> 0, $0, $0 * slope) : .pointwise(.leakyReLUGradient, $0, x, a: slope)
        }
    }

    /// The element clamped to 0…6.
    public func relu6() -> Tensor {
        let x = self
        return pointwise(.clamp, a: 0, b: 6).recorded("relu6", x) { Tensor.select((x .> 0) .& (x .< 6), $0, 0) }
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

    /// x times the chance that a normal variable is below x.
    ///
    /// *Source*: Hendrycks and Gimpel, "Gaussian Error Linear Units", 2016.
    public func gelu() -> Tensor {
        let x = self
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
}
