extension Generator {
    /// Fills `buffer` with a row-major matrix whose shorter side is orthonormal, times `gain`, like
    /// `torch.nn.init.orthogonal_`.
    ///
    /// A matrix of normal numbers is orthogonalised; of the factorizations Q R the one is chosen in which the diagonal
    /// of R is positive, which makes Q uniformly distributed.
    ///
    /// *Traps* unless `buffer` has `rows * columns` elements.
    ///
    /// - Parameters:
    ///   - buffer: The memory to fill.
    ///   - rows: The number of rows.
    ///   - columns: The number of columns.
    ///   - gain: The factor of the standard deviation.
    ///
    /// *Source*: F. Mezzadri, "How to generate random matrices from the classical compact groups", arXiv:math-ph/0609050.
    public func fillOrthogonal(
        _ buffer: UnsafeMutableBufferPointer<Float>, rows: Int, columns: Int, gain: Double = 1
    ) {
        if buffer.count != rows * columns {
            fatalError("fillOrthogonal: \(buffer.count) elements do not fit a matrix of \(rows) by \(columns)")
        }
        fillNormal(buffer)
        // Vector `i` is row i of a wide matrix, column i of a tall one.
        let isWide = rows < columns
        let (count, length) = isWide ? (rows, columns) : (columns, rows)
        func index(_ vector: Int, _ element: Int) -> Int {
            isWide ? vector * columns + element : element * columns + vector
        }
        var vectors = (0..<count).map { i in (0..<length).map { Double(buffer[index(i, $0)]) } }
        orthonormalize(&vectors)
        for i in 0..<count {
            for j in 0..<length { buffer[index(i, j)] = Float(Float(vectors[i][j]) * Float(gain)) }
        }
    }

    /// The Gram-Schmidt method, with each vector orthogonalised twice against its predecessors: once leaves rounding
    /// errors that grow with the number of vectors.
    private func orthonormalize(_ vectors: inout [[Double]]) {
        for i in vectors.indices {
            var vector = vectors[i]
            for _ in 0..<2 {
                for other in vectors[..<i] {
                    var product = 0.0
                    for j in vector.indices { product += vector[j] * other[j] }
                    for j in vector.indices { vector[j] -= product * other[j] }
                }
            }
            var square = 0.0
            for x in vector { square += x * x }
            let length = square.squareRoot()
            for j in vector.indices { vector[j] /= length }
            vectors[i] = vector
        }
    }
}
