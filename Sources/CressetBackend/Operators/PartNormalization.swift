/// How examples are divided into parts that are normalised independently: layers, groups of channels, channels.
@frozen
package struct PartNormalization: Sendable, Hashable {
    /// The number of parts. Part p belongs to group p % `groups`.
    package var count: Int
    /// The groups, each with its own weights and biases, one per channel.
    package var groups: Int
    /// The channels of a part…
    package var channels: Int
    /// …and the positions of each channel.
    package var plane: Int
    /// Whether the mean is subtracted; otherwise values are divided by their root mean square.
    package var isCentred: Bool
    /// Added to the variance, or to the mean square.
    package var epsilon: Double

    /// Creates one from its parts.
    ///
    /// - Parameters:
    ///   - count: The number of parts.
    ///   - groups: The number of groups in each sample.
    ///   - channels: The number of channels in each group.
    ///   - plane: The number of elements per channel.
    ///   - isCentred: Whether the mean is subtracted.
    ///   - epsilon: Added to denominators to avoid division by zero.
    @inlinable package init(count: Int, groups: Int, channels: Int, plane: Int, isCentred: Bool, epsilon: Double) {
        self.count = count
        self.groups = groups
        self.channels = channels
        self.plane = plane
        self.isCentred = isCentred
        self.epsilon = epsilon
    }
}
