// Singular values, by Jacobi's method, and the matrix norms derived from them.

/// The norms of a matrix.
public enum MatrixNormOrder: Sendable, Hashable {
    /// The root of the sum of squares.
    case frobenius
    /// The sum of the singular values.
    case nuclear
    /// The largest, or smallest, singular value.
    case spectral, smallestSpectral
    /// The largest, or smallest, sum of magnitudes in a column.
    case one, smallestOne
    /// The largest, or smallest, sum of magnitudes in a row.
    case infinity, smallestInfinity
}

extension Tensor {
    /// The norm of the matrices in two axes. Norms of singular values can be differentiated once.
    ///
    /// - Parameters:
    ///   - order: Which norm.
    ///   - axes: The axes of the rows and the columns.
    ///   - keepsAxes: Whether the axes are kept, with length 1.
    public func matrixNorm(
        _ order: MatrixNormOrder = .frobenius, axes: (Int, Int) = (-2, -1), keepsAxes: Bool = false
    ) -> Tensor {
        let (a, b) = (axis(axes.0, "matrixNorm"), axis(axes.1, "matrixNorm"))
        guard rank >= 2, a != b, dtype.isFloatingPoint else {
            fail("matrixNorm", "axes \(axes) of shape \(shape) do not form floating-point matrices")
        }
        func sums(_ axis: Int) -> Tensor { abs().sum(axes: [axis], keepsAxes: true) }
        let kept =
            switch order {
            case .frobenius: norm(axes: [a, b], keepsAxes: true)
            case .one: sums(a).amax(axes: [b], keepsAxes: true)
            case .smallestOne: sums(a).amin(axes: [b], keepsAxes: true)
            case .infinity: sums(b).amax(axes: [a], keepsAxes: true)
            case .smallestInfinity: sums(b).amin(axes: [a], keepsAxes: true)
            case .nuclear, .spectral, .smallestSpectral: singularNorm(order, a, b)
            }
        return keepsAxes ? kept : kept.squeezed(axes: [a, b])
    }

    /// The axes are kept, with length 1.
    private func singularNorm(_ order: MatrixNormOrder, _ a: Int, _ b: Int) -> Tensor {
        let matrices = movingAxes([a, b], to: [-2, -1])
        let (u, s, v) = matrices.detached().singularValueDecomposition()
        let count = s.shape[s.rank - 1]
        // Which of the values are included: the products of their vectors are the derivative.
        let part =
            order == .nuclear
            ? 0..<count : order == .spectral ? 0..<Swift.min(1, count) : Swift.max(0, count - 1)..<count
        func chosen(_ x: Tensor) -> Tensor { x.narrowed(axis: -1, start: part.lowerBound, count: part.count) }
        let value = chosen(s).sum(axes: [-1], keepsAxes: true).unsqueezed(at: -1)
        let slope = chosen(u).matmul(chosen(v).t)
        return value.recorded("singularNorm", matrices) { gradient in
            // How the vectors rotate is not known here: a caller that asks must not get zero.
            gradient
                * slope.recorded("singularNorm", matrices) { _ in
                    fail(
                        "matrixNorm", "a norm of singular values can be differentiated only once",
                        hint: "the Frobenius norm has all its derivatives")
                }
        }.movingAxes([-2, -1], to: [a, b])
    }

    /// u, s and v with u diag(s) vᵀ equal to the matrices of the last two axes; s is descending. Not recorded.
    ///
    /// *Shape*: (…, m, n) gives (…, m, k), (…, k) and (…, n, k) with k the smaller of m and n.
    public func singularValueDecomposition() -> (u: Tensor, s: Tensor, v: Tensor) {
        guard rank >= 2 else { fail("singularValueDecomposition", "shape \(shape) contains no matrices") }
        let (m, n) = (shape[rank - 2], shape[rank - 1])
        if m < n {
            let (u, s, v) = transposed(-2, -1).singularValueDecomposition()
            return (v, s, u)
        }
        let lead = Array(shape.dropLast(2))
        let values: [Double] = scalars()
        var (us, ss, vs) = ([Double](), [Double](), [Double]())
        for k in 0..<lead.reduce(1, *) {
            var jacobi = JacobiRotations(rows: m, columns: n, Array(values[k * m * n..<(k + 1) * m * n]))
            let (u, s, v) = jacobi.decompose()
            us += u
            ss += s
            vs += v
        }
        func tensor(_ values: [Double], _ lengths: [Int]) -> Tensor {
            Tensor(values, shape: Shape(lead + lengths), device: device).to(dtype)
        }
        return (tensor(us, [m, n]), tensor(ss, [n]), tensor(vs, [n, n]))
    }
}

/// One-sided Jacobi: pairs of columns of a matrix are rotated until all are orthogonal; their lengths are the singular
/// values. *Source*: Hestenes, "Inversion of Matrices by Biorthogonalization and Related Results", 1958.
private struct JacobiRotations {
    let rows, columns: Int
    private var a: [Double]  // row-major
    private var v: [Double]

    init(rows: Int, columns: Int, _ values: [Double]) {
        self.rows = rows
        self.columns = columns
        a = values
        v = [Double](repeating: 0, count: columns * columns)
        for i in 0..<columns { v[i * columns + i] = 1 }
    }

    mutating func decompose() -> (u: [Double], s: [Double], v: [Double]) {
        // A few sweeps suffice; NaN never converges.
        for _ in 0..<60 where !sweep() {}
        let lengths = (0..<columns).map { dot($0, $0).squareRoot() }
        let order = (0..<columns).sorted { lengths[$0] > lengths[$1] }
        var (u, sortedV) = (a, v)
        for (to, from) in order.enumerated() {
            for i in 0..<rows {
                u[i * columns + to] = lengths[from] > 0 ? a[i * columns + from] / lengths[from] : 0
            }
            for i in 0..<columns { sortedV[i * columns + to] = v[i * columns + from] }
        }
        return (u, order.map { lengths[$0] }, sortedV)
    }

    private func dot(_ p: Int, _ q: Int) -> Double {
        var sum = 0.0
        for i in 0..<rows { sum += a[i * columns + p] * a[i * columns + q] }
        return sum
    }

    /// Rotates every pair once.
    /// - Returns: whether all were already orthogonal.
    private mutating func sweep() -> Bool {
        var isDone = true
        for p in 0..<columns {
            for q in p + 1..<max(p + 1, columns) {
                let (alpha, beta, gamma) = (dot(p, p), dot(q, q), dot(p, q))
                guard abs(gamma) > 1e-15 * (alpha * beta).squareRoot() else { continue }
                isDone = false
                let zeta = (beta - alpha) / (2 * gamma)
                let t = (zeta >= 0 ? 1.0 : -1.0) / (abs(zeta) + (1 + zeta * zeta).squareRoot())
                let c = 1 / (1 + t * t).squareRoot()
                JacobiRotations.turn(&a, rows, columns, p, q, c, c * t)
                JacobiRotations.turn(&v, columns, columns, p, q, c, c * t)
            }
        }
        return isDone
    }

    private static func turn(
        _ x: inout [Double], _ rows: Int, _ columns: Int, _ p: Int, _ q: Int, _ c: Double, _ s: Double
    ) {
        for i in 0..<rows {
            let (xp, xq) = (x[i * columns + p], x[i * columns + q])
            x[i * columns + p] = c * xp - s * xq
            x[i * columns + q] = s * xp + c * xq
        }
    }
}
