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
/// The device decides: whether gradients are finite, whether the step is made and what the next scale is stays in its
/// memory, and the program does not wait for any of it. ``TrainStep`` takes a scaler and records all of this. Properties
/// that tell what the device has decided wait for it.
///
/// bfloat16 has float32's range and needs none of this.
///
/// *Source*: Micikevicius et al., "Mixed Precision Training", 2018; `torch.amp.GradScaler`.
public final class GradientScaler {
    /// The factor by which the scale is multiplied after ``growthInterval`` consecutive steps with finite gradients…
    public let growthFactor: Double
    /// …and after a step with non-finite ones.
    public let backoffFactor: Double
    public let growthInterval: Int
    /// Whether the scaler is active: if not, losses and gradients pass through unchanged.
    public let isEnabled: Bool

    /// On the device of the losses; on the CPU before there are any.
    private var numbers: LossScale

    /// Traps unless the growth factor is above 1 and the backoff factor below 1.
    ///
    /// - Parameters:
    ///   - initialScale: The initial factor of losses, a float32 number.
    ///   - growthFactor: The factor by which the scale is multiplied after a while without overflow.
    ///   - backoffFactor: The factor by which the scale is multiplied after an overflow.
    ///   - growthInterval: The number of steps without overflow before that.
    ///   - isEnabled: Whether scaling is enabled.
    public init(
        initialScale: Double = 65536, growthFactor: Double = 2, backoffFactor: Double = 0.5, growthInterval: Int = 2000,
        isEnabled: Bool = true
    ) {
        guard growthFactor > 1 && backoffFactor > 0 && backoffFactor < 1 && growthInterval > 0 else {
            fatalError(
                "GradientScaler: a growth factor of \(growthFactor), a backoff factor of \(backoffFactor), an interval of "
                    + "\(growthInterval)\n  hint: the first must be above 1, the second between 0 and 1, the third above 0"
            )
        }
        Self.check(initialScale)
        numbers = LossScale(Float(initialScale), finiteSteps: 0, on: .cpu)
        self.growthFactor = growthFactor
        self.backoffFactor = backoffFactor
        self.growthInterval = growthInterval
        self.isEnabled = isEnabled
    }

    private static func check(_ scale: Double) {
        guard Float(scale) > 0 && Float(scale).isFinite else {
            fatalError(
                "GradientScaler: \(scale) is not a scale\n  hint: it must be a finite float32 number above 0")
        }
    }

    // MARK: Steps

    /// The loss whose gradients ``step(_:_:)`` takes.
    ///
    /// - Parameter loss: The loss.
    public func scaled(_ loss: Tensor) -> Tensor {
        guard isEnabled else { return loss }
        if numbers.device != loss.device { numbers.move(to: loss.device) }
        return loss * numbers.scale
    }

    /// Divides gradients by the scale, and notes whether all of them are finite: for clipping them before
    /// ``step(_:_:)``. Gradients that have been unscaled stay as they are.
    ///
    /// Several may be unscaled before a step, for example to add them: one that is not finite skips it.
    ///
    /// - Parameter gradients: The gradients of a scaled loss.
    public func unscale(_ gradients: inout Gradients) {
        if isEnabled && !gradients.isUnscaled { numbers.unscale(&gradients, anew: false) }
    }

    /// The same for a step of its own: what an earlier call found does not matter.
    func unscaleAnew(_ gradients: inout Gradients) {
        if isEnabled { numbers.unscale(&gradients, anew: true) }
    }

    /// Makes a step of the optimizer, unless a gradient is not finite, and adapts the scale, as PyTorch's `step` and
    /// `update` do together. Two optimizers need a scaler each.
    ///
    /// - Parameters:
    ///   - optimizer: The optimizer whose parameters are trained.
    ///   - gradients: The gradients of a scaled loss, unscaled or not.
    public func step(_ optimizer: GradientOptimizer, _ gradients: inout Gradients) {
        guard isEnabled else { return optimizer.step(gradients) }
        unscale(&gradients)
        optimizer.step(gradients, unless: numbers.found)
        if !FusedStep.isCollecting { numbers.adapt(rule) }
    }

    private var rule: ScaleRule {
        ScaleRule(growthFactor: growthFactor, backoffFactor: backoffFactor, growthInterval: growthInterval)
    }

    /// Makes the memory of the numbers uniquely owned; returns where it is then.
    func ownMemory() -> [Int] { numbers.ownMemory() }

    // MARK: State

    /// The factor by which losses are multiplied. Waits for the device.
    public var scale: Double { numbers.scale.item() }

    /// Steps with finite gradients since the scale last changed. Waits for the device.
    public var finiteSteps: Int { numbers.finiteSteps.item(as: Int.self) }

    /// Whether the gradients last unscaled contained infinity or NaN, so that their step was skipped. Waits for the
    /// device.
    public var foundNonFinite: Bool { numbers.found.item() != 0 }

    /// What PyTorch's `state_dict()` has, under its names: `scale`, `growth_factor`, `backoff_factor`,
    /// `growth_interval` and `_growth_tracker`; empty if the scaler is disabled. Waits for the device.
    public var stateDict: [String: Double] {
        guard isEnabled else { return [:] }
        return [
            "scale": scale, "growth_factor": growthFactor, "backoff_factor": backoffFactor,
            "growth_interval": Double(growthInterval), "_growth_tracker": Double(finiteSteps),
        ]
    }

    /// Restores a saved scale and count of steps.
    ///
    /// - Parameters:
    ///   - scale: The saved scale.
    ///   - finiteSteps: The number of finite steps since the scale last changed.
    public func load(scale: Double, finiteSteps: Int) {
        Self.check(scale)
        guard let steps = Int32(exactly: finiteSteps), steps >= 0 else {
            fatalError("GradientScaler: \(finiteSteps) is not a number of steps")
        }
        numbers = LossScale(Float(scale), finiteSteps: steps, on: numbers.device)
    }
}
