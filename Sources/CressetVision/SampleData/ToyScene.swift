import CressetData

#if canImport(Glibc)
    import Glibc
#else
    import Musl
#endif

/// What a picture shows, before it is drawn: solids on a ground, a light and a camera, all drawn from one stream of
/// random numbers.
struct ToyScene {
    var solids: [Solid] = []
    var ground: Ground
    /// Towards the light.
    var light: SIMD3<Double>
    var lightColor: Color
    var skyColor: Color
    var camera: Camera

    /// Where the picture is taken from.
    struct Camera {
        var place: SIMD3<Double>
        var right: SIMD3<Double>
        var up: SIMD3<Double>
        var ahead: SIMD3<Double>

        /// A camera at `place` that looks at `target`, rolled a little; the picture's half height is `opening` at
        /// distance 1.
        init(at place: SIMD3<Double>, towards target: SIMD3<Double>, roll: Double, opening: Double) {
            self.place = place
            ahead = normalized(target - place)
            let level = normalized(cross(ahead, SIMD3(0, 0, 1)))
            let upright = cross(level, ahead)
            right = (level * cos(roll) + upright * sin(roll)) * opening
            up = (upright * cos(roll) - level * sin(roll)) * opening
        }
    }

    init(_ content: ToyPictures.Content, _ random: inout SampleRandom) {
        ground = Ground(&random)
        let (azimuth, height) = (random.uniform(in: 0...6.283), random.uniform(in: 0.5...1.35))
        light = SIMD3(cos(azimuth) * cos(height), sin(azimuth) * cos(height), sin(height))
        let warmth = random.uniform(in: -0.08...0.12)
        let strength = random.uniform(in: 0.55...0.95)
        lightColor = Color(1 + warmth, 1, 1 - warmth) * strength
        skyColor = Color(1 - warmth, 1, 1 + warmth) * random.uniform(in: 0.25...0.45)
        let (direction, tilt) = (random.uniform(in: 0...6.283), random.uniform(in: 0.55...1.3))
        let distance = random.uniform(in: 3.6...5.2)
        camera = Camera(
            at: SIMD3(cos(direction) * cos(tilt), sin(direction) * cos(tilt), sin(tilt)) * distance,
            towards: SIMD3(random.uniform(in: -0.3...0.3), random.uniform(in: -0.3...0.3), 0.25),
            roll: random.uniform(in: -0.12...0.12), opening: random.uniform(in: 0.38...0.5))
        addThings(content, &random)
    }

    private mutating func addThings(_ content: ToyPictures.Content, _ random: inout SampleRandom) {
        var taken: [(SIMD2<Double>, Double)] = []
        let toyCount =
            switch content {
            case .noToy: 0
            case .singleToy: 1
            case .scenes: 3 + random.integer(below: 3)
            }
        for _ in 0..<toyCount {
            let size = toyCount == 1 ? random.uniform(in: 0.8...1.4) : random.uniform(in: 0.6...0.95)
            add(Toys.random(&random), size: size, spread: toyCount == 1 ? 0.6 : 1.3, room: 0.6, &taken, &random)
        }
        for _ in 0..<2 + random.integer(below: 7) {
            add(Toys.litter(&random), size: random.uniform(in: 0.7...1.5), spread: 2.4, room: 0.2, &taken, &random)
        }
    }

    /// Puts a thing where there is room; after some tries, anywhere.
    private mutating func add(
        _ thing: [Solid], size: Double, spread: Double, room: Double, _ taken: inout [(SIMD2<Double>, Double)],
        _ random: inout SampleRandom
    ) {
        var place = SIMD2<Double>.zero
        for _ in 0..<20 {
            place = SIMD2(random.uniform(in: -spread...spread), random.uniform(in: -spread...spread))
            let isFree = taken.allSatisfy { other, radius in
                let gap = other - place
                return (gap * gap).sum().squareRoot() > radius + room * size
            }
            if isFree { break }
        }
        taken.append((place, room * size))
        let turn = Turn(around: random.uniform(in: 0...6.283))
        solids += thing.map { $0.placed(turn: turn, scale: size, at: SIMD3(place.x, place.y, 0)) }
    }
}
