import CressetData

#if canImport(Glibc)
    import Glibc
#else
    import Musl
#endif

/// The floor that things lie on, with flat litter: papers, discs and lines.
struct Ground {
    enum Cover: CaseIterable {
        case carpet, planks, tiles, grass, concrete
    }

    /// A flat piece of litter.
    struct Patch {
        var center: SIMD2<Double>
        /// Half its length and half its width; a disc has its radius twice.
        var size: SIMD2<Double>
        var angle: Double
        var isDisc: Bool
        var color: Color

        func covers(_ x: Double, _ y: Double) -> Bool {
            let (dx, dy) = (x - center.x, y - center.y)
            let (u, v) = (dx * cos(angle) + dy * sin(angle), dy * cos(angle) - dx * sin(angle))
            if isDisc { return u * u / (size.x * size.x) + v * v / (size.y * size.y) < 1 }
            return abs(u) < size.x && abs(v) < size.y
        }
    }

    var cover: Cover
    var colors: (Color, Color)
    var scale: Double
    var angle: Double
    var noise: PlaneNoise
    var patches: [Patch]

    init(_ random: inout SampleRandom) {
        cover = Cover.allCases[random.integer(below: Cover.allCases.count)]
        let first = random.dullColor()
        colors = (first, first * random.uniform(in: 0.6...0.85))
        scale = random.uniform(in: 0.7...1.4)
        angle = random.uniform(in: 0...6.283)
        noise = PlaneNoise(seed: UInt32(truncatingIfNeeded: random.next()))
        patches = (0..<random.integer(below: 7)).map { _ in
            let isDisc = random.chance(0.4)
            let length = random.uniform(in: 0.15...0.9)
            return Patch(
                center: SIMD2(random.uniform(in: -3...3), random.uniform(in: -3...3)),
                size: SIMD2(length, isDisc ? length * random.uniform(in: 0.5...1) : random.uniform(in: 0.03...0.6)),
                angle: random.uniform(in: 0...3.141), isDisc: isDisc, color: random.dullColor())
        }
    }

    func color(_ x: Double, _ y: Double) -> Color {
        let grain = noise.layered(x * 6, y * 6)
        for patch in patches.reversed() where patch.covers(x, y) { return patch.color * (0.9 + 0.2 * grain) }
        let u = (x * cos(angle) + y * sin(angle)) / scale
        let v = (y * cos(angle) - x * sin(angle)) / scale
        switch cover {
        case .carpet: return mixed(noise.value(u * 40, v * 40), grain * 0.3)
        case .concrete: return mixed(noise.layered(u * 1.5, v * 1.5), grain * 0.15)
        case .grass: return mixed(noise.layered(u * 12, v * 3), noise.value(u * 60, v * 20) * 0.5)
        case .tiles:
            let isJoint = (u * 2 - (u * 2).rounded(.down)) < 0.05 || (v * 2 - (v * 2).rounded(.down)) < 0.05
            let isOdd = (Int((u * 2).rounded(.down)) + Int((v * 2).rounded(.down))) % 2 != 0
            return mixed(isJoint ? 1 : isOdd ? 0.45 : 0, grain * 0.15)
        case .planks:
            let plank = (v * 3).rounded(.down)
            let isJoint = v * 3 - plank < 0.04
            return mixed(isJoint ? 1 : noise.layered(u * 1.2 + plank * 7.3, v * 14), grain * 0.1)
        }
    }

    private func mixed(_ share: Double, _ darkening: Double) -> Color {
        (colors.0 * (1 - share) + colors.1 * share) * (1 - darkening)
    }
}
