#if canImport(Glibc)
    import Glibc
#else
    import Musl
#endif
import CressetData

/// A colour: red, green and blue light, 0 to 1.
typealias Color = SIMD3<Double>

/// The colour of a surface, by the point on the unit form, and how it shines.
struct Paint {
    enum Pattern {
        case plain
        /// Bands along z.
        case bands(Color, count: Double)
        /// Sectors around z.
        case sectors(Color, count: Double)
    }

    var color: Color
    var pattern = Pattern.plain
    /// From 0 (chalk) to 1 (lacquer).
    var gloss = 0.3

    func color(at point: SIMD3<Double>) -> Color {
        switch pattern {
        case .plain: color
        case .bands(let other, let count): Paint.isEven((point.z + 1) / 2 * count) ? color : other
        case .sectors(let other, let count):
            Paint.isEven((atan2(point.y, point.x) / .pi + 1) / 2 * count) ? color : other
        }
    }

    private static func isEven(_ x: Double) -> Bool { Int(x.rounded(.down)) % 2 == 0 }
}

extension SampleRandom {
    /// A colour of the given hue (0 to 1, red to red), saturation and value.
    static func color(hue: Double, saturation: Double, value: Double) -> Color {
        func channel(_ shift: Double) -> Double {
            let h = ((hue + shift).truncatingRemainder(dividingBy: 1)) * 6
            return value * (1 - saturation * (1 - min(max(abs(h - 3) - 1, 0), 1)))
        }
        return Color(channel(0), channel(2.0 / 3), channel(1.0 / 3))
    }

    /// A colour as toys have it.
    mutating func brightColor() -> Color {
        Self.color(
            hue: uniform(in: 0...1), saturation: uniform(in: 0.6...0.95), value: uniform(in: 0.6...0.95))
    }

    /// A colour as floors and litter have it, brighter now and then.
    mutating func dullColor() -> Color {
        let isBright = chance(0.25)
        return Self.color(
            hue: uniform(in: 0...1), saturation: uniform(in: isBright ? 0.4...0.8 : 0.05...0.35),
            value: uniform(in: 0.25...0.8))
    }

    mutating func paint(_ color: Color) -> Paint { Paint(color: color, gloss: uniform(in: 0.1...0.8)) }
}

/// Smooth random values over the plane, the same for the same seed.
struct PlaneNoise {
    var seed: UInt32

    /// A value from 0 to 1 that changes over a distance of about 1.
    func value(_ x: Double, _ y: Double) -> Double {
        let (cellX, cellY) = (x.rounded(.down), y.rounded(.down))
        let (u, v) = (smooth(x - cellX), smooth(y - cellY))
        let (i, j) = (Int32(cellX), Int32(cellY))
        let low = lattice(i, j) * (1 - u) + lattice(i &+ 1, j) * u
        let high = lattice(i, j &+ 1) * (1 - u) + lattice(i &+ 1, j &+ 1) * u
        return low * (1 - v) + high * v
    }

    /// Values of three sizes on top of each other.
    func layered(_ x: Double, _ y: Double) -> Double {
        (value(x, y) * 4 + value(x * 2.3, y * 2.3) * 2 + value(x * 5.1, y * 5.1)) / 7
    }

    private func smooth(_ t: Double) -> Double { t * t * (3 - 2 * t) }

    private func lattice(_ i: Int32, _ j: Int32) -> Double {
        var h = UInt32(bitPattern: i) &* 0x9E37_79B1 ^ UInt32(bitPattern: j) &* 0x85EB_CA77 ^ seed
        h = (h ^ h >> 15) &* 0x2C1B_3C6D
        h = (h ^ h >> 12) &* 0x297A_2D39
        return Double(h ^ h >> 15) * 0x1p-32
    }
}
