import Cresset
import CressetVision

/// The SHA-256 of all weights of a network, which a run keeps beside them: a bit that has changed on the disk is found
/// before a picture is classified with it.
enum WeightsDigest {
    /// Its name among the notes of a weight file.
    static let key = "weights_sha256"

    /// The digest of `state`: of each tensor's name, type and bytes, in the order of the names.
    static func of(_ state: StateDict) -> String {
        let entries = state.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        return sha256 { add in
            for (name, tensor) in entries {
                Array("\(name) \(tensor.dtype) \(tensor.shape)\n".utf8).withUnsafeBytes(add)
                tensor.withUnsafeBytes(add)
            }
        }
    }

    /// Throws if the weights are not those that were written; files without a digest pass.
    static func check(_ checkpoint: Checkpoint, _ path: FilePath) throws(Failure) {
        guard let stated = checkpoint.metadata[key], stated != of(checkpoint.state) else { return }
        throw Failure(
            "\(path): damaged: the weights are not those that the run wrote (their SHA-256 differs)",
            hint: "copy the file again, or train again", kind: .badData)
    }
}
