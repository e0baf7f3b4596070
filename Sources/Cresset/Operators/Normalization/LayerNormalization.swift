// Normalisation over parts of one example: layers, groups of channels, channels.

extension Tensor {
    /// The last axes, those of `shape`, normalised to mean 0 and variance 1, then multiplied by `weight`, plus `bias`.
    ///
    /// - Parameters:
    ///   - normal: The lengths of the last axes, which are normalised together.
    ///   - weight: Factors of that shape; nil for none.
    ///   - bias: Addends of that shape; nil for none.
    ///   - epsilon: Added to denominators to avoid division by zero.
    ///
    /// *Source*: Ba, Kiros and Hinton, "Layer Normalization", 2016. Traps if `shape` is not the end of this shape.
    public func layerNormalized(
        shape normal: Shape, weight: Tensor? = nil, bias: Tensor? = nil, epsilon: Double = 1e-5
    ) -> Tensor {
        let parts = layerParts(normal, isCentred: true, epsilon, "layerNormalized")
        return normalized(parts, weight: weight, bias: bias, "layerNormalized")
    }

    /// The last axes, those of `shape`, divided by their root mean square, then multiplied by `weight`.
    ///
    /// *Source*: Zhang and Sennrich, "Root Mean Square Layer Normalization", 2019.
    ///
    /// - Parameters:
    ///   - normal: The lengths of the last axes, which are normalised together.
    ///   - weight: Factors of that shape; nil for none.
    ///   - epsilon: Added to the mean square; if nil, the dtype's distance from 1 to the next number.
    public func rmsNormalized(shape normal: Shape, weight: Tensor? = nil, epsilon: Double? = nil) -> Tensor {
        let parts = layerParts(normal, isCentred: false, epsilon ?? dtype.epsilon, "rmsNormalized")
        return normalized(parts, weight: weight, bias: nil, "rmsNormalized")
    }

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

    private func layerParts(
        _ normal: Shape, isCentred: Bool, _ epsilon: Double, _ operation: StaticString
    ) -> PartNormalization {
        guard normal.count >= 1, normal.count <= rank, shape.suffix(normal.count).elementsEqual(normal) else {
            fail("\(operation)", "the shape \(normal) is not the end of \(shape)")
        }
        return PartNormalization(
            count: shape.dropLast(normal.count).reduce(1, *), groups: 1, channels: normal.elementCount, plane: 1,
            isCentred: isCentred, epsilon: epsilon)
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

extension DType {
    /// The distance from 1 to the next larger number.
    var epsilon: Double {
        switch self {
        case .float64: 0x1p-52
        case .float16: 0x1p-10
        case .bfloat16: 0x1p-7
        default: 0x1p-23
        }
    }
}
