/// A place, a direction or a colour.
typealias Vector = SIMD3<Float>

extension SIMD3<Float> {
    func dot(_ other: Vector) -> Float { (self * other).sum() }

    func cross(_ b: Vector) -> Vector {
        Vector(y * b.z - z * b.y, z * b.x - x * b.z, x * b.y - y * b.x)
    }

    var length: Float { dot(self).squareRoot() }
    var normalized: Vector { self / Swift.max(length, 1e-12) }

    /// The vector rotated about the vertical axis.
    func turned(sine: Float, cosine: Float) -> Vector {
        Vector(cosine * x + sine * z, y, cosine * z - sine * x)
    }

    func mixed(with other: Vector, _ share: Float) -> Vector { self + (other - self) * share }
}

/// Three perpendicular directions: a solid's orientation.
struct Frame {
    var x = Vector(1, 0, 0)
    var y = Vector(0, 1, 0)
    var z = Vector(0, 0, 1)

    /// The frame with its y axis along `axis`.
    init(along axis: Vector) {
        y = axis.normalized
        let helper: Vector = abs(y.x) < 0.9 ? Vector(1, 0, 0) : Vector(0, 0, 1)
        z = helper.cross(y).normalized
        x = y.cross(z)
    }

    init() {}

    func turned(sine: Float, cosine: Float) -> Frame {
        var frame = self
        frame.x = x.turned(sine: sine, cosine: cosine)
        frame.y = y.turned(sine: sine, cosine: cosine)
        frame.z = z.turned(sine: sine, cosine: cosine)
        return frame
    }

    func toLocal(_ v: Vector) -> Vector { Vector(x.dot(v), y.dot(v), z.dot(v)) }
    func toWorld(_ v: Vector) -> Vector { x * v.x + y * v.y + z * v.z }
}
