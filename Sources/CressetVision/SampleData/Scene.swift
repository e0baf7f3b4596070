/// Solids that belong together: a toy, a mug, a book.
struct Thing {
    var solids: [Solid]
    /// How far the solids extend from the vertical axis through the origin, and how high.
    var radius: Float
    var height: Float

    init(_ solids: [Solid]) {
        self.solids = solids
        let reach = solids.map { solid -> (Float, Float) in
            let extent = solid.half.length
            let flat = Vector(solid.center.x, 0, solid.center.z).length
            return (flat + min(extent, solid.half.max() * 1.25), solid.center.y + min(extent, solid.half.max()))
        }
        radius = reach.map(\.0).max() ?? 0
        height = reach.map(\.1).max() ?? 0
    }

    func placed(angle: (sine: Float, cosine: Float), at place: Vector) -> Thing {
        var thing = self
        thing.solids = solids.map { $0.placed(sine: angle.sine, cosine: angle.cosine, offset: place) }
        return thing
    }

    func scaled(by factor: Float) -> Thing {
        var thing = self
        for i in solids.indices {
            thing.solids[i].center *= factor
            thing.solids[i].half *= factor
            thing.solids[i].surface.scale *= factor
        }
        thing.radius *= factor
        thing.height *= factor
        return thing
    }
}

/// Objects on the ground in front of a wall, lit by one lamp.
struct Scene {
    var ground: Surface
    var wall: Surface
    /// The wall's distance from the origin, and the horizontal direction that leads to it.
    var wallDistance: Float
    var wallDirection: Vector
    /// Where the light comes from, and how far the lamp spreads.
    var light: Vector
    var lightSpread: Float
    var lightColor: Vector
    var ambient: Vector
    private(set) var solids: [Solid] = []
    private(set) var spheres: [BoundingSphere] = []

    init(
        ground: Surface, wall: Surface, wallDistance: Float, wallDirection: Vector, light: Vector, lightSpread: Float,
        lightColor: Vector, ambient: Vector
    ) {
        self.ground = ground
        self.wall = wall
        self.wallDistance = wallDistance
        self.wallDirection = wallDirection
        self.light = light
        self.lightSpread = lightSpread
        self.lightColor = lightColor
        self.ambient = ambient
    }

    /// What a ray must come near before the solids inside are tested.
    struct BoundingSphere {
        var center: Vector
        var squaredRadius: Float
        var solids: Range<Int>
    }

    mutating func add(_ thing: Thing) {
        let start = solids.count
        solids += thing.solids
        var low = Vector(repeating: .infinity)
        var high = Vector(repeating: -.infinity)
        for solid in thing.solids {
            low = pointwiseMin(low, solid.center)
            high = pointwiseMax(high, solid.center)
        }
        let center = (low + high) / 2
        let radius = thing.solids.map { ($0.center - center).length + $0.half.length }.max() ?? 0
        spheres.append(BoundingSphere(center: center, squaredRadius: radius * radius, solids: start..<solids.count))
    }
}
