import CressetData

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The classes of the toy problem.
enum SampleClass: String, CaseIterable {
    case noToy = "NoToy"
    case scenes = "Scenes"
    case singleToy = "SingleToy"
}

/// Places objects on the ground at random, and a camera in front of them.
struct SceneComposer {
    private var random: SampleRandom

    init(random: SampleRandom) { self.random = random }

    /// A picture of the given class.
    mutating func picture(of kind: SampleClass) -> Image { picture { $0.fill(&$1, kind) } }

    /// A picture of one object of a kind.
    mutating func picture(of kind: ThingKind) -> Image {
        picture { composer, scene in
            var circles: [(place: Vector, radius: Float)] = []
            let thing = kind.make(&composer.random).scaled(by: composer.number(0.85...1.2))
            let place = Vector(composer.number(-1.5...1.5), 0, composer.number(-1.5...1.5))
            composer.put(thing, at: place, &scene, &circles)
            return composer.number(14...22)
        }
    }

    /// A picture of what `fill` puts into an empty scene; it returns how far away the camera should be.
    private mutating func picture(_ fill: (inout SceneComposer, inout Scene) -> Float) -> Image {
        let sizes = [(320, 240), (320, 240), (300, 300), (240, 320), (360, 240), (280, 210)]
        let (width, height) = sizes[random.integer(below: sizes.count)]
        let azimuth = number(0...(2 * .pi))
        let toward = Vector(cosf(azimuth), 0, sinf(azimuth))
        var scene = emptyScene(toward)
        let reach = fill(&self, &scene)
        let camera = camera(toward, distance: reach)
        return Renderer(
            scene: scene, camera: camera, width: width, height: height,
            seed: Int32(random.integer(below: 1 << 20))
        ).draw()
    }

    private mutating func number(_ range: ClosedRange<Float>) -> Float {
        Float(random.uniform(in: Double(range.lowerBound)...Double(range.upperBound)))
    }

    private mutating func emptyScene(_ toward: Vector) -> Scene {
        let height = number(0.5...1.5)
        let turn = number(0...(2 * .pi))
        let warmth = number(-0.14...0.14)
        let strength = number(0.55...1)
        return Scene(
            ground: ground(), wall: wall(), wallDistance: number(16...40), wallDirection: toward,
            light: Vector(cosf(turn), height, sinf(turn)).normalized, lightSpread: number(0.05...0.35),
            lightColor: Vector(1 + warmth, 1, 1 - warmth) * strength,
            ambient: Vector(1 - warmth / 2, 1, 1 + warmth) * number(0.28...0.5))
    }

    private mutating func ground() -> Surface {
        let choices: [(Vector, Vector, Surface.Pattern, Float, Float)] = [
            (Vector(0.5, 0.32, 0.17), Vector(0.3, 0.17, 0.08), .wood, 1.3, 0.12),
            (Vector(0.62, 0.5, 0.36), Vector(0.45, 0.34, 0.22), .wood, 1.6, 0.15),
            (Vector(0.5, 0.48, 0.44), Vector(0.28, 0.26, 0.24), .carpet, 0.8, 0),
            (Vector(0.36, 0.15, 0.12), Vector(0.2, 0.08, 0.08), .carpet, 0.8, 0),
            (Vector(0.2, 0.26, 0.34), Vector(0.1, 0.13, 0.18), .carpet, 0.7, 0),
            (Vector(0.6, 0.58, 0.54), Vector(0.3, 0.29, 0.28), .tiles, 6, 0.25),
            (Vector(0.5, 0.3, 0.2), Vector(0.35, 0.32, 0.3), .tiles, 4.5, 0.1),
            (Vector(0.45, 0.45, 0.43), Vector(0.3, 0.3, 0.3), .mottled, 2.5, 0.02),
            (Vector(0.12, 0.27, 0.06), Vector(0.25, 0.38, 0.1), .carpet, 0.35, 0),
            (Vector(0.6, 0.5, 0.33), Vector(0.47, 0.38, 0.24), .mottled, 0.5, 0),
            (Vector(0.55, 0.42, 0.4), Vector(0.25, 0.3, 0.42), .blanket, 3.2, 0),
            (Vector(0.7, 0.7, 0.67), Vector(0.62, 0.62, 0.6), .mottled, 5, 0.1),
        ]
        let (color, second, pattern, scale, gloss) = choices[random.integer(below: choices.count)]
        let shade = number(0.75...1.15)
        var surface = Surface(color * shade, second * shade, pattern, scale: scale * number(0.8...1.25), gloss: gloss)
        surface.seed = Int32(random.integer(below: 1 << 20))
        return surface
    }

    private mutating func wall() -> Surface {
        let gray = number(0.35...0.75)
        let color = Vector(gray + number(-0.08...0.08), gray, gray + number(-0.08...0.08))
        return Surface(color, color * 0.92, .mottled, scale: 6, gloss: 0)
    }

    /// Puts the objects of a class into the scene and returns how far away the camera should be.
    private mutating func fill(_ scene: inout Scene, _ kind: SampleClass) -> Float {
        var circles: [(place: Vector, radius: Float)] = []
        switch kind {
        case .singleToy:
            let toy = Toys.kinds.any(&random).scaled(by: number(0.85...1.2))
            put(toy, at: Vector(number(-1.5...1.5), 0, number(-1.5...1.5)), &scene, &circles)
            for _ in 0..<random.integer(below: 3) {
                scatter(Household.kinds.any(&random), within: 7...13, &scene, &circles)
            }
            return number(15...24)
        case .scenes:
            for _ in 0..<(3 + random.integer(below: 4)) {
                scatter(Toys.kinds.any(&random).scaled(by: number(0.8...1.15)), within: 0...8, &scene, &circles)
            }
            for _ in 0..<random.integer(below: 3) {
                scatter(Household.kinds.any(&random), within: 5...12, &scene, &circles)
            }
            return number(22...31)
        case .noToy:
            for _ in 0..<random.integer(below: 7) {
                let thing = Household.kinds.any(&random).scaled(by: number(0.85...1.25))
                scatter(thing, within: 0...9, &scene, &circles)
            }
            return number(16...30)
        }
    }

    /// Puts an object in a free place, or leaves it out if there is none.
    private mutating func scatter(
        _ thing: Thing, within range: ClosedRange<Float>, _ scene: inout Scene,
        _ circles: inout [(place: Vector, radius: Float)]
    ) {
        for _ in 0..<30 {
            let turn = number(0...(2 * .pi))
            let place = Vector(cosf(turn), 0, sinf(turn)) * number(range)
            if circles.allSatisfy({ ($0.place - place).length > ($0.radius + thing.radius) * 0.9 }) {
                put(thing, at: place, &scene, &circles)
                return
            }
        }
    }

    private mutating func put(
        _ thing: Thing, at place: Vector, _ scene: inout Scene, _ circles: inout [(place: Vector, radius: Float)]
    ) {
        let turn = number(0...(2 * .pi))
        scene.add(thing.placed(angle: (sinf(turn), cosf(turn)), at: place))
        circles.append((place, thing.radius))
    }

    /// Looks at the middle from the side away from the wall, from above.
    private mutating func camera(_ toward: Vector, distance: Float) -> Camera {
        let elevation = number(0.35...0.95)
        let back = toward * -cosf(elevation) + Vector(0, sinf(elevation), 0)
        let target = Vector(number(-1.5...1.5), number(0.8...2.6), number(-1.5...1.5))
        return Camera(position: target + back * distance, target: target, zoom: number(0.3...0.38))
    }
}
