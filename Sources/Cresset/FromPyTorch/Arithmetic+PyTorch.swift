// PyTorch's spellings that people type first; see Shapes+PyTorch.swift.

extension Tensor {
    @available(*, unavailable, message: "use `power(2)`, or `squared()`")
    public func pow(_ exponent: Double) -> Tensor { fatalError() }
    @available(*, unavailable, renamed: "matmul(_:)")
    public func mm(_ other: Tensor) -> Tensor { fatalError() }
    @available(*, unavailable, renamed: "matmul(_:)")
    public func bmm(_ other: Tensor) -> Tensor { fatalError() }
    @available(*, unavailable, renamed: "matmul(_:)")
    public func dot(_ other: Tensor) -> Tensor { fatalError() }
    @available(*, unavailable, renamed: "softmax(axis:)")
    public func softmax(dim: Int) -> Tensor { fatalError() }
    @available(*, unavailable, renamed: "logSoftmax(axis:)")
    public func log_softmax(dim: Int) -> Tensor { fatalError() }
    @available(*, unavailable, message: "use `sum(axes: [1], keepsAxes: true)`")
    public func sum(dim: Int, keepdim: Bool = false) -> Tensor { fatalError() }
    @available(*, unavailable, message: "use `mean(axes: [1], keepsAxes: true)`")
    public func mean(dim: Int, keepdim: Bool = false) -> Tensor { fatalError() }
    @available(*, unavailable, message: "use `standardDeviation(axes: [1])`")
    public func std(dim: Int? = nil, keepdim: Bool = false) -> Tensor { fatalError() }
    @available(*, unavailable, message: "use `variance(axes: [1])`")
    public func `var`(dim: Int? = nil, keepdim: Bool = false) -> Tensor { fatalError() }
    @available(*, unavailable, message: "use `max(axis: 1)`, or `amax()` for the largest of all")
    public func max(dim: Int, keepdim: Bool = false) -> (Tensor, Tensor) { fatalError() }
    @available(*, unavailable, message: "use `min(axis: 1)`, or `amin()` for the smallest of all")
    public func min(dim: Int, keepdim: Bool = false) -> (Tensor, Tensor) { fatalError() }
    @available(*, unavailable, renamed: "argmax(axis:keepsAxis:)")
    public func argmax(dim: Int, keepdim: Bool = false) -> Tensor { fatalError() }
    @available(*, unavailable, renamed: "argmin(axis:keepsAxis:)")
    public func argmin(dim: Int, keepdim: Bool = false) -> Tensor { fatalError() }
    @available(*, unavailable, renamed: "topK(_:axis:largest:)")
    public func topk(_ count: Int, dim: Int = -1) -> (Tensor, Tensor) { fatalError() }
    @available(*, unavailable, renamed: "argSorted(axis:descending:)")
    public func argsort(dim: Int = -1, descending: Bool = false) -> Tensor { fatalError() }
    @available(*, unavailable, renamed: "cumulativeSum(axis:)")
    public func cumsum(dim: Int) -> Tensor { fatalError() }
    @available(*, unavailable, renamed: "maskedFill(_:_:)")
    public func masked_fill(_ mask: Tensor, _ value: Double) -> Tensor { fatalError() }
    @available(*, unavailable, renamed: "maskedSelect(_:)")
    public func masked_select(_ mask: Tensor) -> Tensor { fatalError() }
    @available(*, unavailable, renamed: "indexSelect(axis:indices:)")
    public func index_select(_ axis: Int, _ indices: Tensor) -> Tensor { fatalError() }
    @available(*, unavailable, message: "use `Tensor.select(condition, x, y)`")
    public static func `where`(_ condition: Tensor, _ x: Tensor, _ y: Tensor) -> Tensor { fatalError() }
    @available(*, unavailable, message: "use `isAllClose(to: y)`, or element by element x .== y")
    public func eq(_ other: Tensor) -> Tensor { fatalError() }
    @available(*, unavailable, renamed: "isAllClose(to:)")
    public func allclose(_ other: Tensor) -> Bool { fatalError() }
    @available(*, unavailable, renamed: "isNaN()")
    public func isnan() -> Tensor { fatalError() }
}
