import CressetData

/// Resizes a picture.
public struct Resize: Transform {
    /// What a picture is resized to.
    public enum Size: Sendable, Hashable {
        /// The shorter side's length; the longer one keeps the proportion.
        case shortSide(Int)
        case exactly(width: Int, height: Int)
    }

    public let size: Size
    public let interpolation: Interpolation

    /// Makes the shorter side `shortSide` pixels long.
    public init(_ shortSide: Int, interpolation: Interpolation = .bilinear) {
        self.init(.shortSide(shortSide), interpolation: interpolation)
    }

    /// Traps when a side is not positive.
    public init(_ size: Size, interpolation: Interpolation = .bilinear) {
        switch size {
        case .shortSide(let side): checkPositive("Resize", side)
        case .exactly(let width, let height): checkPositive("Resize", width, height)
        }
        self.size = size
        self.interpolation = interpolation
    }

    public func apply(to picture: Picture, random: inout SampleRandom) -> Picture {
        picture.mappingImage("Resize") { image in
            switch size {
            case .shortSide(let side): image.resized(shortSide: side, interpolation: interpolation)
            case .exactly(let width, let height):
                image.resized(width: width, height: height, interpolation: interpolation)
            }
        }
    }
}

/// Traps when one of `sides` is not positive.
func checkPositive(_ name: String, _ sides: Int...) {
    if let side = sides.first(where: { $0 < 1 }) { fatalError("\(name): a side has at least 1 pixel, got \(side)") }
}
