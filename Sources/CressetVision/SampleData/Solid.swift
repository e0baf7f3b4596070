/// A simple body: along its own axes, measured in its half sizes, it fills the cube from -1 to 1.
struct Solid {
    enum Shape: UInt8 {
        case ball
        case box
        /// Upright: the axis is y.
        case cylinder
        /// The tip is at y = 1.
        case cone
    }

    var shape: Shape
    var center: Vector
    /// Half the extent along each of its directions.
    var half: Vector
    var frame = Frame()
    var surface: Surface

    init(_ shape: Shape, at center: Vector, half: Vector, frame: Frame = Frame(), _ surface: Surface) {
        self.shape = shape
        self.center = center
        self.half = half
        self.frame = frame
        self.surface = surface
    }

    /// The solid rotated about the vertical through the origin, then moved.
    func placed(sine: Float, cosine: Float, offset: Vector) -> Solid {
        var solid = self
        solid.center = center.turned(sine: sine, cosine: cosine) + offset
        solid.frame = frame.turned(sine: sine, cosine: cosine)
        return solid
    }

    /// Where a ray first hits the solid, closer than `limit`: the distance, and the normal in the unit cube.
    @inline(__always)
    func hit(origin: Vector, direction: Vector, limit: Float) -> (distance: Float, normal: Vector)? {
        let o = frame.toLocal(origin - center) / half
        let d = frame.toLocal(direction) / half
        let found: (distance: Float, normal: Vector)?
        switch shape {
        case .ball: found = Solid.hitBall(o, d)
        case .box: found = Solid.hitBox(o, d)
        case .cylinder: found = Solid.hitCylinder(o, d)
        case .cone: found = Solid.hitCone(o, d)
        }
        guard let found, found.distance > 1e-3, found.distance < limit else { return nil }
        return found
    }

    private static func hitBall(_ o: Vector, _ d: Vector) -> (Float, Vector)? {
        let a = d.dot(d)
        let b = o.dot(d)
        let root = b * b - a * (o.dot(o) - 1)
        if root < 0 { return nil }
        let t = (-b - root.squareRoot()) / a
        return (t, o + d * t)
    }

    private static func hitBox(_ o: Vector, _ d: Vector) -> (Float, Vector)? {
        let inverse = Vector(repeating: 1) / d
        let first = (Vector(repeating: -1) - o) * inverse
        let second = (Vector(repeating: 1) - o) * inverse
        let near = pointwiseMin(first, second)
        let far = pointwiseMax(first, second)
        let t = near.max()
        if !(t <= far.min()) { return nil }
        if near.x == t { return (t, Vector(d.x > 0 ? -1 : 1, 0, 0)) }
        if near.y == t { return (t, Vector(0, d.y > 0 ? -1 : 1, 0)) }
        return (t, Vector(0, 0, d.z > 0 ? -1 : 1))
    }

    private static func hitCylinder(_ o: Vector, _ d: Vector) -> (Float, Vector)? {
        let a = d.x * d.x + d.z * d.z
        let b = o.x * d.x + o.z * d.z
        let c = o.x * o.x + o.z * o.z - 1
        let root = b * b - a * c
        if root < 0 { return nil }
        let t = (-b - root.squareRoot()) / a
        let y = o.y + d.y * t
        if abs(y) <= 1 { return (t, Vector(o.x + d.x * t, 0, o.z + d.z * t)) }
        // Past the side: the ray enters through an end, if at all.
        let end: Float = y > 0 ? 1 : -1
        let cap = (end - o.y) / d.y
        let p = o + d * cap
        return p.x * p.x + p.z * p.z <= 1 && cap > t ? (cap, Vector(0, end, 0)) : nil
    }

    private static func hitCone(_ o: Vector, _ d: Vector) -> (Float, Vector)? {
        let rise = 1 - o.y
        let a = d.x * d.x + d.z * d.z - d.y * d.y / 4
        let b = o.x * d.x + o.z * d.z + rise * d.y / 4
        let c = o.x * o.x + o.z * o.z - rise * rise / 4
        var best: (Float, Vector)?
        let root = b * b - a * c
        if root >= 0 && abs(a) > 1e-9 {
            for t in [(-b - root.squareRoot()) / a, (-b + root.squareRoot()) / a] where t > 1e-3 {
                let p = o + d * t
                if abs(p.y) <= 1, t < best?.0 ?? .infinity { best = (t, Vector(p.x, (1 - p.y) / 4, p.z)) }
            }
        }
        if o.y < -1 && d.y > 0 {
            let t = (-1 - o.y) / d.y
            let p = o + d * t
            if p.x * p.x + p.z * p.z <= 1, t < best?.0 ?? .infinity { best = (t, Vector(0, -1, 0)) }
        }
        return best
    }
}
