import CressetData

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The viewpoint of a scene.
struct Camera {
    var position: Vector
    var target: Vector
    /// Half the picture's height divided by its distance.
    var zoom: Float
}

/// Draws scenes by following rays from the camera to what they hit, and from there to the lamp.
struct Renderer {
    let scene: Scene
    let camera: Camera
    let width: Int
    let height: Int
    let seed: Int32

    private let right: Vector
    private let up: Vector
    private let forward: Vector

    init(scene: Scene, camera: Camera, width: Int, height: Int, seed: Int32) {
        self.scene = scene
        self.camera = camera
        self.width = width
        self.height = height
        self.seed = seed
        forward = (camera.target - camera.position).normalized
        right = forward.cross(Vector(0, 1, 0)).normalized
        up = right.cross(forward)
    }

    func draw() -> Image {
        Image(width: width, height: height) { pixels in
            scene.solids.withUnsafeBufferPointer { solids in
                scene.spheres.withUnsafeBufferPointer { spheres in
                    let tracer = Tracer(scene: scene, solids: solids, spheres: spheres)
                    for y in 0..<height {
                        for x in 0..<width { write(color(x, y, tracer), to: pixels + (y * width + x) * 3, x, y) }
                    }
                }
            }
        }
    }

    /// The mean of four rays, spread over the pixel.
    private func color(_ x: Int, _ y: Int, _ tracer: Tracer) -> Vector {
        var sum = Vector.zero
        for sample in 0..<4 {
            let jitter = Noise.value(Int32(x * 4 + sample), Int32(y), seed)
            let shift = Noise.value(Int32(x * 4 + sample), Int32(y), seed &+ 1)
            let u = (Float(x) + (Float(sample & 1) + jitter) / 2) * 2 - Float(width)
            let v = Float(height) - (Float(y) + (Float(sample >> 1) + shift) / 2) * 2
            let scale = camera.zoom / Float(height)
            let direction = (forward + right * (u * scale) + up * (v * scale)).normalized
            sum += tracer.color(from: camera.position, direction, jitter: Vector(jitter, shift, 1 - jitter) - 0.5)
        }
        return sum / 4
    }

    /// Stores the colour as a camera would: darker corners, grain, a soft shoulder, gamma.
    private func write(_ light: Vector, to pixel: UnsafeMutablePointer<UInt8>, _ x: Int, _ y: Int) {
        let u = Float(x) / Float(width) - 0.5
        let v = Float(y) / Float(height) - 0.5
        let grain = (Noise.value(Int32(x), Int32(y), seed &+ 9) - 0.5) * 0.025
        let exposed = light * (1 - 0.5 * (u * u + v * v))
        for c in 0..<3 {
            let value = exposed[c] / (1 + 0.25 * exposed[c])
            let encoded = powf(max(value * 1.12, 0), 1 / 2.2) + grain
            pixel[c] = UInt8(min(max(encoded * 255 + 0.5, 0), 255))
        }
    }
}

/// Finds what rays hit, and how it is lit.
private struct Tracer {
    let scene: Scene
    let solids: UnsafeBufferPointer<Solid>
    let spheres: UnsafeBufferPointer<Scene.BoundingSphere>

    func color(from origin: Vector, _ direction: Vector, jitter: Vector) -> Vector {
        var best: (distance: Float, normal: Vector) = (wallDistance(origin, direction), .zero)
        var index = -1
        let ground = direction.y < 0 ? -origin.y / direction.y : .infinity
        let isGround = ground < best.distance
        if isGround { best.distance = ground }
        for sphere in spheres where touches(sphere, origin, direction) {
            for i in sphere.solids {
                if let hit = solids[i].hit(origin: origin, direction: direction, limit: best.distance) {
                    best = hit
                    index = i
                }
            }
        }
        let point = origin + direction * best.distance
        if index >= 0 { return shade(solids[index], point, best.normal, direction, jitter) }
        if isGround {
            let color = scene.ground.color(at: point, normal: Vector(0, 1, 0))
            let near = contact(point)
            return lit(color, point, Vector(0, 1, 0), direction, scene.ground.gloss, jitter) * near
        }
        return lit(wallColor(point), point, -scene.wallDirection, direction, 0, jitter)
    }

    private func wallColor(_ point: Vector) -> Vector {
        let along = scene.wallDirection.cross(Vector(0, 1, 0)).dot(point)
        // A skirting board above the ground.
        if point.y < 2.2 { return Vector(repeating: point.y > 2 ? 0.25 : 0.6) }
        return scene.wall.color(at: Vector(along, 0, point.y), normal: Vector(0, 1, 0))
    }

    private func shade(
        _ solid: Solid, _ point: Vector, _ normal: Vector, _ direction: Vector, _ jitter: Vector
    ) -> Vector {
        let world = solid.frame.toWorld(normal / solid.half).normalized
        let local = solid.frame.toLocal(point - solid.center)
        let color = solid.surface.color(at: local, normal: normal)
        return lit(color, point, world, direction, solid.surface.gloss, jitter)
    }

    private func lit(
        _ color: Vector, _ point: Vector, _ normal: Vector, _ direction: Vector, _ gloss: Float, _ jitter: Vector
    ) -> Vector {
        // The sky's light comes from above, and a little from the ground.
        var sum = color * scene.ambient * (0.72 + 0.28 * normal.y)
        let light = (scene.light + jitter * scene.lightSpread).normalized
        let facing = normal.dot(light)
        if facing <= 0 || isShadowed(point + normal * 2e-3, light) { return sum }
        sum += color * scene.lightColor * facing
        let half = (light - direction).normalized
        let highlight = max(normal.dot(half), 0)
        let sharp = highlight * highlight * highlight * highlight
        let sharper = sharp * sharp * sharp * sharp
        return sum + scene.lightColor * (gloss * sharper * sharper)
    }

    /// Darker where an object touches the ground, where less of the sky is visible.
    private func contact(_ point: Vector) -> Float {
        var light: Float = 1
        for sphere in spheres {
            let away = point - sphere.center
            let near = away.dot(away) / sphere.squaredRadius
            if near >= 1.6 { continue }
            // Flat objects hide little.
            let depth = 0.22 * min(1.5 * sphere.center.y / sphere.squaredRadius.squareRoot(), 1)
            light *= 1 - depth * (1 - max(near, 0.2) / 1.6)
        }
        return light
    }

    private func isShadowed(_ point: Vector, _ light: Vector) -> Bool {
        for sphere in spheres where touches(sphere, point, light) {
            for i in sphere.solids where solids[i].hit(origin: point, direction: light, limit: .infinity) != nil {
                return true
            }
        }
        return false
    }

    private func touches(_ sphere: Scene.BoundingSphere, _ origin: Vector, _ direction: Vector) -> Bool {
        let away = sphere.center - origin
        let along = away.dot(direction)
        let squared = away.dot(away)
        if squared < sphere.squaredRadius { return true }
        return along > 0 && squared - along * along < sphere.squaredRadius
    }

    private func wallDistance(_ origin: Vector, _ direction: Vector) -> Float {
        let speed = scene.wallDirection.dot(direction)
        return speed > 1e-4 ? (scene.wallDistance - scene.wallDirection.dot(origin)) / speed : 1e4
    }
}
