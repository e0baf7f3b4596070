import Cresset

/// A layer that adds elements around its spatial axes.
///
/// *Shape*: (N, C, spatial…) or (C, spatial…), with each axis longer by the elements added before and after it.
public protocol PaddingLayer: Layer {
    /// How many elements are added before and after each axis, in pairs starting with the last axis; negative ones are
    /// cut off.
    var padding: [Int] { get }
    /// The values of the added elements.
    var mode: TensorPadding { get }
}

extension PaddingLayer {
    public var details: String { padding.pythonTuple }

    public func forward(_ x: Tensor) -> Tensor {
        let axes = padding.count / 2
        guard x.rank > axes else {
            fatalError("\(Self.className): an input of shape \(x.shape) has no channels and \(axes) spatial axes")
        }
        return x.padded(padding, mode)
    }
}

public typealias ZeroPad1d = ZeroPadding<1>
public typealias ZeroPad2d = ZeroPadding<2>
public typealias ZeroPad3d = ZeroPadding<3>

/// Adds zeros around `axes` spatial axes.
public final class ZeroPadding<let axes: Int>: PaddingLayer {
    public let padding: [Int]
    public var mode: TensorPadding { .constant(0) }
    public static var className: String { "ZeroPad\(axes)d" }

    /// - Parameter padding: How many, the same on every side or as (left, right, top, bottom, front, back).
    public init(_ padding: some AxisNumbers) { self.padding = padding.perAxis.expanded(2 * axes) }
}

public typealias ConstantPad1d = ConstantPadding<1>
public typealias ConstantPad2d = ConstantPadding<2>
public typealias ConstantPad3d = ConstantPadding<3>

/// Adds a constant around `axes` spatial axes.
public final class ConstantPadding<let axes: Int>: PaddingLayer {
    public let padding: [Int]
    public let value: Double
    public var mode: TensorPadding { .constant(value) }
    public static var className: String { "ConstantPad\(axes)d" }
    public var details: String { "padding=\(padding.pythonTuple), value=\(value.pythonNumber)" }

    ///
    /// - Parameters:
    ///   - padding: The number of elements: the same on every side or as (left, right, top, bottom, front, back).
    ///   - value: The value of the border.
    public init(_ padding: some AxisNumbers, value: Double) {
        self.padding = padding.perAxis.expanded(2 * axes)
        self.value = value
    }
}

public typealias ReflectionPad1d = ReflectionPadding<1>
public typealias ReflectionPad2d = ReflectionPadding<2>
public typealias ReflectionPad3d = ReflectionPadding<3>

/// Adds the mirror image, excluding the elements at the edge, around `axes` spatial axes.
public final class ReflectionPadding<let axes: Int>: PaddingLayer {
    public let padding: [Int]
    public var mode: TensorPadding { .reflect }
    public static var className: String { "ReflectionPad\(axes)d" }

    /// - Parameter padding: How many, the same on every side or as (left, right, top, bottom, front, back).
    public init(_ padding: some AxisNumbers) { self.padding = padding.perAxis.expanded(2 * axes) }
}

public typealias ReplicationPad1d = ReplicationPadding<1>
public typealias ReplicationPad2d = ReplicationPadding<2>
public typealias ReplicationPad3d = ReplicationPadding<3>

/// Adds copies of the edge elements around `axes` spatial axes.
public final class ReplicationPadding<let axes: Int>: PaddingLayer {
    public let padding: [Int]
    public var mode: TensorPadding { .replicate }
    public static var className: String { "ReplicationPad\(axes)d" }

    /// - Parameter padding: How many, the same on every side or as (left, right, top, bottom, front, back).
    public init(_ padding: some AxisNumbers) { self.padding = padding.perAxis.expanded(2 * axes) }
}

public typealias CircularPad1d = CircularPadding<1>
public typealias CircularPad2d = CircularPadding<2>
public typealias CircularPad3d = CircularPadding<3>

/// Adds the elements of the opposite end around `axes` spatial axes.
public final class CircularPadding<let axes: Int>: PaddingLayer {
    public let padding: [Int]
    public var mode: TensorPadding { .circular }
    public static var className: String { "CircularPad\(axes)d" }

    /// - Parameter padding: How many, the same on every side or as (left, right, top, bottom, front, back).
    public init(_ padding: some AxisNumbers) { self.padding = padding.perAxis.expanded(2 * axes) }
}
