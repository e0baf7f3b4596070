/// The colour of what a picture does not cover: one value for all channels, or one for each.
///
/// ```swift
/// Pad(4, fill: 128)
/// RandomRotation(30, fill: [124, 116, 104])
/// ```
public struct Fill: Sendable, Hashable, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral {
    /// One value, or one per channel.
    public let values: [UInt8]

    /// The same value in every channel.
    ///
    /// - Parameter value: 0 is black, 255 white.
    public init(_ value: UInt8) { values = [value] }

    /// A colour. Traps if there is no value, or if there are more than three.
    ///
    /// - Parameter values: A value per channel.
    public init(_ values: [UInt8]) {
        if !(1...3).contains(values.count) { fatalError("Fill: needs one value, or one per channel, got \(values)") }
        self.values = values
    }

    /// The same value in every channel.
    public init(integerLiteral value: UInt8) { self.init(value) }

    /// A colour. Traps if there is no value, or if there are more than three.
    public init(arrayLiteral elements: UInt8...) { self.init(elements) }

    /// A value per channel.
    func bytes(_ name: String, channels: Int) -> [UInt8] {
        if values.count == 1 { return Array(repeating: values[0], count: channels) }
        if values.count != channels {
            fatalError(
                "\(name): a fill of \(values.count) values does not fit a picture of \(channels) "
                    + "channel\(channels == 1 ? "" : "s")\n  hint: a single value fits every picture")
        }
        return values
    }
}

/// How many pixels are added on each side of a picture.
public struct Borders: Sendable, Hashable, ExpressibleByIntegerLiteral {
    public let left: Int
    public let top: Int
    public let right: Int
    public let bottom: Int

    /// Traps if a border is negative or over ``Image/maximumPixelCount``.
    ///
    /// - Parameters:
    ///   - left: In pixels.
    ///   - top: In pixels.
    ///   - right: In pixels.
    ///   - bottom: In pixels.
    public init(left: Int, top: Int, right: Int, bottom: Int) {
        checkBorders("Borders", left, top, right, bottom)
        self.left = left
        self.top = top
        self.right = right
        self.bottom = bottom
    }

    /// The same on the left as on the right, and above as below.
    ///
    /// - Parameters:
    ///   - x: On the left and on the right, in pixels.
    ///   - y: Above and below, in pixels.
    public init(x: Int, y: Int) { self.init(left: x, top: y, right: x, bottom: y) }

    /// The same on all sides.
    public init(integerLiteral value: Int) { self.init(x: value, y: value) }
}
