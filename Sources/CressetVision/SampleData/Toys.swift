import CressetData

/// Toys: bright, glossy, assembled from simple solids. About 4 to 8 units in size, standing on the origin.
enum Toys {
    /// All of them.
    static let kinds = [
        ThingKind("Brick", brick), ThingKind("Ball", ball), ThingKind("RingTower", ringTower), ThingKind("Car", car),
        ThingKind("Robot", robot), ThingKind("Blocks", blocks), ThingKind("Rocket", rocket), ThingKind("Duck", duck),
        ThingKind("Skittle", skittle), ThingKind("Train", train), ThingKind("SpinningTop", spinningTop),
    ]

    private static let palette: [Vector] = [
        Vector(0.83, 0.06, 0.06), Vector(0.06, 0.22, 0.78), Vector(0.95, 0.72, 0.04), Vector(0.07, 0.55, 0.14),
        Vector(0.93, 0.38, 0.04), Vector(0.5, 0.1, 0.6), Vector(0.05, 0.6, 0.7), Vector(0.92, 0.3, 0.5),
    ]

    /// `count` different colours of plastic.
    private static func colors(_ count: Int, _ random: inout SampleRandom) -> [Surface] {
        palette.shuffled(using: &random).prefix(count).map { Surface($0, gloss: 0.5) }
    }

    private static func dark() -> Surface { Surface(Vector(0.03, 0.03, 0.035), gloss: 0.3) }

    /// A building brick with studs.
    static func brick(_ random: inout SampleRandom) -> Thing {
        let (long, wide) = (2 + random.integer(below: 3), 2)
        let levels = 1 + random.integer(below: 2)
        let surfaces = colors(levels, &random)
        var solids: [Solid] = []
        for level in 0..<levels {
            let bottom = Float(level) * 1.9
            let count = max(long - level, 1)
            solids.append(
                Solid(
                    .box, at: Vector(0, bottom + 0.95, 0), half: Vector(Float(count) * 0.8, 0.95, Float(wide) * 0.8),
                    surfaces[level]))
            for i in 0..<count {
                for j in 0..<wide {
                    let place = Vector(
                        (Float(i) - Float(count - 1) / 2) * 1.6, bottom + 2.1, (Float(j) - Float(wide - 1) / 2) * 1.6)
                    solids.append(Solid(.cylinder, at: place, half: Vector(0.48, 0.25, 0.48), surfaces[level]))
                }
            }
        }
        return Thing(solids)
    }

    /// A ball with sectors, bands or spots.
    static func ball(_ random: inout SampleRandom) -> Thing {
        let pair = colors(2, &random)
        let pattern: [Surface.Pattern] = [.sectors, .bands, .spots]
        let second = random.chance(0.4) ? Vector(0.92, 0.92, 0.9) : pair[1].color
        let surface = Surface(
            pair[0].color, second, pattern[random.integer(below: 3)], scale: 1.3, gloss: 0.6)
        let tilt = Vector(Float(random.uniform(in: -1...1)), 1, Float(random.uniform(in: -1...1)))
        return Thing([
            Solid(.ball, at: Vector(0, 2.6, 0), half: Vector(repeating: 2.6), frame: Frame(along: tilt), surface)
        ])
    }

    /// Rings of decreasing size, with a knob.
    static func ringTower(_ random: inout SampleRandom) -> Thing {
        let surfaces = colors(6, &random)
        var solids = (0..<5).map { level -> Solid in
            let radius = 2.6 - Float(level) * 0.38
            return Solid(
                .cylinder, at: Vector(0, 0.5 + Float(level) * 1.02, 0), half: Vector(radius, 0.48, radius),
                surfaces[level])
        }
        solids.append(Solid(.ball, at: Vector(0, 5.9, 0), half: Vector(repeating: 0.95), surfaces[5]))
        return Thing(solids)
    }

    static func car(_ random: inout SampleRandom) -> Thing {
        let paint = colors(2, &random)
        let glass = Surface(Vector(0.1, 0.16, 0.2), gloss: 0.9)
        var solids = [
            Solid(.box, at: Vector(0, 1.35, 0), half: Vector(3.2, 0.7, 1.5), paint[0]),
            Solid(
                .box, at: Vector(-0.3, 2.6, 0), half: Vector(1.6, 0.65, 1.3), random.chance(0.5) ? paint[0] : paint[1]),
            Solid(.box, at: Vector(-0.3, 2.55, 0), half: Vector(1.3, 0.42, 1.33), glass),
            Solid(.box, at: Vector(-0.3, 2.55, 0), half: Vector(1.64, 0.42, 1.0), glass),
            Solid(
                .box, at: Vector(3.2, 1.1, 0), half: Vector(0.12, 0.2, 1.3), Surface(Vector(0.7, 0.7, 0.7), gloss: 0.8)),
        ]
        for x: Float in [-2, 2] {
            for z: Float in [-1.5, 1.5] {
                let axis = Frame(along: Vector(0, 0, 1))
                solids.append(
                    Solid(.cylinder, at: Vector(x, 0.8, z), half: Vector(0.8, 0.3, 0.8), frame: axis, dark()))
                solids.append(
                    Solid(.cylinder, at: Vector(x, 0.8, z), half: Vector(0.4, 0.34, 0.4), frame: axis, paint[1]))
            }
        }
        for z: Float in [-0.9, 0.9] {
            solids.append(
                Solid(.ball, at: Vector(3.2, 1.5, z), half: Vector(repeating: 0.3), Surface(Vector(0.95, 0.9, 0.6))))
        }
        return Thing(solids)
    }

    static func robot(_ random: inout SampleRandom) -> Thing {
        let surfaces = colors(3, &random)
        let eye = Surface(Vector(0.95, 0.95, 0.9), gloss: 0.8)
        var solids = [
            Solid(.box, at: Vector(0, 3.2, 0), half: Vector(1.5, 1.5, 1), surfaces[0]),
            Solid(.box, at: Vector(0, 5.7, 0), half: Vector(1, 0.85, 0.85), surfaces[1]),
            Solid(.cylinder, at: Vector(0, 6.9, 0), half: Vector(0.12, 0.5, 0.12), dark()),
            Solid(.ball, at: Vector(0, 7.5, 0), half: Vector(repeating: 0.32), surfaces[2]),
            Solid(.box, at: Vector(0, 3.4, 1.02), half: Vector(0.8, 0.5, 0.08), surfaces[2]),
        ]
        for side: Float in [-1, 1] {
            solids += [
                Solid(.box, at: Vector(side * 0.8, 0.85, 0), half: Vector(0.5, 0.85, 0.6), surfaces[1]),
                Solid(.cylinder, at: Vector(side * 1.95, 3.1, 0), half: Vector(0.4, 1.4, 0.4), surfaces[2]),
                Solid(.ball, at: Vector(side * 1.95, 1.5, 0), half: Vector(repeating: 0.5), surfaces[1]),
                Solid(.ball, at: Vector(side * 0.42, 5.85, 0.82), half: Vector(repeating: 0.27), eye),
                Solid(.ball, at: Vector(side * 0.42, 5.85, 1.0), half: Vector(repeating: 0.13), dark()),
            ]
        }
        return Thing(solids)
    }

    /// Wooden cubes, some on top of others.
    static func blocks(_ random: inout SampleRandom) -> Thing {
        let surfaces = colors(4, &random)
        let count = 1 + random.integer(below: 3)
        let places = [Vector(-1.55, 1.4, 0), Vector(1.55, 1.4, 0.2), Vector(0.1, 4.2, 0.1)]
        return Thing(
            (0..<count).map { i in
                let place = count == 1 ? Vector(0, 1.4, 0) : places[i]
                let surface = Surface(surfaces[i].color, surfaces[i + 1].color, .faces, gloss: 0.25)
                let angle = Float(random.uniform(in: -0.4...0.4))
                return Solid(
                    .box, at: place, half: Vector(repeating: 1.4),
                    frame: Frame().turned(sine: angle, cosine: (1 - angle * angle).squareRoot()), surface)
            })
    }

    static func rocket(_ random: inout SampleRandom) -> Thing {
        let surfaces = colors(2, &random)
        let body = Surface(Vector(0.88, 0.88, 0.9), surfaces[0].color, .bands, scale: 1.6, gloss: 0.5)
        var solids = [
            Solid(.cylinder, at: Vector(0, 3.2, 0), half: Vector(1.25, 2.4, 1.25), body),
            Solid(.cone, at: Vector(0, 6.8, 0), half: Vector(1.25, 1.2, 1.25), surfaces[0]),
            Solid(
                .ball, at: Vector(0, 4, 1.1), half: Vector(0.55, 0.55, 0.3), Surface(Vector(0.1, 0.3, 0.5), gloss: 0.9)),
        ]
        for i in 0..<3 {
            let turn = Frame().turned(sine: [0, 0.866, -0.866][i], cosine: [1, -0.5, -0.5][i])
            let fin = Solid(
                .box, at: turn.x * 1.6 + Vector(0, 1.2, 0), half: Vector(0.8, 1.2, 0.14), frame: turn, surfaces[1])
            solids.append(fin)
        }
        return Thing(solids)
    }

    /// A bath duck.
    static func duck(_ random: inout SampleRandom) -> Thing {
        let yellow = Surface(Vector(0.97, 0.75, 0.05), gloss: 0.5)
        let body = random.chance(0.7) ? yellow : colors(1, &random)[0]
        let beak = Surface(Vector(0.93, 0.35, 0.03), gloss: 0.4)
        var solids = [
            Solid(.ball, at: Vector(0, 1.7, 0), half: Vector(2.8, 1.7, 2), body),
            Solid(.ball, at: Vector(1.5, 4.1, 0), half: Vector(repeating: 1.45), body),
            Solid(
                .cone, at: Vector(3.2, 3.9, 0), half: Vector(0.55, 0.75, 0.8), frame: Frame(along: Vector(1, 0, 0)),
                beak),
            Solid(
                .cone, at: Vector(-2.7, 2.5, 0), half: Vector(0.9, 0.9, 0.9), frame: Frame(along: Vector(-1, 0.8, 0)),
                body),
        ]
        for side: Float in [-1, 1] {
            solids.append(Solid(.ball, at: Vector(2.5, 4.6, side * 0.75), half: Vector(repeating: 0.26), dark()))
            solids.append(Solid(.ball, at: Vector(-0.3, 2, side * 1.7), half: Vector(1.4, 0.8, 0.5), body))
        }
        return Thing(solids)
    }

    /// A bowling pin.
    static func skittle(_ random: inout SampleRandom) -> Thing {
        let surfaces = colors(2, &random)
        return Thing([
            Solid(.ball, at: Vector(0, 1.9, 0), half: Vector(1.5, 2, 1.5), surfaces[0]),
            Solid(.cylinder, at: Vector(0, 4.1, 0), half: Vector(0.62, 1.1, 0.62), surfaces[1]),
            Solid(.cylinder, at: Vector(0, 0.12, 0), half: Vector(1.1, 0.12, 1.1), surfaces[1]),
            Solid(.ball, at: Vector(0, 5.7, 0), half: Vector(repeating: 1), surfaces[0]),
        ])
    }

    /// An engine.
    static func train(_ random: inout SampleRandom) -> Thing {
        let surfaces = colors(3, &random)
        let along = Frame(along: Vector(1, 0, 0))
        var solids = [
            Solid(.box, at: Vector(0, 1.2, 0), half: Vector(3.4, 0.35, 1.3), surfaces[1]),
            Solid(.cylinder, at: Vector(0.9, 2.6, 0), half: Vector(1.15, 2.3, 1.15), frame: along, surfaces[0]),
            Solid(.box, at: Vector(-2.2, 3.1, 0), half: Vector(1.15, 1.6, 1.3), surfaces[0]),
            Solid(.box, at: Vector(-2.2, 4.8, 0), half: Vector(1.45, 0.16, 1.55), surfaces[2]),
            Solid(.box, at: Vector(-2.2, 3.7, 0), half: Vector(0.7, 0.55, 1.33), dark()),
            Solid(.cylinder, at: Vector(2.2, 4.1, 0), half: Vector(0.42, 0.8, 0.42), surfaces[2]),
            Solid(.cone, at: Vector(0.4, 4.0, 0), half: Vector(0.5, 0.5, 0.5), surfaces[2]),
        ]
        for x: Float in [-2.2, 0, 2.2] {
            for z: Float in [-1.35, 1.35] {
                solids.append(
                    Solid(
                        .cylinder, at: Vector(x, 0.8, z), half: Vector(0.8, 0.22, 0.8),
                        frame: Frame(along: Vector(0, 0, 1)), surfaces[2]))
            }
        }
        return Thing(solids)
    }

    static func spinningTop(_ random: inout SampleRandom) -> Thing {
        let surfaces = colors(3, &random)
        let axis = Vector(Float(random.uniform(in: -0.35...0.35)), 1, Float(random.uniform(in: -0.35...0.35)))
            .normalized
        let upright = Frame(along: axis)
        let downward = Frame(along: -axis)
        let disc = Surface(surfaces[0].color, surfaces[1].color, .sectors, gloss: 0.5)
        return Thing([
            Solid(.cone, at: axis * 1.5, half: Vector(2.4, 1.4, 2.4), frame: downward, surfaces[2]),
            Solid(.cylinder, at: axis * 3.1, half: Vector(2.4, 0.25, 2.4), frame: upright, disc),
            Solid(.cylinder, at: axis * 4.3, half: Vector(0.3, 1.1, 0.3), frame: upright, surfaces[1]),
            Solid(.ball, at: axis * 5.5, half: Vector(repeating: 0.5), surfaces[2]),
        ])
    }
}
