#if canImport(Glibc)
    import Glibc
#else
    import Musl
#endif

/// Draws a scene by following a ray from the camera through each pixel, and from where it ends one to the light.
struct Renderer {
    private let scene: ToyScene
    /// Centre and squared reach of each solid: most rays miss most solids.
    private let bounds: [(center: SIMD3<Double>, square: Double)]

    init(_ scene: ToyScene) {
        self.scene = scene
        bounds = scene.solids.map { ($0.center, $0.reach * $0.reach) }
    }

    /// The picture, with four rays a pixel.
    func image(width: Int, height: Int) -> Image {
        Image(width: width, height: height) { target in
            for y in 0..<height {
                for x in 0..<width {
                    var color = Color.zero
                    for part in 0..<4 {
                        let u = (Double(x) + 0.25 + 0.5 * Double(part % 2)) * 2 - Double(width)
                        let v = Double(height) - (Double(y) + 0.25 + 0.5 * Double(part / 2)) * 2
                        color += light(u / Double(height), v / Double(height))
                    }
                    for channel in 0..<3 {
                        target[(y * width + x) * 3 + channel] = Renderer.level(color[channel] / 4)
                    }
                }
            }
        }
    }

    /// A brightness as the byte of a picture file, by sRGB's curve.
    private static func level(_ brightness: Double) -> UInt8 {
        let x = min(max(brightness, 0), 1)
        let curved = x <= 0.0031308 ? 12.92 * x : 1.055 * pow(x, 1 / 2.4) - 0.055
        return UInt8((curved * 255).rounded())
    }

    /// What is seen in the direction (u, v) of the picture.
    private func light(_ u: Double, _ v: Double) -> Color {
        let camera = scene.camera
        let direction = normalized(camera.ahead + camera.right * u + camera.up * v)
        if let (solid, hit) = nearest(from: camera.place, along: direction) {
            let color = solid.paint.color(at: hit.point)
            return shaded(
                color * color, at: camera.place + direction * hit.distance, normal: hit.normal, seenAlong: direction,
                gloss: solid.paint.gloss)
        }
        guard direction.z < -1e-3 else { return scene.skyColor }
        let point = camera.place + direction * (-camera.place.z / direction.z)
        // Squared, a colour as people name it is close to the light it reflects.
        let color = scene.ground.color(point.x, point.y)
        return shaded(color * color, at: point, normal: SIMD3(0, 0, 1), seenAlong: direction, gloss: 0.05)
    }

    private func nearest(from origin: SIMD3<Double>, along direction: SIMD3<Double>) -> (Solid, Solid.Hit)? {
        var best: (Int, Solid.Hit)?
        for i in bounds.indices where passesBy(i, origin, direction) {
            if let hit = scene.solids[i].hit(from: origin, along: direction, limit: best?.1.distance ?? .infinity) {
                best = (i, hit)
            }
        }
        return best.map { (scene.solids[$0], $1) }
    }

    private func passesBy(_ i: Int, _ origin: SIMD3<Double>, _ direction: SIMD3<Double>) -> Bool {
        let toCenter = bounds[i].center - origin
        let along = dot(toCenter, direction)
        return dot(toCenter, toCenter) - along * along <= bounds[i].square
    }

    private func shaded(
        _ color: Color, at point: SIMD3<Double>, normal: SIMD3<Double>, seenAlong direction: SIMD3<Double>,
        gloss: Double
    ) -> Color {
        // Less of the sky is seen close to the ground and on what faces it.
        var result = color * scene.skyColor * (0.65 + 0.35 * normal.z)
        let facing = dot(normal, scene.light)
        guard facing > 0 else { return result }
        let start = point + normal * 1e-4
        for i in bounds.indices where passesBy(i, start, scene.light) {
            if scene.solids[i].hit(from: start, along: scene.light, limit: .infinity) != nil { return result }
        }
        result += color * scene.lightColor * facing
        let half = normalized(scene.light - direction)
        result += scene.lightColor * (gloss * 0.5 * pow(max(dot(normal, half), 0), 20 + 60 * gloss))
        return result
    }
}
