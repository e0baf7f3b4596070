// Subscripts: elements by position, `x[0]`, `x[.all, 1...]`.

/// One position of a subscript: an index, a range, everything, a new axis, or a step.
public enum TensorIndex: Sendable {
    case index(Int)
    /// From `start` up to, but excluding, `end` in steps; nil is the beginning or the end; negative numbers count from
    /// the end.
    case slice(start: Int?, end: Int?, step: Int)
    /// A new axis of length 1.
    case lengthOne
    /// As many whole axes as needed.
    case wholeAxes
    /// Elements by index, or where a bool tensor is true.
    case elements(Tensor)
}

/// What can be written between the brackets of a tensor: `x[0]`, `x[1..<3]`, `x[.all, 2]`, `x[.ellipsis, .newAxis]`,
/// `x[rows, columns]`, `x[x .> 0]`.
public protocol TensorIndexing {
    var tensorIndex: TensorIndex { get }
}

extension TensorIndex: TensorIndexing { public var tensorIndex: TensorIndex { self } }
extension TensorIndexing where Self == TensorIndex {
    /// Every `step`-th element from `start` up to, but excluding, `end`: the beginning and the end if nil, counted from
    /// the end if negative.
    public static func slice(from start: Int? = nil, to end: Int? = nil, step: Int = 1) -> TensorIndex {
        .slice(start: start, end: end, step: step)
    }
    /// A whole axis.
    public static var all: TensorIndex { .slice(start: nil, end: nil, step: 1) }
    /// As many whole axes as needed.
    public static var ellipsis: TensorIndex { .wholeAxes }
    /// An axis of length 1.
    public static var newAxis: TensorIndex { .lengthOne }
}
extension Tensor: TensorIndexing { public var tensorIndex: TensorIndex { .elements(self) } }
extension Int: TensorIndexing { public var tensorIndex: TensorIndex { .index(self) } }
extension Range: TensorIndexing where Bound == Int {
    public var tensorIndex: TensorIndex { .slice(start: lowerBound, end: upperBound, step: 1) }
}
extension ClosedRange: TensorIndexing where Bound == Int {
    // -1 is the last element: what follows it is the end, not the beginning.
    public var tensorIndex: TensorIndex {
        .slice(start: lowerBound, end: upperBound == -1 ? nil : upperBound + 1, step: 1)
    }
}
extension PartialRangeFrom: TensorIndexing where Bound == Int {
    public var tensorIndex: TensorIndex { .slice(start: lowerBound, end: nil, step: 1) }
}
extension PartialRangeUpTo: TensorIndexing where Bound == Int {
    public var tensorIndex: TensorIndex { .slice(start: nil, end: upperBound, step: 1) }
}

extension Tensor {
    /// The part of the tensor at the given positions, one per axis starting with the first.
    ///
    /// Reading makes a view. Writing copies the value in, broadcast, and first makes the memory uniquely owned. Traps
    /// if an index is out of range.
    ///
    /// - Parameter indices: An index for each axis: a number, a range, a slice, a new axis, an ellipsis, or a tensor.
    public subscript(_ indices: any TensorIndexing...) -> Tensor {
        get { indexed(indices.map(\.tensorIndex)) }
        set { assign(newValue, at: indices.map(\.tensorIndex)) }
    }

    /// The part of the tensor at the given positions, one per axis starting with the first.
    ///
    /// - Parameter indices: An index for each axis: a number, a range, a slice, a new axis, an ellipsis, or a tensor.
    public subscript(_ indices: [TensorIndex]) -> Tensor {
        get { indexed(indices) }
        set { assign(newValue, at: indices) }
    }

    /// The part of the tensor at the given positions.
    func indexed(_ indices: [TensorIndex]) -> Tensor {
        let (plain, picks) = plainPositions(indices)
        if !picks.isEmpty { return indexed(plain).pickedSlices(picks) }
        let used = indices.reduce(0) { $0 + $1.axisCount }
        var result = self
        var axis = 0
        for position in indices {
            switch position {
            case .index(let index): result = result.selected(axis: axis, index: index)
            case .lengthOne:
                result = result.unsqueezed(at: axis)
                axis += 1
            case .wholeAxes, .elements: axis += rank - used
            case .slice(let start, let end, let step):
                result = result.sliced(axis: axis, start: start, end: end, step: step)
                axis += 1
            }
        }
        return result
    }

    private func sliced(axis: Int, start: Int?, end: Int?, step: Int) -> Tensor {
        guard step >= 1 else {
            fail("subscript", "the step \(step) is not 1 or more", hint: "use flipped(axes:) to reverse an axis")
        }
        let n = shape[axis]
        func bound(_ value: Int) -> Int { Swift.min(Swift.max(value < 0 ? value + n : value, 0), n) }
        let (from, to) = (bound(start ?? 0), bound(end ?? n))
        if from == 0 && to == n && step == 1 { return self }
        return narrowed(axis: axis, start: from, count: Swift.max(0, (to - from + step - 1) / step), step: step)
    }

    private mutating func assign(_ value: Tensor, at indices: [TensorIndex]) {
        if indices.contains(where: { if case .elements = $0 { true } else { false } }) {
            self = indexPut(indices, value)
            return
        }
        if !Tensor.records(self, value), !requiresGradient, value.body.storage !== body.storage {
            // In place if nothing else holds the memory.
            makeUnique()
            body.storage.contentsChanged()
            write(value, to: indexed(indices))
            return
        }
        let old = self
        let original = shape
        var result = detached()
        result.makeUnique()
        let part = result.indexed(indices)
        result.body.storage.contentsChanged()
        write(value, to: part)
        self = result.recorded(
            "assign", old, value,
            { gradient in
                var rest = gradient
                rest.assign(gradient.beside(.integer(0)), at: indices)
                return rest
            }, { $0.reshaped(original).indexed(indices).reduced(to: value) })
    }

    /// Copies `value`, broadcast, into the memory that `part` views.
    private func write(_ value: Tensor, to part: Tensor) {
        guard part.elementCount == 0 || value.shape == part.shape || value.rank <= part.rank else {
            fail("subscript", "a value of shape \(value.shape) does not fit the part of shape \(part.shape)")
        }
        let source = value.detached().to(device).to(dtype).broadcast(to: part.shape)
        backend.copy(source.operand, to: part.operand)
    }
}
