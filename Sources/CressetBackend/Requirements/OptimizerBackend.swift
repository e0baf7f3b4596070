/// What a device must be able to do for optimizers; part of ``Backend``.
package protocol OptimizerBackend: Sendable {
    /// One step of an optimizer over every tensor of a group in one pass.
    ///
    /// - Parameters:
    ///   - parameters: Each parameter with its gradient and moments.
    ///   - step: The rule, with its numbers.
    func step(_ parameters: [StepOperands], _ step: OptimizerStep)
    /// The same, unless a number in the device's memory says to skip it: nothing is read by the host.
    ///
    /// - Parameters:
    ///   - parameters: Each parameter with its gradient and moments.
    ///   - step: The steps among which the device chooses.
    func step(_ parameters: [StepOperands], _ step: SkippableStep)
    /// Divides tensors by `scale` in place, and sets `found` to 1 if an element was infinite or NaN.
    ///
    /// - Parameters:
    ///   - tensors: Floating-point tensors without gaps, each in any order of its axes.
    ///   - scale: A float32 number.
    ///   - found: A float32 number, left as it is if all elements were finite.
    func unscale(_ tensors: [Operand], by scale: Operand, noting found: Operand)
    /// The sum of the squares of each tensor, infinite where it overflows float32.
    ///
    /// - Parameters:
    ///   - tensors: Float32 tensors without gaps, each in any order of its axes.
    ///   - sums: A float32 vector with an element for each.
    func sumSquares(_ tensors: [Operand], into sums: Operand)
    /// Multiplies tensors by `factor` in place.
    ///
    /// - Parameters:
    ///   - tensors: Float32 tensors without gaps, each in any order of its axes.
    ///   - factor: A float32 number.
    func scale(_ tensors: [Operand], by factor: Operand)
    /// Adapts the scale of losses to whether the gradients of the last step were finite.
    ///
    /// - Parameters:
    ///   - scale: A float32 number.
    ///   - tracker: An int32 number: the finite steps since the scale last changed.
    ///   - found: A float32 number: not 0 if a gradient was infinite or NaN.
    ///   - rule: How the scale changes.
    func adaptScale(_ scale: Operand, tracker: Operand, found: Operand, _ rule: ScaleRule)
}

/// How `torch.amp.GradScaler` changes the scale of losses.
package struct ScaleRule: Sendable, Hashable {
    /// The factor after `growthInterval` consecutive steps with finite gradients.
    package var growthFactor: Double
    /// The factor after a step with gradients that are not.
    package var backoffFactor: Double
    package var growthInterval: Int

    /// Creates one from its parts.
    ///
    /// - Parameters:
    ///   - growthFactor: The factor after enough consecutive steps with finite gradients.
    ///   - backoffFactor: The factor after a step with gradients that are not.
    ///   - growthInterval: How many steps are enough, at most 2³¹ - 1.
    package init(growthFactor: Double, backoffFactor: Double, growthInterval: Int) {
        self.growthFactor = growthFactor
        self.backoffFactor = backoffFactor
        self.growthInterval = growthInterval
    }
}

/// The numbers of a step whose count depends on how many of the steps before it a device has skipped.
package struct StepNumbers: Sendable {
    /// The most choices.
    package static let capacity = 16
    /// The step if `base` steps have been skipped, the step if one more has, and so on. All have one rule.
    package var choices: [OptimizerStep]
    package var base: Int

    /// Creates one from its parts.
    ///
    /// - Parameters:
    ///   - choices: One to ``capacity`` steps of one rule.
    ///   - base: The number of skipped steps that the first choice belongs to.
    package init(_ choices: [OptimizerStep], base: Int = 0) {
        self.choices = choices
        self.base = base
    }
}

/// A step that the device makes or skips, by numbers in its own memory.
package struct SkippableStep {
    package var numbers: StepNumbers
    /// A float32 number: 0 to make the step, 1 to skip it.
    package var flag: Operand
    /// A float32 number: how many of the optimizer's earlier steps have been skipped.
    package var skips: Operand

    /// Creates one from its parts.
    ///
    /// - Parameters:
    ///   - numbers: What to choose from.
    ///   - flag: Where it is written whether to skip the step.
    ///   - skips: Where it is written how many have been skipped.
    package init(_ numbers: StepNumbers, flag: Operand, skips: Operand) {
        self.numbers = numbers
        self.flag = flag
        self.skips = skips
    }
}
