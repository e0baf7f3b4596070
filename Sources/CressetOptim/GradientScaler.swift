import Cresset

/// Scales losses so that gradients in float16 do not vanish, and finds the largest scale at which they do not overflow.
///
/// ```swift
/// let scaler = GradientScaler()
/// let loss = withAutocast(.float16) { model(x).crossEntropy(y) }
/// var gradients = scaler.scaled(loss).gradients()
/// scaler.step(optimizer, &gradients)      // skipped where a gradient is not finite
/// ```
///
/// bfloat16 has float32's range and needs none of this.
///
/// *Source*: Micikevicius et al., "Mixed Precision Training", 2018; `torch.amp.GradScaler`.
public final class GradientScaler {
    /// What losses are multiplied by.
    public private(set) var scale: Double
    /// What the scale is multiplied by after ``growthInterval`` steps in a row with finite gradients…
    public let growthFactor: Double
    /// …and after a step without.
    public let backoffFactor: Double
    public let growthInterval: Int
    /// Steps with finite gradients since the scale changed.
    public private(set) var finiteSteps = 0
    /// Whether anything is done: without, losses and gradients pass as they are.
    public let isEnabled: Bool

    /// Traps where the factors do not grow and shrink.
    public init(
        initialScale: Double = 65536, growthFactor: Double = 2, backoffFactor: Double = 0.5, growthInterval: Int = 2000,
        isEnabled: Bool = true
    ) {
        precondition(
            initialScale > 0 && growthFactor > 1 && backoffFactor > 0 && backoffFactor < 1 && growthInterval > 0,
            "GradientScaler: a scale above 0 that grows by more than 1 and shrinks by less")
        scale = initialScale
        self.growthFactor = growthFactor
        self.backoffFactor = backoffFactor
        self.growthInterval = growthInterval
        self.isEnabled = isEnabled
    }

    /// The loss whose gradients ``step(_:_:)`` takes.
    public func scaled(_ loss: Tensor) -> Tensor { isEnabled ? loss * scale : loss }

    /// Divides gradients by the scale: for clipping them before ``step(_:_:unscaled:)``.
    ///
    /// - Returns: Whether all of them are finite.
    @discardableResult
    public func unscale(_ gradients: inout Gradients) -> Bool {
        guard isEnabled else { return true }
        let factor = 1 / scale
        gradients.mapInPlace { $0 * factor }
        return gradients.areFinite
    }

    /// Makes a step of the optimizer, unless a gradient is not finite, and adapts the scale.
    ///
    /// - Parameter unscaled: Whether ``unscale(_:)`` was called on these gradients already.
    /// - Returns: Whether the step was made.
    @discardableResult
    public func step(_ optimizer: GradientOptimizer, _ gradients: inout Gradients, unscaled: Bool = false) -> Bool {
        guard isEnabled else {
            optimizer.step(gradients)
            return true
        }
        let isFinite = unscaled ? gradients.areFinite : unscale(&gradients)
        if isFinite { optimizer.step(gradients) }
        adapt(isFinite)
        return isFinite
    }

    private func adapt(_ isFinite: Bool) {
        guard isFinite else {
            scale *= backoffFactor
            finiteSteps = 0
            return
        }
        finiteSteps += 1
        if finiteSteps == growthInterval {
            // An infinite scale would make every gradient so.
            if Float(scale * growthFactor).isFinite { scale *= growthFactor }
            finiteSteps = 0
        }
    }

    // MARK: State

    /// Scale and count of steps, to be saved; ``load(scale:finiteSteps:)`` takes them over.
    public func load(scale: Double, finiteSteps: Int) {
        precondition(scale > 0 && finiteSteps >= 0, "GradientScaler: a scale above 0, a count of 0 or more")
        self.scale = scale
        self.finiteSteps = finiteSteps
    }
}

extension Gradients {
    /// Whether no gradient holds NaN or infinity: read in one piece from each device.
    var areFinite: Bool {
        let largest = withoutGradients { tensors.filter { $0.elementCount > 0 }.map { $0.detached().abs().amax() } }
        return Tensor.items(largest).allSatisfy(\.isFinite)
    }
}
