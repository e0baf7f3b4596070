import CressetData

/// Adds a border.
public struct Pad: Transform {
    public let left: Int
    public let top: Int
    public let right: Int
    public let bottom: Int
    public let fill: Fill
    public let mode: PaddingMode

    /// The same border on all sides.
    ///
    /// - Parameters:
    ///   - border: In pixels.
    ///   - fill: The border's colour, for the mode `constant`.
    ///   - mode: What the border is made of.
    public init(_ border: Int, fill: Fill = 0, mode: PaddingMode = .constant) {
        self.init(left: border, top: border, right: border, bottom: border, fill: fill, mode: mode)
    }

    /// Traps if a border is negative or over ``Image/maximumPixelCount``.
    ///
    /// - Parameters:
    ///   - left: In pixels.
    ///   - top: In pixels.
    ///   - right: In pixels.
    ///   - bottom: In pixels.
    ///   - fill: The border's colour, for the mode `constant`.
    ///   - mode: What the border is made of.
    public init(left: Int, top: Int, right: Int, bottom: Int, fill: Fill = 0, mode: PaddingMode = .constant) {
        checkBorders("Pad", left, top, right, bottom)
        self.left = left
        self.top = top
        self.right = right
        self.bottom = bottom
        self.fill = fill
        self.mode = mode
    }

    public func apply(to picture: Picture, random: inout SampleRandom) throws -> Picture {
        try picture.mappingImage("Pad") {
            try $0.padded(left: left, top: top, right: right, bottom: bottom, fill: fill, mode: mode)
        }
    }
}
