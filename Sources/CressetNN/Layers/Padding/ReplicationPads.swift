import Cresset

/// Puts copies of the element at the edge around one spatial axis.
public final class ReplicationPad1d: PaddingLayer {
    public static let axes = 1
    public let padding: [Int]
    public var mode: TensorPadding { .replicate }

    /// - Parameter padding: How many, on every side or as (left, right).
    public init(_ padding: PerAxis) { self.padding = Self.sides(padding) }
}

/// Puts copies of the element at the edge around two spatial axes.
public final class ReplicationPad2d: PaddingLayer {
    public static let axes = 2
    public let padding: [Int]
    public var mode: TensorPadding { .replicate }

    /// - Parameter padding: How many, on every side or as (left, right, top, bottom).
    public init(_ padding: PerAxis) { self.padding = Self.sides(padding) }
}

/// Puts copies of the element at the edge around three spatial axes.
public final class ReplicationPad3d: PaddingLayer {
    public static let axes = 3
    public let padding: [Int]
    public var mode: TensorPadding { .replicate }

    /// - Parameter padding: How many, on every side or as (left, right, top, bottom, front, back).
    public init(_ padding: PerAxis) { self.padding = Self.sides(padding) }
}
