/// How ``Tensor/interpolated(size:mode:alignsCorners:scale:)`` computes values between elements.
public enum InterpolationMode: String, Sendable {
    /// The element at the floor of the position, as in the oldest code.
    case nearest
    /// The element whose centre is nearest.
    case nearestExact = "nearest-exact"
    /// Straight lines, along one to three axes.
    case linear
    /// Cubic splines over four elements (a = -0.75).
    case cubic
    /// The mean of the area each new element covers.
    case area
}

extension Tensor {
    /// The spatial axes resized to other lengths.
    ///
    /// *Shape*: (N, C, spatial…) gives (N, C, size…).
    ///
    /// - Parameters:
    ///   - size: The lengths of the result's spatial axes.
    ///   - mode: How values between elements are interpolated.
    ///   - alignsCorners: Whether the centres of the corner elements stay where they are (linear and cubic).
    ///   - scale: The factor for each axis, if the exact factor should be used instead of size / length.
    /// - Source: `torch.nn.functional.interpolate`, without antialiasing.
    public func interpolated(
        size: [Int], mode: InterpolationMode = .nearest, alignsCorners: Bool = false, scale: [Double]? = nil
    ) -> Tensor {
        guard rank >= 3, size.count == rank - 2, size.allSatisfy({ $0 >= 1 }),
            scale == nil || scale!.count == size.count
        else {
            fail(
                "interpolated", "an input of shape \(shape) cannot be resized to \(size)",
                hint: "give one length for each spatial axis")
        }
        if mode == .area { return adaptiveAveragePool(output: size) }
        var result = self
        for (i, length) in size.enumerated() {
            let axis = i + 2
            let axisMap = InterpolationAxis(
                input: shape[axis], output: length, alignsCorners: alignsCorners, scale: scale?[i])
            if axisMap.isIdentity { continue }
            result = result.interpolated(axis, axisMap.taps(mode))
        }
        return result
    }

    /// The sum over taps of elements along `axis` times weights, with an index and a weight for each element of the
    /// result.
    private func interpolated(_ axis: Int, _ taps: [(indices: [Int], weights: [Double]?)]) -> Tensor {
        let parts = taps.map { indices, weights in
            let part = indexSelect(axis: axis, indices: DeviceConstants.table(indices, on: device))
            guard let weights else { return part }
            var lengths = Shape(repeating: 1, count: rank)
            lengths[axis] = weights.count
            return part * DeviceConstants.table(weights, dtype: dtype, on: device).reshaped(lengths)
        }
        return parts.dropFirst().reduce(parts[0]) { $0 + $1 }
    }
}

/// The positions of the elements of a resized axis on the axis they are computed from.
private struct InterpolationAxis {
    let input, output: Int
    let alignsCorners: Bool
    let scale: Double?

    var isIdentity: Bool { input == output && (scale ?? 1) == 1 }

    /// Steps on the input per step on the output.
    private var step: Double {
        if alignsCorners { return output > 1 ? Double(input - 1) / Double(output - 1) : 0 }
        return scale.map { 1 / $0 } ?? Double(input) / Double(output)
    }

    private func place(_ i: Int, isCubic: Bool) -> Double {
        if alignsCorners { return Double(i) * step }
        let place = (Double(i) + 0.5) * step - 0.5
        return isCubic ? place : max(0, place)
    }

    func taps(_ mode: InterpolationMode) -> [(indices: [Int], weights: [Double]?)] {
        func clamped(_ i: Int) -> Int { min(max(i, 0), input - 1) }
        switch mode {
        case .nearest:
            // In float32, as PyTorch computes it: at integer positions the rounding decides.
            return [((0..<output).map { clamped(Int((Float($0) * Float(step)).rounded(.down))) }, nil)]
        case .nearestExact:
            return [((0..<output).map { clamped(Int(((Float($0) + 0.5) * Float(step)).rounded(.down))) }, nil)]
        case .linear:
            let places = (0..<output).map { place($0, isCubic: false) }
            let low = places.map { clamped(Int($0)) }
            let shares = zip(places, low).map { $0 - Double($1) }
            return [(low, shares.map { 1 - $0 }), (low.map { clamped($0 + 1) }, shares)]
        case .cubic:
            let places = (0..<output).map { place($0, isCubic: true) }
            let low = places.map { Int($0.rounded(.down)) }
            return (-1...2).map { tap in
                (low.map { clamped($0 + tap) }, zip(places, low).map { cubicWeight(Double(tap) - ($0 - Double($1))) })
            }
        case .area: return []
        }
    }
}

/// Keys' cubic convolution kernel with a = -0.75.
private func cubicWeight(_ distance: Double) -> Double {
    let (x, a) = (abs(distance), -0.75)
    if x <= 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
    return x < 2 ? ((x - 5) * x + 8) * x * a - 4 * a : 0
}
