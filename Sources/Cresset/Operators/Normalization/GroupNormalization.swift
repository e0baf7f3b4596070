// Normalisation of groups of channels, of single channels, and across neighbouring channels.

extension Tensor {
    /// `groups` groups of channels, each normalised over its channels and positions, then multiplied channel by channel
    /// by `weight`, plus `bias`.
    ///
    /// *Shape*: (N, C, …), the others (C). *Source*: Wu and He, "Group Normalization", 2018.
    ///
    /// - Parameters:
    ///   - groups: The number of groups into which the channels are divided.
    ///   - weight: A factor for each channel; nil for none.
    ///   - bias: An addend for each channel; nil for none.
    ///   - epsilon: Added to denominators to avoid division by zero.
    public func groupNormalized(
        groups: Int, weight: Tensor? = nil, bias: Tensor? = nil, epsilon: Double = 1e-5
    ) -> Tensor {
        guard rank >= 2, groups >= 1, shape[1] % groups == 0 else {
            fail(
                "groupNormalized", "\(groups) groups do not divide the channels of shape \(shape)",
                hint: "the groups must divide axis 1")
        }
        // With several examples, PyTorch accepts groups of one value, too.
        if elementCount == groups {
            fail(
                "groupNormalized", "\(groups) groups of shape \(shape) have one value each, which has no variance",
                hint: "use fewer groups, or a larger input")
        }
        return normalized(groupParts(groups, epsilon), weight: weight, bias: bias, "groupNormalized")
    }

    /// Each channel of each example normalised over its positions.
    ///
    /// *Shape*: (N, C, spatial…), the others (C).
    ///
    /// - Parameters:
    ///   - weight: A factor for each channel; nil for none.
    ///   - bias: An addend for each channel; nil for none.
    ///   - epsilon: Added to denominators to avoid division by zero.
    ///
    /// *Source*: Ulyanov, Vedaldi and Lempitsky, "Instance Normalization", 2016.
    public func instanceNormalized(weight: Tensor? = nil, bias: Tensor? = nil, epsilon: Double = 1e-5) -> Tensor {
        guard rank >= 3 else { fail("instanceNormalized", "shape \(shape) has no spatial axes") }
        if shape.dropFirst(2).reduce(1, *) == 1 {
            fail(
                "instanceNormalized", "shape \(shape) has one spatial element, which has no variance",
                hint: "use a larger input, or batch normalisation")
        }
        return normalized(groupParts(shape[1], epsilon), weight: weight, bias: bias, "instanceNormalized")
    }

    /// Each element divided by (k + alpha times the mean square of the `size` channels around it) to the power beta.
    ///
    /// - Parameters:
    ///   - size: The number of channels considered together.
    ///   - alpha: The factor of the mean square.
    ///   - beta: The exponent.
    ///   - k: The constant added to the mean square.
    ///
    /// *Source*: Krizhevsky, Sutskever and Hinton, "ImageNet Classification with Deep Convolutional Neural Networks", 2012.
    public func localResponseNormalized(size: Int, alpha: Double = 1e-4, beta: Double = 0.75, k: Double = 1) -> Tensor {
        guard rank >= 3, size >= 1 else {
            fail("localResponseNormalized", "cannot take \(size) channels around each in shape \(shape)")
        }
        if elementCount == 0 { return self }
        let around = [Int](repeating: 0, count: 2 * (rank - 2)) + [size / 2, (size - 1) / 2]
        let squares = squared().padded(around).unfolded(axis: 1, size: size, step: 1).mean(axes: [-1])
        return self / (squares * alpha + k).power(beta)
    }

    private func groupParts(_ groups: Int, _ epsilon: Double) -> PartNormalization {
        PartNormalization(
            count: shape[0] * groups, groups: groups, channels: groups == 0 ? 0 : shape[1] / groups,
            plane: shape.dropFirst(2).reduce(1, *), isCentred: true, epsilon: epsilon)
    }

    /// One number per channel, shaped to broadcast along axis 1 of `rank` axes.
    func alongChannels(_ rank: Int) -> Tensor {
        reshaped(Shape([1, elementCount] + [Int](repeating: 1, count: Swift.max(0, rank - 2))))
    }
}
