// PyTorch's spellings that people type first; see Shapes+PyTorch.swift.

extension Tensor {
    @available(*, unavailable, message: "use `Tensor.normal([2, 3])`")
    public static func randn(_ shape: Int...) -> Tensor { fatalError() }
    @available(*, unavailable, message: "use `Tensor.uniform([2, 3])`")
    public static func rand(_ shape: Int...) -> Tensor { fatalError() }
    @available(*, unavailable, message: "use `Tensor.integers([2, 3], in: 0..<10)`")
    public static func randint(_ low: Int, _ high: Int, _ shape: Shape) -> Tensor { fatalError() }
    @available(*, unavailable, renamed: "permutation(_:)")
    public static func randperm(_ count: Int) -> Tensor { fatalError() }
    @available(*, unavailable, renamed: "zeros(like:)")
    public static func zeros_like(_ other: Tensor) -> Tensor { fatalError() }
    @available(*, unavailable, renamed: "ones(like:)")
    public static func ones_like(_ other: Tensor) -> Tensor { fatalError() }
    @available(*, unavailable, message: "use `Tensor.normal(x.shape)`")
    public static func randn_like(_ other: Tensor) -> Tensor { fatalError() }
    @available(*, unavailable, message: "use `Tensor.zeros([2, 3])`: no tensor is left without values")
    public static func empty(_ shape: Int...) -> Tensor { fatalError() }
    @available(*, unavailable, message: "use `Tensor(values, shape: [2, 3])`: a tensor has a copy of the array")
    public static func from_numpy(_ values: [Float]) -> Tensor { fatalError() }
    @available(*, unavailable, message: "use `scalars(as: Float.self)`")
    public func numpy() -> [Float] { fatalError() }
    @available(*, unavailable, message: "use `scalars(as: Float.self)`")
    public func tolist() -> [Float] { fatalError() }
    @available(*, unavailable, message: "a tensor is a value: assigning it copies it; `contiguous()` orders its memory")
    public func clone() -> Tensor { fatalError() }
    @available(*, unavailable, message: "use `to(.float32)`")
    public func float() -> Tensor { fatalError() }
    @available(*, unavailable, message: "use `to(.float64)`")
    public func double() -> Tensor { fatalError() }
    @available(*, unavailable, message: "use `to(.float16)`, or `withAutocast`")
    public func half() -> Tensor { fatalError() }
    @available(*, unavailable, message: "use `to(.int64)`")
    public func long() -> Tensor { fatalError() }
}
