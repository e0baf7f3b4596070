import CressetData

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Takes the middle of a picture; one that is too small is first padded with black.
public struct CenterCrop: Transform {
    public let width: Int
    public let height: Int

    /// A square.
    ///
    /// - Parameter side: In pixels.
    public init(_ side: Int) { self.init(width: side, height: side) }

    /// Traps if a side is not positive, or if an image of that size is too large.
    ///
    /// - Parameters:
    ///   - width: In pixels.
    ///   - height: In pixels.
    public init(width: Int, height: Int) {
        checkSize("CenterCrop", width, height)
        self.width = width
        self.height = height
    }

    public func apply(to picture: Picture, random: inout SampleRandom) -> Picture {
        picture.mappingImage("CenterCrop") { $0.centerCropped(width: width, height: height) }
    }

    /// What a crop to `wanted` pixels does along an axis of `count` pixels.
    struct Span {
        /// The part of the picture that is kept.
        let part: Range<Int>
        /// The pixels that are added before and after it.
        let lacking: Int

        init(_ count: Int, _ wanted: Int) {
            lacking = max(wanted - count, 0)
            let rest = max(count - wanted, 0)
            // Half of the rest, halves to even, as Python rounds.
            let start = rest % 4 == 3 ? rest / 2 + 1 : rest / 2
            part = start..<(start + min(count, wanted))
        }

        var before: Int { lacking / 2 }
        var after: Int { lacking - before }
    }
}

/// Takes a part of random size, aspect ratio and position, and resizes it.
public struct RandomResizedCrop: Transform {
    public let width: Int
    public let height: Int
    /// The part's area, as a share of the picture's.
    public let scale: ClosedRange<Double>
    /// The part's width divided by its height.
    public let ratio: ClosedRange<Double>
    public let interpolation: Interpolation

    /// A square.
    ///
    /// - Parameters:
    ///   - side: The length of the result's sides, in pixels.
    ///   - scale: The part's area, as a share of the picture's.
    ///   - ratio: The part's width divided by its height.
    ///   - interpolation: How values between pixels are found.
    public init(
        _ side: Int, scale: ClosedRange<Double> = 0.08...1, ratio: ClosedRange<Double> = (3.0 / 4)...(4.0 / 3),
        interpolation: Interpolation = .bilinear
    ) {
        self.init(width: side, height: side, scale: scale, ratio: ratio, interpolation: interpolation)
    }

    /// Traps if a side, an area or a proportion is not positive, or larger than any picture's.
    ///
    /// - Parameters:
    ///   - width: The width of the result, in pixels.
    ///   - height: The height of the result, in pixels.
    ///   - scale: The part's area, as a share of the picture's.
    ///   - ratio: The part's width divided by its height.
    ///   - interpolation: How values between pixels are found.
    public init(
        width: Int, height: Int, scale: ClosedRange<Double> = 0.08...1,
        ratio: ClosedRange<Double> = (3.0 / 4)...(4.0 / 3), interpolation: Interpolation = .bilinear
    ) {
        checkSize("RandomResizedCrop", width, height)
        if scale.lowerBound <= 0 || ratio.lowerBound <= 0 || !scale.upperBound.isFinite || !ratio.upperBound.isFinite {
            fatalError("RandomResizedCrop: scale and ratio must be positive and finite, got \(scale) and \(ratio)")
        }
        self.width = width
        self.height = height
        self.scale = scale
        self.ratio = ratio
        self.interpolation = interpolation
    }

    public func apply(to picture: Picture, random: inout SampleRandom) -> Picture {
        picture.mappingImage("RandomResizedCrop") { image in
            let part = part(ofSize: (image.width, image.height), random: &random)
            return image.resizedCrop(
                left: part.left, top: part.top, width: part.width, height: part.height, toWidth: width,
                toHeight: height, interpolation: interpolation)
        }
    }

    /// Ten tries, then the largest central part with an allowed aspect ratio.
    func part(
        ofSize size: (width: Int, height: Int), random: inout SampleRandom
    ) -> (left: Int, top: Int, width: Int, height: Int) {
        let area = Double(size.width * size.height)
        let logRatio = log(ratio.lowerBound)...log(ratio.upperBound)
        for _ in 0..<10 {
            let target = area * random.uniform(in: scale)
            let proportion = exp(random.uniform(in: logRatio))
            // Numbers too large for any picture, including infinity, are compared before they are converted to
            // integers.
            let (wide, high) = ((target * proportion).squareRoot(), (target / proportion).squareRoot())
            guard wide < Double(size.width + 1), high < Double(size.height + 1) else { continue }
            let (width, height) = (rounded(wide), rounded(high))
            if width > 0, height > 0, width <= size.width, height <= size.height {
                let top = random.integer(below: size.height - height + 1)
                let left = random.integer(below: size.width - width + 1)
                return (left, top, width, height)
            }
        }
        var (width, height) = (size.width, size.height)
        let proportion = Double(width) / Double(height)
        if proportion < ratio.lowerBound {
            height = max(rounded(Double(width) / ratio.lowerBound), 1)
        } else if proportion > ratio.upperBound {
            width = max(rounded(Double(height) * ratio.upperBound), 1)
        }
        return ((size.width - width) / 2, (size.height - height) / 2, width, height)
    }

    private func rounded(_ value: Double) -> Int { Int(value.rounded(.toNearestOrEven)) }
}
