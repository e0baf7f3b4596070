// PyTorch's spellings that people type first; see Shapes+PyTorch.swift.

extension Tensor {
    @available(*, unavailable, message: "use `gradients()`, which returns them: optimizer.step(loss.gradients())")
    public func backward() { fatalError() }
    @available(*, unavailable, message: "gradients are values: let g = loss.`gradients()`, then g[x]")
    public var grad: Tensor? { fatalError() }
    @available(*, unavailable, renamed: "requiringGradient()")
    public func requires_grad_() -> Tensor { fatalError() }
    @available(*, unavailable, renamed: "requiresGradient")
    public var requires_grad: Bool { fatalError() }
    @available(*, unavailable, renamed: "detached()")
    public func detach() -> Tensor { fatalError() }
    @available(*, unavailable, message: "use `to(.cuda(0))`")
    public func cuda() -> Tensor { fatalError() }
    @available(*, unavailable, message: "use `to(.cpu)`")
    public func cpu() -> Tensor { fatalError() }
    @available(*, unavailable, renamed: "onGradient(_:)")
    public func register_hook(_ hook: (Tensor) -> Void) { fatalError() }
}

@available(*, unavailable, renamed: "withoutGradients(_:)")
public func no_grad<R>(_ body: () throws -> R) rethrows -> R { fatalError() }
@available(*, unavailable, renamed: "withoutGradients(_:)")
public func inference_mode<R>(_ body: () throws -> R) rethrows -> R { fatalError() }
@available(*, unavailable, message: "use `withAutocast(.bfloat16) { … }`")
public func autocast<R>(_ body: () throws -> R) rethrows -> R { fatalError() }
@available(*, unavailable, message: "use `Generator.current.manualSeed(0)`")
public func manual_seed(_ seed: Int) { fatalError() }
