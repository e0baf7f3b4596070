// PyTorch's spellings that people type first. They do not exist here; the compiler names what does.
// Each message gives our spelling in backticks; Tests/CressetTests/House/SpellingTests.swift looks them up.

extension Optimizer {
    @available(*, unavailable, message: "there is nothing to clear; use `step(loss.gradients())`")
    public func zeroGrad() { fatalError() }
    @available(*, unavailable, message: "there is nothing to clear; use `step(loss.gradients())`")
    public func zero_grad() { fatalError() }
    @available(*, unavailable, message: "use `step(loss.gradients())`")
    public func step() { fatalError() }
    @available(*, unavailable, renamed: "groups")
    public var param_groups: [ParameterGroup] { fatalError() }
    @available(*, unavailable, renamed: "state")
    public func state_dict() -> OptimizerState { fatalError() }
    @available(*, unavailable, renamed: "load(_:)")
    public func load_state_dict(_ state: OptimizerState) { fatalError() }
}

@available(*, unavailable, message: "use `clip(norm: 1)` of the gradients: var g = loss.gradients()")
public func clip_grad_norm_(_ parameters: [Parameter], _ norm: Double) { fatalError() }
@available(*, unavailable, message: "use `Scheduler(optimizer, StepLR(stepSize: 7))`: a schedule and what applies it")
public enum lr_scheduler {}
