/// The checks of one file of kernels.
struct Family: Sendable {
    let name: String
    let run: @Sendable (Bench) -> Void

    static let all: [Family] = [
        .copy, .pointwise, .chain, .reduce, .scan, .softmax, .sort, .indexing, .embedding, .matmul, .convolution, .pool,
        .batchNorm, .normalization, .recurrent, .optimizer, .random,
    ]
    /// Families that are run only when named: they measure.
    static let measurements: [Family] = [.bandwidth]
}
