import CressetNN

// Attention between the pixels of a square, whose scores depend on how far apart two of them are.

extension Tensor {
    /// The number of each pair of pixels of a square in a table of (2 side - 1)² distances: (side², side²).
    static func relativePositions(side: Int) -> Tensor {
        let pixels = (0..<side * side).map { (row: $0 / side, column: $0 % side) }
        let numbers = pixels.flatMap { a in
            pixels.map { b in
                Int64((a.row - b.row + side - 1) * (2 * side - 1) + a.column - b.column + side - 1)
            }
        }
        return Tensor(numbers, shape: [side * side, side * side], device: .current)
    }

    /// What is added to the scores of pixels: a table (distances, heads), looked up with ``relativePositions(side:)``
    /// and arranged as (heads, pixels, pixels).
    func relativeBias(_ positions: Tensor) -> Tensor {
        let pixels = Int(Double(positions.elementCount).squareRoot())
        return indexSelect(axis: 0, indices: positions.flattened()).reshaped([pixels, pixels, shape[1]])
            .permuted([2, 0, 1])
    }

    /// (N, parts, pixels, 3 features) as three tensors (N, parts, heads, pixels, features / heads).
    func queriesKeysValues(heads: Int) -> (queries: Tensor, keys: Tensor, values: Tensor) {
        let parts = chunked(3, axis: -1).map { x in
            x.reshaped([x.shape[0], x.shape[1], x.shape[2], heads, x.shape[3] / heads]).permuted([0, 1, 3, 2, 4])
        }
        return (parts[0], parts[1], parts[2])
    }

    /// (N, parts, heads, pixels, features / heads) as (N, parts, pixels, features).
    func joiningHeads() -> Tensor {
        permuted([0, 1, 3, 2, 4]).reshaped([shape[0], shape[1], shape[3], shape[2] * shape[4]])
    }
}
