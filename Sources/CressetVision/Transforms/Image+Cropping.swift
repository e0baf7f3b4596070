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
    /// Traps if a count is negative or over ``maximumPixelCount``.
    ///
    /// - Parameters:
    ///   - left: In pixels.
    ///   - top: In pixels.
    ///   - right: In pixels.
    ///   - bottom: In pixels.
    ///   - fill: The border's value in every channel, for the mode `constant`.
    ///   - mode: What the border is made of.
    /// - Throws: ``ImageError`` if the picture becomes too large, or a mirrored border is wider than the picture.
    public func padded(
        left: Int, top: Int, right: Int, bottom: Int, fill: UInt8 = 0, mode: PaddingMode = .constant
    ) throws(ImageError) -> Image {
        checkBorders("padded", left, top, right, bottom)
        let (width, height) = (left + self.width + right, top + self.height + bottom)
        if width > Image.maximumPixelCount / height {
            throw .resultTooLarge(operation: "pad", width: width, height: height)
        }
        let widest = mode.widestBorder(of: (self.width, self.height))
        if max(left, right) > widest.x || max(top, bottom) > widest.y {
            throw .unsuitable(
                "\(self.width) x \(self.height) pixels are too few to be mirrored in borders of \(left), \(top), "
                    + "\(right), \(bottom)")
        }
        return bordered(left: left, top: top, right: right, bottom: bottom, fill: fill, mode: mode)
    }

    private func bordered(left: Int, top: Int, right: Int, bottom: Int, fill: UInt8, mode: PaddingMode) -> Image {
        let columns = (-left..<(width + right)).map { mode.source(of: $0, count: width) }
        let rows = (-top..<(height + bottom)).map { mode.source(of: $0, count: height) }
        return Image(width: columns.count, height: rows.count, channels: channels) { target in
            withPixels { source in
                var to = target
                for row in rows {
                    for column in columns {
                        for c in 0..<channels {
                            let isInside = row >= 0 && column >= 0
                            to[c] = isInside ? source[row * rowStride + column * channels + c] : fill
                        }
                        to += channels
                    }
                }
            }
        }
    }
}

/// Traps if a border is negative or larger than any picture.
func checkBorders(_ name: String, _ borders: Int...) {
    if borders.contains(where: { !(0...Image.maximumPixelCount).contains($0) }) {
        fatalError("\(name): a border must be 0 to \(Image.maximumPixelCount) pixels wide, got \(borders)")
    }
}

extension PaddingMode {
    /// The widest borders that the mode can fill around a picture.
    fileprivate func widestBorder(of size: (width: Int, height: Int)) -> (x: Int, y: Int) {
        switch self {
        case .constant, .edge: (.max, .max)
        case .reflect: (size.width - 1, size.height - 1)
        case .symmetric: (size.width, size.height)
        }
    }

    /// The index whose pixel is used for `index`; -1 for the fill value.
    fileprivate func source(of index: Int, count: Int) -> Int {
        if index >= 0 && index < count { return index }
        return switch self {
        case .constant: -1
        case .edge: index < 0 ? 0 : count - 1
        case .reflect: index < 0 ? -index : 2 * (count - 1) - index
        case .symmetric: index < 0 ? -index - 1 : 2 * count - 1 - index
        }
    }
}
