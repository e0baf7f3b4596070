/// Smooth random patterns, the same on every machine.
enum Noise {
    /// A number from 0 to 1 for each point of the integer grid.
    static func value(_ x: Int32, _ y: Int32, _ seed: Int32) -> Float {
        var h = UInt32(bitPattern: x &* 374_761_393 &+ y &* 668_265_263 &+ seed &* 1_274_126_177)
        h = (h ^ (h >> 13)) &* 1_274_126_177
        h ^= h >> 16
        return Float(h >> 8) * 0x1p-24
    }

    /// Grid values, smoothly interpolated.
    static func smooth(_ x: Float, _ y: Float, _ seed: Int32) -> Float {
        let (fx, fy) = (x.rounded(.down), y.rounded(.down))
        let (ix, iy) = (Int32(fx), Int32(fy))
        var (u, v) = (x - fx, y - fy)
        u = u * u * (3 - 2 * u)
        v = v * v * (3 - 2 * v)
        let upper = value(ix, iy, seed) * (1 - u) + value(ix &+ 1, iy, seed) * u
        let lower = value(ix, iy &+ 1, seed) * (1 - u) + value(ix &+ 1, iy &+ 1, seed) * u
        return upper * (1 - v) + lower * v
    }

    /// Three octaves of smooth noise, from 0 to 1.
    static func cloud(_ x: Float, _ y: Float, _ seed: Int32) -> Float {
        (smooth(x, y, seed) * 4 + smooth(x * 2.1, y * 2.1, seed &+ 1) * 2 + smooth(x * 4.3, y * 4.3, seed &+ 2)) / 7
    }
}
