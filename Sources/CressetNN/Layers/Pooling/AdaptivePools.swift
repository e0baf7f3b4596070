import Cresset

/// The mean over equal parts of one spatial axis, whatever its length.
public final class AdaptiveAvgPool1d: AdaptiveAveragePooling {
    public static let axes = 1
    public let outputSize: [Int?]

    public init(_ outputSize: PerAxis) { self.outputSize = outputSize.values }

    /// - Parameter lengths: The lengths wanted; nil leaves an axis as it is.
    public init(lengths: [Int?]) { outputSize = lengths }
}

/// The mean over equal parts of two spatial axes, whatever their lengths.
public final class AdaptiveAvgPool2d: AdaptiveAveragePooling {
    public static let axes = 2
    public let outputSize: [Int?]

    public init(_ outputSize: PerAxis) { self.outputSize = outputSize.values }

    /// - Parameter lengths: The lengths wanted; nil leaves an axis as it is.
    public init(lengths: [Int?]) { outputSize = lengths }
}

/// The mean over equal parts of three spatial axes, whatever their lengths.
public final class AdaptiveAvgPool3d: AdaptiveAveragePooling {
    public static let axes = 3
    public let outputSize: [Int?]

    public init(_ outputSize: PerAxis) { self.outputSize = outputSize.values }

    /// - Parameter lengths: The lengths wanted; nil leaves an axis as it is.
    public init(lengths: [Int?]) { outputSize = lengths }
}

/// The largest element of equal parts of one spatial axis, whatever its length.
public final class AdaptiveMaxPool1d: AdaptiveMaxPooling {
    public static let axes = 1
    public let outputSize: [Int?]

    public init(_ outputSize: PerAxis) { self.outputSize = outputSize.values }

    /// - Parameter lengths: The lengths wanted; nil leaves an axis as it is.
    public init(lengths: [Int?]) { outputSize = lengths }
}

/// The largest element of equal parts of two spatial axes, whatever their lengths.
public final class AdaptiveMaxPool2d: AdaptiveMaxPooling {
    public static let axes = 2
    public let outputSize: [Int?]

    public init(_ outputSize: PerAxis) { self.outputSize = outputSize.values }

    /// - Parameter lengths: The lengths wanted; nil leaves an axis as it is.
    public init(lengths: [Int?]) { outputSize = lengths }
}

/// The largest element of equal parts of three spatial axes, whatever their lengths.
public final class AdaptiveMaxPool3d: AdaptiveMaxPooling {
    public static let axes = 3
    public let outputSize: [Int?]

    public init(_ outputSize: PerAxis) { self.outputSize = outputSize.values }

    /// - Parameter lengths: The lengths wanted; nil leaves an axis as it is.
    public init(lengths: [Int?]) { outputSize = lengths }
}
