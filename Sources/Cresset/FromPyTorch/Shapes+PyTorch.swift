// PyTorch's spellings that people type first. They do not exist here; the compiler names what does.
// Each message gives our spelling in backticks; Tests/CressetTests/House/SpellingTests.swift looks them up.

extension Tensor {
    @available(*, unavailable, message: "use `reshaped([2, 3])`")
    public func view(_ shape: Int...) -> Tensor { fatalError() }
    @available(*, unavailable, message: "use `reshaped([2, 3])`")
    public func reshape(_ shape: Int...) -> Tensor { fatalError() }
    @available(*, unavailable, message: "use `permuted([1, 0])`")
    public func permute(_ order: Int...) -> Tensor { fatalError() }
    @available(*, unavailable, renamed: "transposed(_:_:)")
    public func transpose(_ first: Int, _ second: Int) -> Tensor { fatalError() }
    @available(*, unavailable, renamed: "t")
    public var T: Tensor { fatalError() }
    @available(*, unavailable, renamed: "t")
    public var mT: Tensor { fatalError() }
    @available(*, unavailable, renamed: "unsqueezed(at:)")
    public func unsqueeze(_ axis: Int) -> Tensor { fatalError() }
    @available(*, unavailable, message: "use `squeezed(axis: 0)`; without an axis, all of length 1 go")
    public func squeeze(_ axis: Int? = nil) -> Tensor { fatalError() }
    @available(*, unavailable, message: "use `flattened(from: 1)`")
    public func flatten(_ start: Int = 0, _ end: Int = -1) -> Tensor { fatalError() }
    @available(*, unavailable, message: "use `broadcast(to: [2, 3])`")
    public func expand(_ shape: Int...) -> Tensor { fatalError() }
    @available(*, unavailable, message: "use `tiled([2, 1])`")
    public func `repeat`(_ counts: Int...) -> Tensor { fatalError() }
    @available(*, unavailable, renamed: "narrowed(axis:start:count:)")
    public func narrow(_ axis: Int, _ start: Int, _ count: Int) -> Tensor { fatalError() }
    @available(*, unavailable, renamed: "chunked(_:axis:)")
    public func chunk(_ count: Int, dim: Int = 0) -> [Tensor] { fatalError() }
    @available(*, unavailable, renamed: "unstacked(axis:)")
    public func unbind(_ axis: Int = 0) -> [Tensor] { fatalError() }
    @available(*, unavailable, message: "use `flipped(axes: [0])`")
    public func flip(_ axes: Int...) -> Tensor { fatalError() }
    @available(*, unavailable, renamed: "concatenated(_:axis:)")
    public static func cat(_ tensors: [Tensor], dim: Int = 0) -> Tensor { fatalError() }
    @available(*, unavailable, renamed: "stacked(_:axis:)")
    public static func stack(_ tensors: [Tensor], dim: Int = 0) -> Tensor { fatalError() }
    @available(*, unavailable, message: "use `shape`, or `shape[0]` for one axis")
    public func size(_ axis: Int? = nil) -> Shape { fatalError() }
    @available(*, unavailable, renamed: "elementCount")
    public func numel() -> Int { fatalError() }
    @available(*, unavailable, renamed: "rank")
    public func dim() -> Int { fatalError() }
    @available(*, unavailable, renamed: "rank")
    public var ndim: Int { fatalError() }
}
