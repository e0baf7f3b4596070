/// The checks of one file of kernels.
struct Family: Sendable {
    let name: String
    let run: @Sendable (Bench) -> Void

    static let all: [Family] = [
        .copy, .pointwise, .reduce, .scan, .softmax, .sort, .indexing, .embedding, .matmul, .convolution, .pool,
        .batchNorm, .normalization, .recurrent, .optimizer, .random,
    ]
    /// What is only run when it is asked for by name: it measures.
    static let measurements: [Family] = [.bandwidth]
}
