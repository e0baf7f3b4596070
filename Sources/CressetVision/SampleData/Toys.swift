import CressetData

/// Toys and litter, put together from solids. Each stands on the ground around the origin and is about one unit wide.
enum Toys {
    static func random(_ random: inout SampleRandom) -> [Solid] {
        switch random.integer(below: 7) {
        case 0: ball(&random)
        case 1: blocks(&random)
        case 2: rings(&random)
        case 3: car(&random)
        case 4: duck(&random)
        case 5: rocket(&random)
        default: house(&random)
        }
    }

    private static func ball(_ random: inout SampleRandom) -> [Solid] {
        let radius = random.uniform(in: 0.4...0.55)
        var paint = random.paint(random.brightColor())
        let other = random.chance(0.5) ? Color(repeating: 0.92) : random.brightColor()
        paint.pattern =
            random.chance(0.5) ? .bands(other, count: 5) : .sectors(other, count: random.chance(0.5) ? 6 : 8)
        let turn = Turn(around: random.uniform(in: 0...6.283)).after(Turn(leaning: random.uniform(in: 0...1.5)))
        return [Solid(.sphere, scale: SIMD3(repeating: radius), at: SIMD3(0, 0, radius), turned: turn, paint: paint)]
    }

    private static func blocks(_ random: inout SampleRandom) -> [Solid] {
        let half = random.uniform(in: 0.22...0.3)
        return (0..<1 + random.integer(below: 3)).map { level in
            Solid(
                .box, scale: SIMD3(repeating: half),
                at: SIMD3(
                    random.uniform(in: -0.06...0.06), random.uniform(in: -0.06...0.06), half * Double(2 * level + 1)),
                turned: Turn(around: random.uniform(in: 0...1.57)), paint: random.paint(random.brightColor()))
        }
    }

    private static func rings(_ random: inout SampleRandom) -> [Solid] {
        let count = 3 + random.integer(below: 2)
        var solids = (0..<count).map { level in
            let radius = 0.5 - 0.09 * Double(level)
            return Solid(
                .cylinder, scale: SIMD3(radius, radius, 0.09), at: SIMD3(0, 0, 0.1 + 0.2 * Double(level)),
                paint: random.paint(random.brightColor()))
        }
        let top = 0.2 * Double(count) + 0.1
        solids.append(
            Solid(
                .sphere, scale: SIMD3(repeating: 0.13), at: SIMD3(0, 0, top), paint: random.paint(random.brightColor()))
        )
        return solids
    }

    private static func car(_ random: inout SampleRandom) -> [Solid] {
        let body = random.paint(random.brightColor())
        let glass = Paint(color: Color(0.6, 0.75, 0.85), gloss: 1)
        let tyre = Paint(color: Color(repeating: 0.1), gloss: 0.2)
        var solids = [
            Solid(.box, scale: SIMD3(0.6, 0.28, 0.14), at: SIMD3(0, 0, 0.26), paint: body),
            Solid(
                .box, scale: SIMD3(0.3, 0.24, 0.13), at: SIMD3(-0.08, 0, 0.52), paint: random.chance(0.5) ? body : glass
            ),
        ]
        for (x, y) in [(-0.36, -0.28), (-0.36, 0.28), (0.36, -0.28), (0.36, 0.28)] {
            solids.append(
                Solid(
                    .cylinder, scale: SIMD3(0.15, 0.15, 0.06), at: SIMD3(x, y, 0.15), turned: Turn(leaning: .pi / 2),
                    paint: tyre))
        }
        return solids
    }

    private static func duck(_ random: inout SampleRandom) -> [Solid] {
        let plumage = random.paint(random.chance(0.6) ? Color(0.95, 0.8, 0.15) : random.brightColor())
        let beak = Paint(color: Color(0.95, 0.45, 0.1))
        let eye = Paint(color: Color(repeating: 0.05), gloss: 1)
        var beakTurn = Turn()
        (beakTurn.x, beakTurn.y, beakTurn.z) = (SIMD3(0, 1, 0), SIMD3(0, 0, 1), SIMD3(1, 0, 0))
        return [
            Solid(.sphere, scale: SIMD3(0.5, 0.36, 0.32), at: SIMD3(0, 0, 0.32), paint: plumage),
            Solid(.sphere, scale: SIMD3(repeating: 0.25), at: SIMD3(0.3, 0, 0.72), paint: plumage),
            Solid(.cone, scale: SIMD3(0.11, 0.07, 0.12), at: SIMD3(0.6, 0, 0.7), turned: beakTurn, paint: beak),
            Solid(.sphere, scale: SIMD3(repeating: 0.045), at: SIMD3(0.48, 0.13, 0.81), paint: eye),
            Solid(.sphere, scale: SIMD3(repeating: 0.045), at: SIMD3(0.48, -0.13, 0.81), paint: eye),
            Solid(.cone, scale: SIMD3(0.14, 0.14, 0.2), at: SIMD3(-0.47, 0, 0.5), paint: plumage),
        ]
    }

    private static func rocket(_ random: inout SampleRandom) -> [Solid] {
        var hull = random.paint(random.brightColor())
        hull.pattern = .bands(Color(repeating: 0.9), count: 3)
        let trim = random.paint(random.brightColor())
        var solids = [
            Solid(.cylinder, scale: SIMD3(0.24, 0.24, 0.45), at: SIMD3(0, 0, 0.55), paint: hull),
            Solid(.cone, scale: SIMD3(0.24, 0.24, 0.22), at: SIMD3(0, 0, 1.22), paint: trim),
        ]
        for fin in 0..<3 {
            let turn = Turn(around: Double(fin) * 2 * .pi / 3)
            solids.append(
                Solid(
                    .box, scale: SIMD3(0.16, 0.03, 0.18), at: turn.apply(SIMD3(0.32, 0, 0.18)), turned: turn,
                    paint: trim))
        }
        return solids
    }

    private static func house(_ random: inout SampleRandom) -> [Solid] {
        let wall = random.paint(random.brightColor())
        let roof = random.paint(random.brightColor())
        let door = random.paint(random.brightColor())
        return [
            Solid(.box, scale: SIMD3(0.38, 0.32, 0.28), at: SIMD3(0, 0, 0.28), paint: wall),
            Solid(.cone, scale: SIMD3(0.56, 0.5, 0.24), at: SIMD3(0, 0, 0.8), paint: roof),
            Solid(.box, scale: SIMD3(0.09, 0.02, 0.16), at: SIMD3(0.05, -0.33, 0.16), paint: door),
            Solid(.cylinder, scale: SIMD3(0.06, 0.06, 0.14), at: SIMD3(0.2, 0.1, 0.92), paint: wall),
        ]
    }

    /// A thing that lies around and is no toy: a pebble, a pen, a twig, a sheet of cardboard.
    static func litter(_ random: inout SampleRandom) -> [Solid] {
        let paint = Paint(color: random.dullColor(), gloss: random.uniform(in: 0...0.4))
        let turn = Turn(around: random.uniform(in: 0...6.283))
        switch random.integer(below: 3) {
        case 0:
            let size = random.uniform(in: 0.06...0.2)
            let flat = size * random.uniform(in: 0.4...0.8)
            let shape = SIMD3(size, size * random.uniform(in: 0.6...1), flat)
            return [Solid(.sphere, scale: shape, at: SIMD3(0, 0, flat * 0.7), turned: turn, paint: paint)]
        case 1:
            let radius = random.uniform(in: 0.02...0.05)
            let lying = turn.after(Turn(leaning: .pi / 2))
            let rod = SIMD3(radius, radius, random.uniform(in: 0.2...0.7))
            return [Solid(.cylinder, scale: rod, at: SIMD3(0, 0, radius), turned: lying, paint: paint)]
        default:
            let sheet = SIMD3(random.uniform(in: 0.15...0.5), random.uniform(in: 0.1...0.4), 0.015)
            return [Solid(.box, scale: sheet, at: SIMD3(0, 0, 0.02), turned: turn, paint: paint)]
        }
    }
}
