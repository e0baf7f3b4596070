/// What surrounds an image that is sampled outside its borders.
public enum GridPadding: String, Sendable {
    case zeros
    /// The element at the border.
    case border
    /// The mirror image.
    case reflection
}

extension Tensor {
    /// The image sampled at positions given as numbers from -1 to 1, (x, y) or (x, y, z) in the grid's last axis.
    ///
    /// *Shape*: (N, C, H, W) with a grid of (N, H', W', 2) gives (N, C, H', W'); likewise with three axes.
    ///
    /// - Parameters:
    ///   - grid: The source position of each element, (N, …, 2 or 3), from -1 to 1.
    ///   - mode: Linear, nearest or cubic.
    ///   - padding: What lies beyond the edges.
    ///   - alignsCorners: Whether -1 and 1 are the centres of the corner elements instead of their outer edges.
    /// - Source: `torch.nn.functional.grid_sample`.
    public func gridSampled(
        _ grid: Tensor, mode: InterpolationMode = .linear, padding: GridPadding = .zeros, alignsCorners: Bool = false
    ) -> Tensor {
        require(sameDevice: grid, "gridSampled")
        if autocastRaised.dtype != dtype || grid.autocastRaised.dtype != grid.dtype {
            return autocastRaised.gridSampled(
                grid.autocastRaised, mode: mode, padding: padding, alignsCorners: alignsCorners)
        }
        // Positions among many elements need more digits than 16 bits have.
        if isShort || grid.isShort {
            return raisedIfShort.gridSampled(
                grid.raisedIfShort, mode: mode, padding: padding, alignsCorners: alignsCorners
            ).to(dtype.promoted(with: grid.dtype))
        }
        let axes = rank - 2
        guard rank == 4 || rank == 5, grid.rank == rank, grid.shape[rank - 1] == axes, grid.shape[0] == shape[0],
            mode == .linear || mode == .nearest || mode == .cubic
        else { fail("gridSampled", "an image of shape \(shape), a grid of shape \(grid.shape), mode \(mode)") }
        let sampler = GridSampler(image: self, padding: padding, alignsCorners: alignsCorners)
        // The last number of a position is its first axis.
        let places = (0..<axes).map { sampler.place(grid.selected(axis: -1, index: axes - 1 - $0), axis: $0) }
        switch mode {
        case .nearest:
            let sampled = sampler.elements(at: places.enumerated().map { sampler.bounded($1, axis: $0).round() })
            return sampled.recorded("gridSampled", sampled, grid, { $0 }, { _ in .zeros(like: grid) })
        case .cubic: return sampler.cubic(places)
        default: return sampler.linear(places.enumerated().map { sampler.bounded($1, axis: $0) })
        }
    }
}

private struct GridSampler {
    let image: Tensor
    let padding: GridPadding
    let alignsCorners: Bool

    private var axes: Int { image.rank - 2 }
    private func length(_ axis: Int) -> Double { Double(image.shape[axis + 2]) }

    /// From -1…1 to element numbers.
    func place(_ x: Tensor, axis: Int) -> Tensor {
        alignsCorners ? (x + 1) * ((length(axis) - 1) / 2) : ((x + 1) * length(axis) - 1) / 2
    }

    /// Brings a position outside the image inside according to the padding; with zeros it is left alone.
    func bounded(_ x: Tensor, axis: Int) -> Tensor {
        let last = length(axis) - 1
        switch padding {
        case .zeros: return x
        case .border: return x.hardtanh(min: 0, max: last)
        case .reflection:
            let low = alignsCorners ? 0 : -0.5
            let span = alignsCorners ? last : last + 1
            if span == 0 { return x * 0 }
            let distance = (x - low).abs()
            let rest = distance.fmod(x.beside(.float(span)))
            let isOdd = (distance.detached() / span).floor().remainder(dividingBy: x.beside(.integer(2))) .!= 0
            return Tensor.select(isOdd, span - rest + low, rest + low).hardtanh(min: 0, max: last)
        }
    }

    /// The elements at integer positions; zero outside.
    func elements(at places: [Tensor]) -> Tensor {
        var isInside = Tensor(true, device: image.device)
        var number = Tensor(0, device: image.device)
        for (axis, place) in places.enumerated() {
            let index = place.detached()
            isInside = isInside .& (index .>= 0) .& (index .<= length(axis) - 1)
            let bounded = index.replacingNonFinite().clamp(min: 0, max: length(axis) - 1).to(.int64)
            number = number * Int(length(axis)) + bounded
        }
        let (n, c) = (image.shape[0], image.shape[1])
        let lengths = Array(number.shape.dropFirst())
        let flat = number.reshaped([n, 1, -1])
        let picked = image.flattened(from: 2).gather(axis: 2, indices: flat.broadcast(to: [n, c, flat.shape[2]]))
        let result = picked.reshaped(Shape([n, c] + lengths))
        return Tensor.select(isInside.unsqueezed(at: 1), result, 0)
    }

    /// The weighted mean of the elements at the corners around each position.
    func linear(_ places: [Tensor]) -> Tensor {
        let low = places.map { $0.detached().floor() }
        let shares = zip(places, low).map { $0 - $1 }
        var sum: Tensor?
        for corner in 0..<1 << axes {
            var weight: Tensor?
            var whole: [Tensor] = []
            for axis in 0..<axes {
                let isHigh = corner >> axis & 1 == 1
                let factor = isHigh ? shares[axis] : 1 - shares[axis]
                weight = weight.map { $0 * factor } ?? factor
                whole.append(isHigh ? low[axis] + 1 : low[axis])
            }
            let part = elements(at: whole) * weight!.unsqueezed(at: 1)
            sum = sum.map { $0 + part } ?? part
        }
        return sum!
    }

    /// Four elements along each axis around each position, by cubic splines; each element's own position is bounded.
    func cubic(_ places: [Tensor]) -> Tensor {
        let low = places.map { $0.detached().floor() }
        let taps = places.indices.map { axis in
            (-1...2).map { tap -> (place: Tensor, weight: Tensor) in
                let distance = places[axis] - low[axis] - Double(tap)
                return (
                    bounded(low[axis] + Double(tap), axis: axis), cubicWeight(distance, isNear: tap == 0 || tap == 1)
                )
            }
        }
        var sum: Tensor?
        func visit(_ chosen: [Tensor], _ weight: Tensor?) {
            guard chosen.count < axes else {
                let part = elements(at: chosen) * weight!.unsqueezed(at: 1)
                sum = sum.map { $0 + part } ?? part
                return
            }
            for tap in taps[chosen.count] { visit(chosen + [tap.place], weight.map { $0 * tap.weight } ?? tap.weight) }
        }
        visit([], nil)
        return sum!
    }

    private func cubicWeight(_ distance: Tensor, isNear: Bool) -> Tensor {
        let (x, a) = (distance.abs(), -0.75)
        if isNear { return (x * (a + 2) - (a + 3)) * x * x + 1 }
        return ((x - 5) * x + 8) * x * a - 4 * a
    }
}
