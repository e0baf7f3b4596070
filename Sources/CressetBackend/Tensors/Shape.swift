/// The lengths of a tensor's axes, or its strides: up to eight integers stored inline, so that creating one allocates
/// nothing.
///
/// Behaves as a collection of `Int` and is written as an array literal:
///
/// ```swift
/// let shape: Shape = [2, 3, 224, 224]
/// shape.count         // 4 axes
/// shape.elementCount  // 301,056
/// ```
@frozen
public struct Shape: Sendable, Hashable, RandomAccessCollection, MutableCollection, ExpressibleByArrayLiteral,
    CustomStringConvertible
{
    /// The most axes a tensor may have.
    public static let maximumRank = 8

    @usableFromInline var values: InlineArray<8, Int>
    /// The number of axes.
    public let count: Int

    /// A shape of `count` axes, each of length `value`.
    @inlinable public init(repeating value: Int, count: Int) {
        Shape.check(rank: count)
        values = InlineArray(repeating: 0)
        for i in 0..<count { values[i] = value }
        self.count = count
    }

    /// The shape with these lengths.
    ///
    /// Traps if there are more than ``maximumRank``.
    ///
    /// - Parameter lengths: The lengths.
    @inlinable public init(_ lengths: some Collection<Int>) {
        Shape.check(rank: lengths.count)
        values = InlineArray(repeating: 0)
        var i = 0
        for length in lengths {
            values[i] = length
            i += 1
        }
        count = i
    }

    @inlinable public init(arrayLiteral elements: Int...) { self.init(elements) }

    @inlinable public var startIndex: Int { 0 }
    @inlinable public var endIndex: Int { count }

    @inlinable public subscript(axis: Int) -> Int {
        get {
            if axis < 0 || axis >= count { noSuchAxis(axis) }
            return values[axis]
        }
        set {
            if axis < 0 || axis >= count { noSuchAxis(axis) }
            values[axis] = newValue
        }
    }

    /// The product of the lengths: 1 for a scalar.
    @inlinable public var elementCount: Int {
        var product = 1
        for i in 0..<count { product *= values[i] }
        return product
    }

    /// The strides, in elements, of a row-major tensor of this shape.
    @inlinable public var rowMajorStrides: Shape {
        var strides = self
        var step = 1
        for i in stride(from: count - 1, through: 0, by: -1) {
            strides.values[i] = step
            step *= Swift.max(values[i], 1)
        }
        return strides
    }

    /// The strides of a tensor with axes (N, C, spatial…) that is stored as (N, spatial…, C).
    @inlinable public var channelsLastStrides: Shape {
        guard count >= 3 else { return rowMajorStrides }
        var strides = self
        strides.values[1] = 1
        var step = Swift.max(values[1], 1)
        for i in stride(from: count - 1, through: 2, by: -1) {
            strides.values[i] = step
            step *= Swift.max(values[i], 1)
        }
        strides.values[0] = step
        return strides
    }

    /// Whether these strides and `other` put the elements of `shape` in the same places: axes of length 1 may have any
    /// stride.
    ///
    /// - Parameters:
    ///   - other: Other strides.
    ///   - shape: The lengths of the axes.
    @inlinable package func agrees(with other: Shape, over shape: Shape) -> Bool {
        for i in 0..<shape.count where values[i] != other.values[i] && shape.values[i] != 1 {
            return shape.elementCount == 0
        }
        return true
    }

    @inlinable public static func == (a: Shape, b: Shape) -> Bool {
        guard a.count == b.count else { return false }
        for i in 0..<a.count where a.values[i] != b.values[i] { return false }
        return true
    }

    @inlinable public func hash(into hasher: inout Hasher) {
        hasher.combine(count)
        for i in 0..<count { hasher.combine(values[i]) }
    }

    /// The shape with `length` inserted before `axis`.
    @inlinable public func inserting(_ length: Int, at axis: Int) -> Shape {
        var lengths = Array(self)
        lengths.insert(length, at: axis)
        return Shape(lengths)
    }

    /// The shape without `axis`.
    @inlinable public func removing(at axis: Int) -> Shape {
        var lengths = Array(self)
        lengths.remove(at: axis)
        return Shape(lengths)
    }

    /// The shape as Swift and PyTorch print it: `[2, 3]`.
    public var description: String { "[" + map(String.init).joined(separator: ", ") + "]" }

    @usableFromInline func noSuchAxis(_ axis: Int) -> Never {
        fatalError(
            "Shape: there is no axis \(axis) in \(self), which has \(count)"
                + (axis < 0 && -axis <= count ? "\n  hint: shape[shape.count - \(-axis)] counts from the end" : ""))
    }

    @inlinable static func check(rank: Int) {
        if rank > 8 { tooManyAxes(rank) }
    }

    @usableFromInline static func tooManyAxes(_ rank: Int) -> Never {
        fatalError("a tensor has at most \(maximumRank) axes, got \(rank)")
    }

    /// Passes the eight lengths to C; those past ``count`` are zero.
    ///
    /// - Parameter body: Called with the address of the lengths, which is valid only during the call.
    @inlinable package func withPointer<R>(_ body: (UnsafePointer<Int>) throws -> R) rethrows -> R {
        try withUnsafePointer(to: values) { pointer in
            try pointer.withMemoryRebound(to: Int.self, capacity: 8) { try body($0) }
        }
    }
}
