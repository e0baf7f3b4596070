/// How examples are divided into parts that are normalised independently: layers, groups of channels, channels.
@frozen
public struct PartNormalization: Sendable, Hashable {
    /// The number of parts. Part p belongs to group p % `groups`.
    public var count: Int
    /// The groups, each with its own weights and biases, one per channel.
    public var groups: Int
    /// The channels of a part…
    public var channels: Int
    /// …and the positions of each channel.
    public var plane: Int
    /// Whether the mean is subtracted; otherwise values are divided by their root mean square.
    public var isCentred: Bool
    /// Added to the variance, or to the mean square.
    public var epsilon: Double

    /// Creates one from its parts.
    ///
    /// - Parameters:
    ///   - count: The number of parts.
    ///   - groups: The number of groups in each sample.
    ///   - channels: The number of channels in each group.
    ///   - plane: The number of elements per channel.
    ///   - isCentred: Whether the mean is subtracted.
    ///   - epsilon: Added to denominators to avoid division by zero.
    @inlinable public init(count: Int, groups: Int, channels: Int, plane: Int, isCentred: Bool, epsilon: Double) {
        self.count = count
        self.groups = groups
        self.channels = channels
        self.plane = plane
        self.isCentred = isCentred
        self.epsilon = epsilon
    }
}
