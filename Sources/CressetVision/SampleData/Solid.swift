#if canImport(Glibc)
    import Glibc
#else
    import Musl
#endif

/// A simple body: a unit form that is scaled, turned, moved and painted.
struct Solid {
    /// The unit forms, around the origin; the axis of the round ones is z.
    enum Form {
        /// Radius 1.
        case sphere
        /// From -1 to 1 on each axis.
        case box
        /// Radius 1, from z = -1 to 1.
        case cylinder
        /// Radius 1 at z = -1, a point at z = 1.
        case cone
    }

    var form: Form
    var scale: SIMD3<Double>
    var turn: Turn
    var center: SIMD3<Double>
    var paint: Paint

    init(
        _ form: Form, scale: SIMD3<Double>, at center: SIMD3<Double> = .zero, turned turn: Turn = Turn(), paint: Paint
    ) {
        self.form = form
        self.scale = scale
        self.turn = turn
        self.center = center
        self.paint = paint
    }

    /// The radius of a ball around the centre that holds the body.
    var reach: Double {
        switch form {
        case .sphere: scale.max()
        case .box: dot(scale, scale).squareRoot()
        case .cylinder, .cone: (max(scale.x, scale.y) * max(scale.x, scale.y) + scale.z * scale.z).squareRoot()
        }
    }

    /// The body turned by `turn` around the origin, enlarged, and moved.
    func placed(turn outer: Turn, scale factor: Double, at place: SIMD3<Double>) -> Solid {
        var solid = self
        solid.scale *= factor
        solid.center = outer.apply(center * factor) + place
        solid.turn = outer.after(turn)
        return solid
    }

    /// Where a ray first meets the body.
    struct Hit {
        var distance: Double
        /// The point on the unit form.
        var point: SIMD3<Double>
        var normal: SIMD3<Double>
    }

    /// The first meeting of the ray with the body, nearer than `limit`.
    func hit(from origin: SIMD3<Double>, along direction: SIMD3<Double>, limit: Double) -> Hit? {
        let o = turn.undo(origin - center) / scale
        let d = turn.undo(direction) / scale
        guard let (distance, normal) = unitHit(o, d), distance < limit else { return nil }
        return Hit(distance: distance, point: o + d * distance, normal: normalized(turn.apply(normal / scale)))
    }

    private static let nearest = 1e-6

    private func unitHit(_ o: SIMD3<Double>, _ d: SIMD3<Double>) -> (Double, SIMD3<Double>)? {
        switch form {
        case .sphere:
            guard let t = firstRoot(dot(d, d), dot(o, d), dot(o, o) - 1) else { return nil }
            return (t, o + d * t)
        case .box: return boxHit(o, d)
        case .cylinder: return roundHit(o, d, slope: 0)
        case .cone: return roundHit(o, d, slope: 0.5)
        }
    }

    private func boxHit(_ o: SIMD3<Double>, _ d: SIMD3<Double>) -> (Double, SIMD3<Double>)? {
        var near = -Double.infinity
        var far = Double.infinity
        var axis = 0
        for i in 0..<3 {
            let inverse = 1 / d[i]
            let (a, b) = ((-1 - o[i]) * inverse, (1 - o[i]) * inverse)
            if min(a, b) > near {
                near = min(a, b)
                axis = i
            }
            far = min(far, max(a, b))
        }
        guard near <= far, near > Self.nearest else { return nil }
        var normal = SIMD3<Double>.zero
        normal[axis] = d[axis] > 0 ? -1 : 1
        return (near, normal)
    }

    /// Cylinder and cone: the radius at height z is `1 - slope * (z + 1)`.
    private func roundHit(_ o: SIMD3<Double>, _ d: SIMD3<Double>, slope: Double) -> (Double, SIMD3<Double>)? {
        var best: (Double, SIMD3<Double>)?
        func offer(_ t: Double, _ normal: SIMD3<Double>) {
            if t > Self.nearest, t < best?.0 ?? .infinity { best = (t, normal) }
        }
        let (radius, shrink) = (1 - slope * (o.z + 1), -slope * d.z)
        let a = d.x * d.x + d.y * d.y - shrink * shrink
        let b = o.x * d.x + o.y * d.y - radius * shrink
        let c = o.x * o.x + o.y * o.y - radius * radius
        let discriminant = b * b - a * c
        if discriminant >= 0, abs(a) > 1e-12 {
            let root = discriminant.squareRoot()
            for t in [(-b - root) / a, (-b + root) / a] {
                let p = o + d * t
                if abs(p.z) <= 1 { offer(t, SIMD3(p.x, p.y, slope * (1 - slope * (p.z + 1)))) }
            }
        }
        for z in slope == 0 ? [-1.0, 1.0] : [-1.0] {
            let t = (z - o.z) / d.z
            let p = o + d * t
            if p.x * p.x + p.y * p.y <= 1 { offer(t, SIMD3(0, 0, z)) }
        }
        return best
    }

    /// The smaller root of `a t^2 + 2 b t + c` in front of the ray.
    private func firstRoot(_ a: Double, _ b: Double, _ c: Double) -> Double? {
        let discriminant = b * b - a * c
        guard discriminant >= 0 else { return nil }
        let t = (-b - discriminant.squareRoot()) / a
        return t > Self.nearest ? t : nil
    }
}

/// A rotation, as the images of the three axes.
struct Turn {
    var x = SIMD3<Double>(1, 0, 0)
    var y = SIMD3<Double>(0, 1, 0)
    var z = SIMD3<Double>(0, 0, 1)

    init() {}

    /// Around the vertical axis by `angle`, in radians.
    init(around angle: Double) {
        x = SIMD3(cos(angle), sin(angle), 0)
        y = SIMD3(-sin(angle), cos(angle), 0)
    }

    /// Around the x axis by `angle`: what stood upright leans towards -y.
    init(leaning angle: Double) {
        y = SIMD3(0, cos(angle), sin(angle))
        z = SIMD3(0, -sin(angle), cos(angle))
    }

    func apply(_ v: SIMD3<Double>) -> SIMD3<Double> { x * v.x + y * v.y + z * v.z }
    func undo(_ v: SIMD3<Double>) -> SIMD3<Double> { SIMD3(dot(x, v), dot(y, v), dot(z, v)) }

    /// This rotation after another.
    func after(_ first: Turn) -> Turn {
        var turn = Turn()
        turn.x = apply(first.x)
        turn.y = apply(first.y)
        turn.z = apply(first.z)
        return turn
    }
}

@inline(__always)
func dot(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> Double { (a * b).sum() }

@inline(__always)
func normalized(_ v: SIMD3<Double>) -> SIMD3<Double> { v / dot(v, v).squareRoot() }

func cross(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> SIMD3<Double> {
    SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
}
