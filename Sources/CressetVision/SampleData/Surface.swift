#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What a solid or the ground looks like.
struct Surface {
    enum Pattern: UInt8 {
        case plain
        /// Bands along the axis.
        case bands
        /// Sectors around the axis, as on a beach ball.
        case sectors
        case checks
        case spots
        /// A different colour on each pair of faces.
        case faces
        /// Grain and planks.
        case wood
        /// Blotches.
        case mottled
        /// Fine fibres.
        case carpet
        /// Squares with joints.
        case tiles
        /// Rows of dark dashes, like print.
        case print
        /// Broad woven stripes.
        case blanket
    }

    var color: Vector
    var second: Vector
    var pattern: Pattern = .plain
    /// The size of the pattern's parts.
    var scale: Float = 1
    /// How strong the light's reflection is.
    var gloss: Float = 0.2
    var seed: Int32 = 0

    init(_ color: Vector, _ second: Vector? = nil, _ pattern: Pattern = .plain, scale: Float = 1, gloss: Float = 0.2) {
        self.color = color
        self.second = second ?? color * 0.5
        self.pattern = pattern
        self.scale = scale
        self.gloss = gloss
    }

    /// The colour at `point`, in the solid's own coordinates.
    func color(at point: Vector, normal: Vector) -> Vector {
        let p = point / scale
        switch pattern {
        case .plain: return color
        case .bands: return isOdd(p.y) ? second : color
        case .sectors: return isOdd((atan2(p.z, p.x) + .pi) / (2 * .pi) * 6) ? second : color
        case .checks: return isOdd(p.x) != (isOdd(p.z) != isOdd(p.y + 0.01)) ? second : color
        case .spots: return spot(p, normal)
        case .faces:
            return abs(normal.y) > 0.7 ? color : abs(normal.x) > 0.7 ? second : (color + second) * 0.5
        case .mottled: return color.mixed(with: second, Noise.cloud(p.x + p.y, p.z - p.y, seed))
        case .carpet:
            let fibre = Noise.smooth(p.x * 9, p.z * 3, seed) * 0.5 + Noise.smooth(p.x * 3, p.z * 9, seed &+ 5) * 0.5
            return color.mixed(with: second, fibre * fibre * 1.6)
        case .wood: return wood(p)
        case .tiles: return tiles(p)
        case .print: return print(p, normal)
        case .blanket:
            let weave = 0.85 + 0.15 * Noise.smooth(p.x * 20, p.z * 20, seed)
            return (isOdd(p.x) != isOdd(p.z * 0.5) ? color : color.mixed(with: second, 0.7)) * weave
        }
    }

    private func isOdd(_ value: Float) -> Bool { Int32(value.rounded(.down)) & 1 != 0 }

    private func spot(_ p: Vector, _ normal: Vector) -> Vector {
        let q = p - p.rounded(.toNearestOrEven)
        return q.dot(q) < 0.11 ? second : color
    }

    private func wood(_ p: Vector) -> Vector {
        let plank = (p.z / 3).rounded(.down)
        let shade = Noise.value(Int32(plank), 7, seed)
        let across = p.z / 3 - plank
        let grain = Noise.cloud(p.x * 0.25 + shade * 50, p.z * 5, seed)
        let joint: Float = across < 0.02 ? 0.55 : 1
        return color.mixed(with: second, grain * 0.8) * (0.85 + 0.3 * shade) * joint
    }

    private func tiles(_ p: Vector) -> Vector {
        let (ix, iz) = (p.x.rounded(.down), p.z.rounded(.down))
        let (u, v) = (p.x - ix, p.z - iz)
        if min(u, v) < 0.03 { return second }
        let shade = 0.9 + 0.15 * Noise.value(Int32(ix), Int32(iz), seed)
        return color * shade * (0.93 + 0.14 * Noise.cloud(p.x * 3, p.z * 3, seed))
    }

    private func print(_ p: Vector, _ normal: Vector) -> Vector {
        if normal.y < 0.7 { return color }
        let row = (p.z * 2).rounded(.down)
        let isInk = p.z * 2 - row < 0.45 && Noise.value(Int32((p.x * 5).rounded(.down)), Int32(row), seed) > 0.25
        return isInk ? second : color
    }
}
