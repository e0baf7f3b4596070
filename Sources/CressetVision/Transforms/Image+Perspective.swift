import CPixels

extension Image {
    /// A corner of a picture or its image, in pixels from the upper left corner.
    public typealias Point = (x: Double, y: Double)

    /// The picture seen at an angle, so that each point of `from` comes to lie at its counterpart in `to`, as
    /// torchvision does it with Pillow.
    ///
    /// Traps if there are not four points each, three of them lie on a line, a number is not finite, or for an
    /// interpolation other than `nearest`, `bilinear` and `bicubic`.
    ///
    /// ```swift
    /// let corners: [Image.Point] = [(0, 0), (99, 0), (99, 79), (0, 79)]
    /// image.perspective(from: corners, to: [(12, 5), (90, 0), (99, 79), (3, 70)])
    /// ```
    ///
    /// - Parameters:
    ///   - from: Four points of the picture, such as its corners, clockwise from the upper left.
    ///   - to: Where they are in the result.
    ///   - interpolation: `nearest`, `bilinear` or `bicubic`.
    ///   - fill: The colour of uncovered pixels.
    public func perspective(
        from: [Point], to: [Point], interpolation: Interpolation = .bilinear, fill: Fill = 0
    ) -> Image {
        checkWarp("perspective", interpolation, (from + to).flatMap { [$0.x, $0.y] })
        if from.count != 4 || to.count != 4 {
            fatalError("perspective: needs four points and their images, got \(from.count) and \(to.count)")
        }
        guard let coefficients = PerspectiveMap(from: from, to: to)?.coefficients else {
            fatalError("perspective: three of the points lie on a line, from \(from) to \(to)")
        }
        let fill = fill.bytes("perspective", channels: channels)
        return mapped { cresset_pixels_perspective($0, $1, coefficients, interpolation.sampling!, fill) }
    }
}

/// From positions in the result to positions in the picture.
struct PerspectiveMap {
    /// a to h in x' = (ax + by + c) / (gx + hy + 1), y' = (dx + ey + f) / (gx + hy + 1), rounded to single precision as
    /// torchvision does.
    let coefficients: [Double]

    /// Nil if no map takes each point of `to` to its counterpart in `from`.
    init?(from: [Image.Point], to: [Image.Point]) {
        var rows: [[Double]] = []
        for (p, q) in zip(to, from) {
            rows.append([p.x, p.y, 1, 0, 0, 0, -q.x * p.x, -q.x * p.y, q.x])
            rows.append([0, 0, 0, p.x, p.y, 1, -q.y * p.x, -q.y * p.y, q.y])
        }
        guard let solution = PerspectiveMap.solve(rows) else { return nil }
        coefficients = solution.map { Double(Float($0)) }
        if !coefficients.allSatisfy(\.isFinite) { return nil }
    }

    /// Gauss's elimination; the last column is the right-hand side.
    private static func solve(_ equations: [[Double]]) -> [Double]? {
        var rows = equations
        let count = rows.count
        let largest = rows.flatMap { $0.map(\.magnitude) }.max() ?? 0
        for i in 0..<count {
            let pivot = (i..<count).max { rows[$0][i].magnitude < rows[$1][i].magnitude }!
            rows.swapAt(i, pivot)
            // What rounding leaves of a zero.
            guard rows[i][i].magnitude > largest * 1e-13 else { return nil }
            for j in 0..<count where j != i {
                let factor = rows[j][i] / rows[i][i]
                for k in i...count { rows[j][k] -= factor * rows[i][k] }
            }
        }
        return (0..<count).map { rows[$0][count] / rows[$0][$0] }
    }
}
