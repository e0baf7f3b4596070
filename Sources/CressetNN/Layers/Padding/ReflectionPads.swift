import Cresset

/// Puts the mirror image, without the elements at the edge, around one spatial axis.
public final class ReflectionPad1d: PaddingLayer {
    public static let axes = 1
    public let padding: [Int]
    public var mode: TensorPadding { .reflect }

    /// - Parameter padding: How many, on every side or as (left, right).
    public init(_ padding: PerAxis) { self.padding = Self.sides(padding) }
}

/// Puts the mirror image, without the elements at the edge, around two spatial axes.
public final class ReflectionPad2d: PaddingLayer {
    public static let axes = 2
    public let padding: [Int]
    public var mode: TensorPadding { .reflect }

    /// - Parameter padding: How many, on every side or as (left, right, top, bottom).
    public init(_ padding: PerAxis) { self.padding = Self.sides(padding) }
}

/// Puts the mirror image, without the elements at the edge, around three spatial axes.
public final class ReflectionPad3d: PaddingLayer {
    public static let axes = 3
    public let padding: [Int]
    public var mode: TensorPadding { .reflect }

    /// - Parameter padding: How many, on every side or as (left, right, top, bottom, front, back).
    public init(_ padding: PerAxis) { self.padding = Self.sides(padding) }
}
