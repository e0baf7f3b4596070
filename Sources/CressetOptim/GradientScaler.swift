import Cresset

/// Scales losses so that float16 gradients do not underflow, and finds the largest scale at which they do not overflow.
///
/// ```swift
/// let scaler = GradientScaler()
/// let loss = withAutocast(.float16) { model(x).crossEntropy(y) }
/// var gradients = scaler.scaled(loss).gradients()
/// scaler.step(optimizer, &gradients)      // skipped if a gradient is not finite
/// ```
///
/// bfloat16 has float32's range and needs none of this.
///
/// *Source*: Micikevicius et al., "Mixed Precision Training", 2018; `torch.amp.GradScaler`.
public final class GradientScaler {
    /// The factor by which losses are multiplied.
    public private(set) var scale: Double
    /// The factor by which the scale is multiplied after ``growthInterval`` consecutive steps with finite gradients…
    public let growthFactor: Double
    /// …and after a step with non-finite ones.
    public let backoffFactor: Double
    public let growthInterval: Int
    /// Steps with finite gradients since the scale last changed.
    public private(set) var finiteSteps = 0
    /// Whether the scaler is active: if not, losses and gradients pass through unchanged.
    public let isEnabled: Bool

    /// Traps unless the growth factor is above 1 and the backoff factor below 1.
    ///
    /// - Parameters:
    ///   - initialScale: The initial factor of losses.
    ///   - growthFactor: The factor by which the scale is multiplied after a while without overflow.
    ///   - backoffFactor: The factor by which the scale is multiplied after an overflow.
    ///   - growthInterval: The number of steps without overflow before that.
    ///   - isEnabled: Whether scaling is enabled.
    public init(
        initialScale: Double = 65536, growthFactor: Double = 2, backoffFactor: Double = 0.5, growthInterval: Int = 2000,
        isEnabled: Bool = true
    ) {
        precondition(
            initialScale > 0 && growthFactor > 1 && backoffFactor > 0 && backoffFactor < 1 && growthInterval > 0,
            "GradientScaler: needs a scale above 0, a growth factor above 1 and a backoff factor below 1")
        scale = initialScale
        self.growthFactor = growthFactor
        self.backoffFactor = backoffFactor
        self.growthInterval = growthInterval
        self.isEnabled = isEnabled
    }

    /// The loss whose gradients ``step(_:_:unscaled:)`` takes.
    ///
    /// - Parameter loss: The loss.
    public func scaled(_ loss: Tensor) -> Tensor { isEnabled ? loss * scale : loss }

    /// Divides gradients by the scale: for clipping them before ``step(_:_:unscaled:)``.
    ///
    /// - Parameter gradients: The gradients of a scaled loss.
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
    /// - Parameters:
    ///   - optimizer: The optimizer whose parameters are trained.
    ///   - gradients: The gradients of a scaled loss.
    ///   - unscaled: Whether ``unscale(_:)`` has already been called on these gradients.
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
            // An infinite scale would make every gradient infinite.
            if Float(scale * growthFactor).isFinite { scale *= growthFactor }
            finiteSteps = 0
        }
    }

    // MARK: State

    /// Restores a saved scale and count of steps.
    ///
    /// - Parameters:
    ///   - scale: The saved scale.
    ///   - finiteSteps: The number of steps since the last overflow.
    public func load(scale: Double, finiteSteps: Int) {
        precondition(scale > 0 && finiteSteps >= 0, "GradientScaler: the scale must be above 0, the count 0 or more")
        self.scale = scale
        self.finiteSteps = finiteSteps
    }
}

extension Gradients {
    /// Whether all gradients are finite: one read per device.
    var areFinite: Bool {
        let largest = withoutGradients { tensors.filter { $0.elementCount > 0 }.map { $0.detached().abs().amax() } }
        return Tensor.items(largest).allSatisfy(\.isFinite)
    }
}
