extension HeatMap {
    /// The picture in grey under the map: what speaks for the class glows, from purple over orange to pale yellow, the rest
    /// is darker.
    ///
    /// The colours grow lighter with the value, so that they can be told apart in any kind of colour blindness, and in
    /// print; the picture has none, so that all are the map's.
    ///
    /// - Parameters:
    ///   - image: The picture that the network saw, or of the same proportions; grey becomes RGB.
    ///   - opacity: How much the map covers where it is strongest, from 0 to 1.
    public func overlaid(on image: Image, opacity: Double = 0.65) -> Image {
        overlaid(on: image, over: (0, 0, image.width, image.height), opacity: opacity)
    }

    /// The whole of a picture of which a network saw the middle: the map covers that, what was cut off is dark.
    ///
    /// - Parameters:
    ///   - image: The picture, at any size; grey becomes RGB.
    ///   - preprocessing: What was cut off before the network.
    ///   - opacity: How much the map covers where it is strongest, from 0 to 1.
    public func overlaid(on image: Image, seenThrough preprocessing: Preprocessing, opacity: Double = 0.65) -> Image {
        let part = preprocessing.visiblePart(width: image.width, height: image.height)
        return overlaid(on: image, over: part, opacity: opacity)
    }

    /// The part of the picture over which the map lies may reach beyond it.
    private func overlaid(
        on image: Image, over part: (left: Int, top: Int, width: Int, height: Int), opacity: Double
    ) -> Image {
        let image = image.channels == 1 ? image.grayscale(channels: 3) : image
        let columns = (0..<image.width).map { x in
            (part.left..<part.left + part.width).contains(x)
                ? tap(Double(x - part.left), of: part.width, among: width) : nil
        }
        var pixels = image.pixels
        for y in 0..<image.height {
            let isInside = (part.top..<part.top + part.height).contains(y)
            let row = isInside ? tap(Double(y - part.top), of: part.height, among: height) : nil
            for (x, column) in columns.enumerated() {
                let place = 3 * (y * image.width + x)
                guard let row, let column else {
                    HeatColors.fade(&pixels, place)
                    continue
                }
                HeatColors.lay(value(column, row), opacity: Float(opacity), over: &pixels, place)
            }
        }
        return Image(width: image.width, height: image.height, pixels: pixels)
    }
}

/// The colours of heat, dark for little and light for much.
private enum HeatColors {
    /// Of matplotlib's colour map `inferno`, evenly spaced.
    private static let stops: [(Float, Float, Float)] = [
        (0, 0, 4), (31, 12, 72), (85, 15, 109), (136, 34, 106), (186, 54, 85), (227, 89, 51), (249, 140, 10),
        (249, 201, 50), (252, 255, 164),
    ]

    /// The share of the map that covers a place where it is 0.
    private static let floor: Float = 0.35

    static func lay(_ heat: Float, opacity: Float, over pixels: inout [UInt8], _ place: Int) {
        let position = min(max(heat, 0), 1) * Float(stops.count - 1)
        let index = min(Int(position), stops.count - 2), share = position - Float(index)
        let (a, b) = (stops[index], stops[index + 1])
        let cover = opacity * (floor + (1 - floor) * min(max(heat, 0), 1))
        let grey = grey(pixels, place)
        func mix(_ channel: Int, _ a: Float, _ b: Float) {
            let color = a + (b - a) * share
            // A little of the picture's own colour is left.
            let ground = 0.8 * grey + 0.2 * Float(pixels[place + channel])
            let mixed = ground * (1 - cover) + color * cover
            pixels[place + channel] = UInt8(min(max(mixed, 0), 255).rounded())
        }
        mix(0, a.0, b.0)
        mix(1, a.1, b.1)
        mix(2, a.2, b.2)
    }

    /// Half as bright, and without colour.
    static func fade(_ pixels: inout [UInt8], _ place: Int) {
        let value = UInt8(grey(pixels, place) / 2)
        for channel in 0..<3 { pixels[place + channel] = value }
    }

    private static func grey(_ pixels: [UInt8], _ place: Int) -> Float {
        Float(299 * Int(pixels[place]) + 587 * Int(pixels[place + 1]) + 114 * Int(pixels[place + 2])) / 1000
    }
}

extension Preprocessing {
    /// The part of a picture that ``evaluation`` leaves, in the picture's own pixels; it reaches beyond a picture that
    /// is padded.
    ///
    /// - Parameters:
    ///   - width: The picture's width.
    ///   - height: The picture's height.
    package func visiblePart(width: Int, height: Int) -> (left: Int, top: Int, width: Int, height: Int) {
        let whole = Resize.Size.shortSide(resizeSize).applied(to: (width, height))
        func span(_ length: Int, _ resized: Int) -> (start: Int, count: Int) {
            let span = CenterCrop.Span(resized, cropSize), scale = Double(length) / Double(max(resized, 1))
            let start = Double(span.part.lowerBound - span.before) * scale
            return (Int(start.rounded()), max(Int((Double(cropSize) * scale).rounded()), 1))
        }
        let columns = span(width, whole.width), rows = span(height, whole.height)
        return (columns.start, rows.start, columns.count, rows.count)
    }
}
