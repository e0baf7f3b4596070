import CPixels

/// How the pixels of a resized picture are computed from the original's.
public enum Interpolation: String, Sendable, Hashable, CaseIterable, Codable {
    /// The pixel in the middle of the area.
    case nearest
    /// The mean of the area.
    case box
    /// A triangle over the area and its neighbours: torchvision's default.
    case bilinear
    case hamming
    /// Keys' cubic with a = -0.5.
    case bicubic
    case lanczos

    var filter: cresset_filter? {
        switch self {
        case .nearest: nil
        case .box: CRESSET_FILTER_BOX
        case .bilinear: CRESSET_FILTER_BILINEAR
        case .hamming: CRESSET_FILTER_HAMMING
        case .bicubic: CRESSET_FILTER_BICUBIC
        case .lanczos: CRESSET_FILTER_LANCZOS
        }
    }
}

extension Image {
    /// The picture at another size, identical to Pillow's result (antialiased, 8-bit).
    ///
    /// Traps if a side is not positive, there are more than ``maximumPixelCount`` pixels, or memory runs out.
    ///
    /// - Parameters:
    ///   - width: In pixels.
    ///   - height: In pixels.
    ///   - interpolation: How values between pixels are found.
    public func resized(width: Int, height: Int, interpolation: Interpolation = .bilinear) -> Image {
        Image.check(width: width, height: height, channels: channels)
        return resizedPart(
            of: (width, height), columns: 0..<width, rows: 0..<height, interpolation: interpolation)
    }

    /// The picture resized so that its shorter side has `shortSide` pixels; the longer one, rounded down, keeps the
    /// proportion.
    ///
    /// Traps if `shortSide` is not positive or over 13,377.
    ///
    /// - Parameters:
    ///   - shortSide: In pixels.
    ///   - interpolation: How values between pixels are found.
    /// - Throws: ``ImageError/resultTooLarge(operation:width:height:)`` if the picture is so long that the result would
    ///   have more than ``maximumPixelCount`` pixels.
    public func resized(shortSide: Int, interpolation: Interpolation = .bilinear) throws(ImageError) -> Image {
        try resized(to: .shortSide(shortSide), interpolation: interpolation)
    }

    /// The picture resized to what `size` says.
    ///
    /// Traps if a side is not positive.
    ///
    /// - Parameters:
    ///   - size: The size of the result.
    ///   - interpolation: How values between pixels are found.
    /// - Throws: ``ImageError/resultTooLarge(operation:width:height:)`` if the picture is so long that the result would
    ///   have more than ``maximumPixelCount`` pixels.
    public func resized(to size: Resize.Size, interpolation: Interpolation = .bilinear) throws(ImageError) -> Image {
        size.check("resized")
        let size = size.applied(to: (width, height))
        if size.width > Image.maximumPixelCount / size.height {
            throw .resultTooLarge(operation: "resize", width: size.width, height: size.height)
        }
        return resized(width: size.width, height: size.height, interpolation: interpolation)
    }

    /// The result of `resized(to:)` followed by `centerCropped(width:height:)`, without computing more than the part
    /// that is cut out.
    ///
    /// - Throws: ``ImageError/resultTooLarge(operation:width:height:)`` if a side of the whole would be over 2^31 - 1.
    func resized(
        _ size: Resize.Size, croppedTo crop: (width: Int, height: Int), interpolation: Interpolation
    ) throws(ImageError) -> Image {
        let whole = size.applied(to: (width, height))
        if max(whole.width, whole.height) > Int32.max {
            throw .resultTooLarge(operation: "resize", width: whole.width, height: whole.height)
        }
        let columns = CenterCrop.Span(whole.width, crop.width)
        let rows = CenterCrop.Span(whole.height, crop.height)
        return resizedPart(of: whole, columns: columns.part, rows: rows.part, interpolation: interpolation)
            .surrounded(columns, rows)
    }

    /// A part of the picture resized to `whole`.
    private func resizedPart(
        of whole: (width: Int, height: Int), columns: Range<Int>, rows: Range<Int>, interpolation: Interpolation
    ) -> Image {
        if whole == (width, height) {
            return cropped(left: columns.lowerBound, top: rows.lowerBound, width: columns.count, height: rows.count)
        }
        var part = cresset_part(
            whole_width: Int32(whole.width), whole_height: Int32(whole.height), left: Int32(columns.lowerBound),
            top: Int32(rows.lowerBound))
        var status: Int32 = 0
        let image = mapped(width: columns.count, height: rows.count) { source, target in
            if let filter = interpolation.filter {
                status = cresset_pixels_resample(source, target, &part, filter)
            } else {
                status = cresset_pixels_pick_nearest(source, target, &part)
            }
        }
        if status != 0 {
            OutOfMemory.end(
                "resized: no memory to resize \(self) to \(whole.width) x \(whole.height)",
                hint: "fewer workers need less")
        }
        return image
    }
}

/// Traps if `side` is not positive, or if even a square of that side is too large for an image.
func checkShortSide(_ name: String, _ side: Int) {
    let most = Int(Double(Image.maximumPixelCount).squareRoot())
    if side < 1 || side > most { fatalError("\(name): the shorter side must have 1 to \(most) pixels, got \(side)") }
}
