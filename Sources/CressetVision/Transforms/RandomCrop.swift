import CressetData

/// Takes a part of the given size at a random position.
public struct RandomCrop: Transform {
    public let width: Int
    public let height: Int
    /// What is added to the picture first.
    public let padding: Borders
    /// Whether a picture that is too small is enlarged on both sides by what it lacks.
    public let padsIfNeeded: Bool
    public let fill: Fill
    public let mode: PaddingMode

    /// A square.
    ///
    /// ```swift
    /// RandomCrop(32, padding: 4, mode: .reflect)
    /// ```
    ///
    /// - Parameters:
    ///   - side: In pixels.
    ///   - padding: What is added to the picture first.
    ///   - padsIfNeeded: Whether a picture that is too small is enlarged on both sides by what it lacks.
    ///   - fill: The colour of what is added, for the mode `constant`.
    ///   - mode: What the borders are made of.
    public init(
        _ side: Int, padding: Borders = 0, padsIfNeeded: Bool = false, fill: Fill = 0, mode: PaddingMode = .constant
    ) {
        self.init(width: side, height: side, padding: padding, padsIfNeeded: padsIfNeeded, fill: fill, mode: mode)
    }

    /// Traps if a side is not positive, or if an image of that size is too large.
    ///
    /// - Parameters:
    ///   - width: In pixels.
    ///   - height: In pixels.
    ///   - padding: What is added to the picture first.
    ///   - padsIfNeeded: Whether a picture that is too small is enlarged on both sides by what it lacks.
    ///   - fill: The colour of what is added, for the mode `constant`.
    ///   - mode: What the borders are made of.
    public init(
        width: Int, height: Int, padding: Borders = 0, padsIfNeeded: Bool = false, fill: Fill = 0,
        mode: PaddingMode = .constant
    ) {
        checkSize("RandomCrop", width, height)
        self.width = width
        self.height = height
        self.padding = padding
        self.padsIfNeeded = padsIfNeeded
        self.fill = fill
        self.mode = mode
    }

    /// Throws ``ImageError/unsuitable(_:)`` if the picture is smaller than the part and is not padded.
    public func apply(to picture: Picture, random: inout SampleRandom) throws -> Picture {
        try picture.mappingImage("RandomCrop") { image throws(ImageError) in
            var image = padding == 0 ? image : try image.padded(padding, fill: fill, mode: mode)
            if padsIfNeeded && image.width < width {
                image = try image.padded(Borders(x: width - image.width, y: 0), fill: fill, mode: mode)
            }
            if padsIfNeeded && image.height < height {
                image = try image.padded(Borders(x: 0, y: height - image.height), fill: fill, mode: mode)
            }
            try image.checkHolds(width: width, height: height)
            let top = random.integer(below: image.height - height + 1)
            let left = random.integer(below: image.width - width + 1)
            return image.cropped(left: left, top: top, width: width, height: height)
        }
    }
}
