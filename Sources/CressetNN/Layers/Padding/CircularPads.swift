import Cresset

/// Puts the elements of the other end around one spatial axis.
public final class CircularPad1d: PaddingLayer {
    public static let axes = 1
    public let padding: [Int]
    public var mode: TensorPadding { .circular }

    /// - Parameter padding: How many, on every side or as (left, right).
    public init(_ padding: PerAxis) { self.padding = Self.sides(padding) }
}

/// Puts the elements of the other end around two spatial axes.
public final class CircularPad2d: PaddingLayer {
    public static let axes = 2
    public let padding: [Int]
    public var mode: TensorPadding { .circular }

    /// - Parameter padding: How many, on every side or as (left, right, top, bottom).
    public init(_ padding: PerAxis) { self.padding = Self.sides(padding) }
}

/// Puts the elements of the other end around three spatial axes.
public final class CircularPad3d: PaddingLayer {
    public static let axes = 3
    public let padding: [Int]
    public var mode: TensorPadding { .circular }

    /// - Parameter padding: How many, on every side or as (left, right, top, bottom, front, back).
    public init(_ padding: PerAxis) { self.padding = Self.sides(padding) }
}
