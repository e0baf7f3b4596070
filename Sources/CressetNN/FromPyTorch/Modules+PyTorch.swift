// PyTorch's spellings that people type first. They do not exist here; the compiler names what does.
// Each message gives our spelling in backticks; Tests/CressetTests/House/SpellingTests.swift looks them up.

extension Module {
    @available(*, unavailable, renamed: "namedParameters")
    public func named_parameters() -> [(String, Parameter)] { fatalError() }
    @available(*, unavailable, renamed: "namedModules")
    public func named_modules() -> [(String, any Module)] { fatalError() }
    @available(*, unavailable, renamed: "stateDict()")
    public func state_dict() -> StateDict { fatalError() }
    @available(*, unavailable, renamed: "load(_:)")
    public func load_state_dict(_ state: StateDict) { fatalError() }
    @available(*, unavailable, message: "there is nothing to clear: gradients are values, from `gradients()`")
    public func zero_grad() { fatalError() }
    @available(*, unavailable, message: "use `freeze()`, or freeze(matching: \"layer1.*\")")
    public func requires_grad_(_ requires: Bool) { fatalError() }
    @available(*, unavailable, message: "use `to(.cuda(0))`")
    public func cuda() -> Self { fatalError() }
    @available(*, unavailable, message: "use `to(.cpu)`")
    public func cpu() -> Self { fatalError() }
    @available(*, unavailable, message: "use `to(.float64)`")
    public func double() -> Self { fatalError() }
    @available(*, unavailable, message: "use `to(.bfloat16)`, or `withAutocast`")
    public func half() -> Self { fatalError() }
}

extension Parameter {
    @available(*, unavailable, renamed: "requiresGradient")
    public var requires_grad: Bool { fatalError() }
    @available(*, unavailable, message: "gradients are values: let g = loss.`gradients()`, then g[parameter]")
    public var grad: Tensor? { fatalError() }
    @available(*, unavailable, renamed: "value")
    public var data: Tensor { fatalError() }
}
