import CPixels

/// How a picture is extended beyond its borders.
public enum PaddingMode: String, Sendable, Hashable, CaseIterable, Codable {
    /// A constant value.
    case constant
    /// The outermost pixel.
    case edge
    /// The picture mirrored at its outermost pixel, which is not repeated.
    case reflect
    /// The picture mirrored at its border, so that the outermost pixel is repeated.
    case symmetric
}

extension Image {
    /// The middle part of the given size; a picture that is too small is first padded with black.
    ///
    /// Traps if a side is not positive or there are more than ``maximumPixelCount`` pixels.
    ///
    /// - Parameters:
    ///   - width: In pixels.
    ///   - height: In pixels.
    public func centerCropped(width: Int, height: Int) -> Image {
        Image.check(width: width, height: height, channels: channels)
        let columns = CenterCrop.Span(self.width, width)
        let rows = CenterCrop.Span(self.height, height)
        return cropped(
            left: columns.part.lowerBound, top: rows.part.lowerBound, width: columns.part.count, height: rows.part.count
        ).surrounded(columns, rows)
    }

    /// The picture with the black borders that cropping a smaller picture adds.
    func surrounded(_ columns: CenterCrop.Span, _ rows: CenterCrop.Span) -> Image {
        if columns.lacking == 0 && rows.lacking == 0 { return self }
        return bordered(
            left: columns.before, top: rows.before, right: columns.after, bottom: rows.after, fill: 0, mode: .constant)
    }

    /// A part that may reach outside the picture, where `fill` is, as torchvision's `crop` takes it.
    ///
    /// Traps if a side is not positive, there are more than ``maximumPixelCount`` pixels, or the part begins over 2^31
    /// pixels away.
    ///
    /// - Parameters:
    ///   - left: The first column of the part; negative to the left of the picture.
    ///   - top: The first row of the part; negative above the picture.
    ///   - width: The width of the part, in pixels.
    ///   - height: The height of the part, in pixels.
    ///   - fill: The colour of what lies outside.
    public func cropped(left: Int, top: Int, width: Int, height: Int, fill: Fill) -> Image {
        Image.check(width: width, height: height, channels: channels)
        if max(left.magnitude, top.magnitude) > UInt(Int32.max) {
            fatalError("cropped: (\(left), \(top)) is too far away from the picture")
        }
        if left >= 0, top >= 0, left + width <= self.width, top + height <= self.height {
            return cropped(left: left, top: top, width: width, height: height)
        }
        func sources(_ first: Int, _ count: Int, of whole: Int) -> [Int32] {
            (first..<(first + count)).map { (0..<whole).contains($0) ? Int32($0) : -1 }
        }
        return picking(
            sources(left, width, of: self.width), sources(top, height, of: self.height), fill, "cropped")
    }

    /// The four corners and the middle: upper left, upper right, lower left, lower right, centre.
    ///
    /// Traps if a side is not positive.
    ///
    /// - Parameters:
    ///   - width: The width of a crop, in pixels.
    ///   - height: The height of a crop, in pixels.
    /// - Throws: ``ImageError/unsuitable(_:)`` if the picture is smaller than a crop.
    public func fiveCrops(width: Int, height: Int) throws(ImageError) -> [Image] {
        checkSize("fiveCrops", width, height)
        try checkHolds(width: width, height: height)
        let (right, bottom) = (self.width - width, self.height - height)
        return [(0, 0), (right, 0), (0, bottom), (right, bottom)].map { left, top in
            cropped(left: left, top: top, width: width, height: height)
        } + [centerCropped(width: width, height: height)]
    }

    /// ``fiveCrops(width:height:)`` of the picture, then of its mirror image.
    ///
    /// Traps if a side is not positive.
    ///
    /// - Parameters:
    ///   - width: The width of a crop, in pixels.
    ///   - height: The height of a crop, in pixels.
    ///   - flipsVertically: Whether top and bottom are swapped in the mirror image, in place of left and right.
    /// - Throws: ``ImageError/unsuitable(_:)`` if the picture is smaller than a crop.
    public func tenCrops(width: Int, height: Int, flipsVertically: Bool = false) throws(ImageError) -> [Image] {
        let mirrored = flipsVertically ? flippedVertically() : flippedHorizontally()
        return try fiveCrops(width: width, height: height) + mirrored.fiveCrops(width: width, height: height)
    }

    /// Throws if a crop is larger than the picture.
    func checkHolds(width: Int, height: Int) throws(ImageError) {
        if width > self.width || height > self.height {
            throw .unsuitable(
                "\(self.width) x \(self.height) pixels are too few for a crop of \(width) x \(height)")
        }
    }

    /// A part of the picture, resized: what `RandomResizedCrop` does once it has chosen.
    ///
    /// Traps if the part extends outside, as ``cropped(left:top:width:height:)`` does.
    ///
    /// - Parameters:
    ///   - left: The first column of the part.
    ///   - top: The first row of the part.
    ///   - width: The width of the part, in pixels.
    ///   - height: The height of the part, in pixels.
    ///   - toWidth: The width of the result, in pixels.
    ///   - toHeight: The height of the result, in pixels.
    ///   - interpolation: How values between pixels are found.
    public func resizedCrop(
        left: Int, top: Int, width: Int, height: Int, toWidth: Int, toHeight: Int,
        interpolation: Interpolation = .bilinear
    ) -> Image {
        cropped(left: left, top: top, width: width, height: height)
            .resized(width: toWidth, height: toHeight, interpolation: interpolation)
    }

    /// The picture with a border added.
    ///
    /// Traps if a count is negative or over ``maximumPixelCount``, or for a fill of the wrong number of channels.
    ///
    /// - Parameters:
    ///   - left: In pixels.
    ///   - top: In pixels.
    ///   - right: In pixels.
    ///   - bottom: In pixels.
    ///   - fill: The border's colour, for the mode `constant`.
    ///   - mode: What the border is made of. A border wider than the picture mirrors it repeatedly.
    /// - Throws: ``ImageError`` if the picture becomes too large.
    public func padded(
        left: Int, top: Int, right: Int, bottom: Int, fill: Fill = 0, mode: PaddingMode = .constant
    ) throws(ImageError) -> Image {
        checkBorders("padded", left, top, right, bottom)
        let (width, height) = (left + self.width + right, top + self.height + bottom)
        if width > Image.maximumPixelCount / height {
            throw .resultTooLarge(operation: "pad", width: width, height: height)
        }
        return bordered(left: left, top: top, right: right, bottom: bottom, fill: fill, mode: mode)
    }

    /// The picture with a border on each side.
    func padded(_ borders: Borders, fill: Fill, mode: PaddingMode) throws(ImageError) -> Image {
        try padded(
            left: borders.left, top: borders.top, right: borders.right, bottom: borders.bottom, fill: fill, mode: mode)
    }

    private func bordered(left: Int, top: Int, right: Int, bottom: Int, fill: Fill, mode: PaddingMode) -> Image {
        picking(
            (-left..<(width + right)).map { mode.source(of: $0, count: width) },
            (-top..<(height + bottom)).map { mode.source(of: $0, count: height) }, fill, "padded")
    }

    /// The picture's given columns and rows; -1 stands for the fill.
    private func picking(_ columns: [Int32], _ rows: [Int32], _ fill: Fill, _ name: String) -> Image {
        let fill = fill.bytes(name, channels: channels)
        return mapped(width: columns.count, height: rows.count) { cresset_pixels_pick($0, $1, columns, rows, fill) }
    }
}

/// Traps if a border is negative or larger than any picture.
func checkBorders(_ name: String, _ borders: Int...) {
    if borders.contains(where: { !(0...Image.maximumPixelCount).contains($0) }) {
        fatalError("\(name): a border must be 0 to \(Image.maximumPixelCount) pixels wide, got \(borders)")
    }
}

extension PaddingMode {
    /// The index whose pixel is used for `index`; -1 for the fill.
    fileprivate func source(of index: Int, count: Int) -> Int32 {
        if index >= 0 && index < count { return Int32(index) }
        switch self {
        case .constant: return -1
        case .edge: return Int32(index < 0 ? 0 : count - 1)
        case .reflect:
            if count == 1 { return 0 }
            let place = PaddingMode.place(index, period: 2 * (count - 1))
            return Int32(min(place, 2 * (count - 1) - place))
        case .symmetric:
            let place = PaddingMode.place(index, period: 2 * count)
            return Int32(min(place, 2 * count - 1 - place))
        }
    }

    private static func place(_ index: Int, period: Int) -> Int { (index % period + period) % period }
}
