import CressetData

/// Household objects that are not toys: duller colours, other proportions.
enum Household {
    /// All of them.
    static let kinds = [
        ThingKind("Books", books), ThingKind("Mug", mug), ThingKind("Parcel", parcel), ThingKind("Paper", paper),
        ThingKind("Stones", stones), ThingKind("Pencils", pencils), ThingKind("Bottle", bottle),
        ThingKind("Plate", plate), ThingKind("Cushion", cushion), ThingKind("RemoteControl", remoteControl),
        ThingKind("Can", can),
    ]

    private static func muted(_ random: inout SampleRandom) -> Vector {
        let gray = Float(random.uniform(in: 0.12...0.55))
        let tint = Vector(
            Float(random.uniform(in: -0.07...0.12)), Float(random.uniform(in: -0.06...0.07)),
            Float(random.uniform(in: -0.1...0.08)))
        return Vector(repeating: gray) + tint * (0.6 + gray)
    }

    private static func number(_ range: ClosedRange<Double>, _ random: inout SampleRandom) -> Float {
        Float(random.uniform(in: range))
    }

    /// One to three books, stacked.
    static func books(_ random: inout SampleRandom) -> Thing {
        var solids: [Solid] = []
        var bottom: Float = 0
        for _ in 0..<(1 + random.integer(below: 3)) {
            let thickness = number(0.3...0.7, &random)
            let half = Vector(number(3...4.2, &random), thickness, number(2.2...3, &random))
            let cover = Surface(muted(&random), gloss: 0.15)
            let angle = number(-0.25...0.25, &random)
            let frame = Frame().turned(sine: angle, cosine: (1 - angle * angle).squareRoot())
            let middle = Vector(0, bottom + thickness, 0)
            for side: Float in [-1, 1] {
                solids.append(
                    Solid(
                        .box, at: middle + Vector(0, side * (thickness - 0.07), 0), half: Vector(half.x, 0.07, half.z),
                        frame: frame, cover))
            }
            let pages = Surface(Vector(0.75, 0.72, 0.62), Vector(0.6, 0.57, 0.5), .bands, scale: 0.08, gloss: 0)
            solids.append(
                Solid(
                    .box, at: middle, half: Vector(half.x - 0.12, thickness - 0.1, half.z - 0.12), frame: frame, pages))
            bottom += 2 * thickness
        }
        return Thing(solids)
    }

    static func mug(_ random: inout SampleRandom) -> Thing {
        let glaze = Surface(random.chance(0.5) ? Vector(0.75, 0.74, 0.7) : muted(&random), gloss: 0.5)
        let coffee = Surface(Vector(0.09, 0.045, 0.02), gloss: 0.7)
        var solids = [
            Solid(.cylinder, at: Vector(0, 2, 0), half: Vector(1.8, 2, 1.8), glaze),
            Solid(.cylinder, at: Vector(0, 2.02, 0), half: Vector(1.6, 2, 1.6), coffee),
        ]
        // The handle, as a chain of short pieces.
        for i in 0..<7 {
            let place: [(Float, Float)] = [
                (1.8, 3.2), (2.3, 3.2), (2.75, 2.9), (2.9, 2.3), (2.75, 1.7), (2.3, 1.3), (1.8, 1.2),
            ]
            solids.append(
                Solid(.ball, at: Vector(place[i].0, place[i].1, 0), half: Vector(0.36, 0.36, 0.3), glaze))
        }
        return Thing(solids)
    }

    /// A cardboard box with tape.
    static func parcel(_ random: inout SampleRandom) -> Thing {
        let half = Vector(number(2...3.5, &random), number(1.2...2.5, &random), number(1.6...2.6, &random))
        let board = Surface(Vector(0.45, 0.3, 0.17), Vector(0.38, 0.25, 0.14), .mottled, scale: 1.5, gloss: 0.02)
        let tape = Surface(Vector(0.55, 0.45, 0.3), gloss: 0.5)
        return Thing([
            Solid(.box, at: Vector(0, half.y, 0), half: half, board),
            Solid(.box, at: Vector(0, half.y, 0), half: Vector(half.x + 0.02, half.y + 0.02, 0.35), tape),
        ])
    }

    /// Printed sheets.
    static func paper(_ random: inout SampleRandom) -> Thing {
        let sheet = Surface(Vector(0.8, 0.8, 0.78), Vector(0.2, 0.2, 0.22), .print, scale: 1, gloss: 0)
        return Thing(
            (0..<(1 + random.integer(below: 3))).map { i in
                let angle = number(-0.6...0.6, &random)
                return Solid(
                    .box, at: Vector(number(-1...1, &random), 0.03 + Float(i) * 0.04, number(-1...1, &random)),
                    half: Vector(2.6, 0.02, 3.6),
                    frame: Frame().turned(sine: angle, cosine: (1 - angle * angle).squareRoot()), sheet)
            })
    }

    static func stones(_ random: inout SampleRandom) -> Thing {
        Thing(
            (0..<(2 + random.integer(below: 4))).map { _ in
                let base = muted(&random)
                let size = number(0.7...1.7, &random)
                let half = Vector(size, size * number(0.45...0.8, &random), size * number(0.7...1.2, &random))
                return Solid(
                    .ball, at: Vector(number(-2.5...2.5, &random), half.y * 0.9, number(-2.5...2.5, &random)),
                    half: half, Surface(base, base * 0.6, .mottled, scale: 0.5, gloss: 0.05))
            })
    }

    static func pencils(_ random: inout SampleRandom) -> Thing {
        var solids: [Solid] = []
        for _ in 0..<(1 + random.integer(below: 4)) {
            let angle = number(-1...1, &random)
            let axis = Vector(angle, 0, (1 - angle * angle).squareRoot())
            let middle = Vector(number(-1.5...1.5, &random), 0.25, number(-1...1, &random))
            let frame = Frame(along: axis)
            let wood = Surface(Vector(0.6, 0.45, 0.28), gloss: 0.1)
            solids.append(
                Solid(
                    .cylinder, at: middle, half: Vector(0.24, 3, 0.24), frame: frame,
                    Surface(muted(&random), gloss: 0.3)))
            solids.append(Solid(.cone, at: middle + axis * 3.4, half: Vector(0.24, 0.4, 0.24), frame: frame, wood))
        }
        return Thing(solids)
    }

    static func bottle(_ random: inout SampleRandom) -> Thing {
        let glass = Surface(
            random.chance(0.5) ? Vector(0.08, 0.2, 0.1) : Vector(0.2, 0.12, 0.06), gloss: 0.9)
        let label = Surface(Vector(0.72, 0.7, 0.62), muted(&random), .mottled, scale: 0.6, gloss: 0.05)
        return Thing([
            Solid(.cylinder, at: Vector(0, 2.6, 0), half: Vector(1.35, 2.6, 1.35), glass),
            Solid(.cylinder, at: Vector(0, 2.5, 0), half: Vector(1.37, 1.3, 1.37), label),
            Solid(.cone, at: Vector(0, 6.3, 0), half: Vector(1.35, 1.3, 1.35), glass),
            Solid(.cylinder, at: Vector(0, 7.3, 0), half: Vector(0.45, 0.9, 0.45), glass),
        ])
    }

    static func plate(_ random: inout SampleRandom) -> Thing {
        let china = Surface(Vector(0.78, 0.78, 0.76), gloss: 0.6)
        let rim = Surface(random.chance(0.5) ? muted(&random) : Vector(0.7, 0.7, 0.68), gloss: 0.6)
        return Thing([
            Solid(.cylinder, at: Vector(0, 0.2, 0), half: Vector(3.2, 0.2, 3.2), china),
            Solid(.cylinder, at: Vector(0, 0.22, 0), half: Vector(2.9, 0.2, 2.9), rim),
            Solid(.cylinder, at: Vector(0, 0.24, 0), half: Vector(2.7, 0.2, 2.7), china),
        ])
    }

    static func cushion(_ random: inout SampleRandom) -> Thing {
        let cloth = Surface(muted(&random), muted(&random), .blanket, scale: 0.9, gloss: 0)
        return Thing([Solid(.ball, at: Vector(0, 1.2, 0), half: Vector(4, 1.3, 3.2), cloth)])
    }

    static func remoteControl(_ random: inout SampleRandom) -> Thing {
        let shell = Surface(Vector(0.05, 0.05, 0.055), gloss: 0.3)
        let key = Surface(Vector(0.25, 0.25, 0.26), gloss: 0.2)
        var solids = [Solid(.box, at: Vector(0, 0.4, 0), half: Vector(3.4, 0.4, 0.95), shell)]
        for i in 0..<6 {
            for j in 0..<3 {
                solids.append(
                    Solid(
                        .cylinder, at: Vector(-2.4 + Float(i) * 0.85, 0.84, -0.5 + Float(j) * 0.5),
                        half: Vector(0.17, 0.06, 0.17), key))
            }
        }
        return Thing(solids)
    }

    /// A tin with a paper label.
    static func can(_ random: inout SampleRandom) -> Thing {
        let tin = Surface(Vector(0.5, 0.5, 0.52), gloss: 0.8)
        let label = Surface(muted(&random), Vector(0.7, 0.68, 0.6), .bands, scale: 1.1, gloss: 0.15)
        return Thing([
            Solid(.cylinder, at: Vector(0, 2.2, 0), half: Vector(1.6, 2.2, 1.6), tin),
            Solid(.cylinder, at: Vector(0, 2.2, 0), half: Vector(1.62, 1.9, 1.62), label),
        ])
    }
}
