import Cresset
import CressetTrain

/// The kinds of weight files that are written.
package enum WeightFormat: String, Sendable, CaseIterable {
    case safetensors
    /// That of `torch.save`.
    case pth

    /// The format that a file's name asks for; nil if it ends in none of `.safetensors`, `.pth` and `.pt`.
    package init?(named path: FilePath) {
        if Checkpoint.isPyTorchName(path) {
            self = .pth
        } else if path.extension == "safetensors" {
            self = .safetensors
        } else {
            return nil
        }
    }

    /// The format of a file to be written: that which was asked for, or else that of its name.
    ///
    /// *Throws* ``Failure`` if they contradict each other, or neither says any.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - wanted: The format that was asked for; nil if none was.
    package static func of(_ path: FilePath, wanted: WeightFormat? = nil) throws(Failure) -> WeightFormat {
        let named = WeightFormat(named: path)
        if let wanted, let named, wanted != named {
            throw Failure(
                "\(path): the name is that of another format than \(wanted.rawValue)",
                hint: "name the file .\(wanted.rawValue)", kind: .usage)
        }
        if let format = wanted ?? named { return format }
        throw Failure(
            "\(path): the name does not say the format", hint: "name the file .safetensors or .pth", kind: .usage)
    }

    /// Writes tensors to the file at `path`, completely or not at all. PyTorch's format has no place for notes.
    ///
    /// *Throws* `CheckpointError` if that is impossible.
    ///
    /// - Parameters:
    ///   - state: The tensors by name.
    ///   - metadata: Notes by name.
    ///   - path: The file, which is replaced if it exists.
    package func write(_ state: StateDict, metadata: [String: String], to path: FilePath) throws(CheckpointError) {
        switch self {
        case .safetensors: try Checkpoint.save(state, to: path, metadata: metadata)
        case .pth: try CheckpointValue(state).save(to: path)
        }
    }
}
