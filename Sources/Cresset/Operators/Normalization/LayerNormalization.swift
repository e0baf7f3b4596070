// Normalisation over the last axes.

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
