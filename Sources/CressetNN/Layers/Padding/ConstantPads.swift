import Cresset

/// Puts zeros around one spatial axis.
public final class ZeroPad1d: PaddingLayer {
    public static let axes = 1
    public let padding: [Int]
    public var mode: TensorPadding { .constant(0) }

    /// - Parameter padding: How many, on every side or as (left, right).
    public init(_ padding: PerAxis) { self.padding = Self.sides(padding) }
}

/// Puts zeros around two spatial axes.
public final class ZeroPad2d: PaddingLayer {
    public static let axes = 2
    public let padding: [Int]
    public var mode: TensorPadding { .constant(0) }

    /// - Parameter padding: How many, on every side or as (left, right, top, bottom).
    public init(_ padding: PerAxis) { self.padding = Self.sides(padding) }
}

/// Puts zeros around three spatial axes.
public final class ZeroPad3d: PaddingLayer {
    public static let axes = 3
    public let padding: [Int]
    public var mode: TensorPadding { .constant(0) }

    /// - Parameter padding: How many, on every side or as (left, right, top, bottom, front, back).
    public init(_ padding: PerAxis) { self.padding = Self.sides(padding) }
}

/// Puts a number around one spatial axis.
public final class ConstantPad1d: PaddingLayer {
    public static let axes = 1
    public let padding: [Int]
    public let value: Double
    public var mode: TensorPadding { .constant(value) }
    public var details: String { "padding=\(padding.pythonTuple), value=\(value.pythonNumber)" }

    /// - Parameter padding: How many, on every side or as (left, right).
    public init(_ padding: PerAxis, value: Double) {
        self.padding = Self.sides(padding)
        self.value = value
    }
}

/// Puts a number around two spatial axes.
public final class ConstantPad2d: PaddingLayer {
    public static let axes = 2
    public let padding: [Int]
    public let value: Double
    public var mode: TensorPadding { .constant(value) }
    public var details: String { "padding=\(padding.pythonTuple), value=\(value.pythonNumber)" }

    /// - Parameter padding: How many, on every side or as (left, right, top, bottom).
    public init(_ padding: PerAxis, value: Double) {
        self.padding = Self.sides(padding)
        self.value = value
    }
}

/// Puts a number around three spatial axes.
public final class ConstantPad3d: PaddingLayer {
    public static let axes = 3
    public let padding: [Int]
    public let value: Double
    public var mode: TensorPadding { .constant(value) }
    public var details: String { "padding=\(padding.pythonTuple), value=\(value.pythonNumber)" }

    /// - Parameter padding: How many, on every side or as (left, right, top, bottom, front, back).
    public init(_ padding: PerAxis, value: Double) {
        self.padding = Self.sides(padding)
        self.value = value
    }
}
