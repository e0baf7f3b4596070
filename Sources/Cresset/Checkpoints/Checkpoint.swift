import CressetBackend

/// Weights from a file: a state dict, and whatever else the file contains.
///
/// Reads safetensors, and `torch.save` files in each of the three containers PyTorch has used (zip, the pickle stream
/// before 1.6, the tar of 2016). The container is recognised by the file's first bytes, never by its name. Reading
/// never executes anything in the file, and memory is allocated only once the file is known to fill it.
///
/// ```swift
/// let state = try Checkpoint.load("resnet18-f37072fd.pth")
/// try model.load(state)
/// try Checkpoint.save(model.stateDict(), to: "mine.safetensors", metadata: ["classes": "ants,bees"])
/// try Checkpoint.save(model.stateDict(), to: "mine.pth")
/// ```
///
/// A name that ends in `.pth` or `.pt` is written as `torch.save` writes it, any other as safetensors. What a training
/// script stores besides the weights is a ``CheckpointValue``.
public struct Checkpoint: Sendable {
    /// How a file is laid out.
    public enum Container: String, Sendable {
        case safetensors
        case zip
        case legacy
        case tar
    }

    /// The tensors, by name, in the file's order.
    public let state: StateDict
    /// The `__metadata__` of a safetensors file; empty for others.
    public let metadata: [String: String]
    /// Entries of the file that are not tensors and were left out, as `name (what it is)`.
    public let skipped: [String]
    /// How the file is laid out.
    public let container: Container
    /// The names under which the tensors were found, from the outside in, such as `state_dict`; usually empty.
    public let nesting: [String]

    /// Reads the file at `path`; for a folder, the `model.safetensors` in it.
    ///
    /// - Throws: ``CheckpointError``, which names the file, if it is not a valid weight file.
    public init(contentsOf path: some PathConvertible) throws(CheckpointError) {
        let path = path.filePath
        do throws(CheckpointError) {
            let file = try ReadableFile(path, inFolder: "model.safetensors")
            container = try Container(of: file, isNamedSafetensors: path.extension == "safetensors")
            let pickled = try PickledFile(file, container)
            let raw = if let pickled { try pickled.stateDict() } else { try SafetensorsContainer.read(file) }
            state = try TensorAssembly(raw, file).state()
            metadata = raw.metadata
            skipped = raw.skipped
            nesting = raw.nesting
        } catch {
            throw error.naming(path)
        }
    }

    /// The state dict in the weight file at `path`.
    ///
    /// If a training script stored it under a name such as `state_dict`, the entry with that name is returned.
    ///
    /// - Throws: ``CheckpointError``, which names the file, if it is not a valid weight file.
    public static func load(_ path: some PathConvertible) throws(CheckpointError) -> StateDict {
        try Checkpoint(contentsOf: path).state
    }

    /// The notes of a safetensors file, whose tensors are not read; nil for a file of another kind, or one that cannot be read.
    ///
    /// - Parameter path: The file.
    package static func notes(of path: some PathConvertible) -> [String: String]? {
        let path = path.filePath
        guard let file = try? ReadableFile(path),
            case .safetensors? = try? Container(of: file, isNamedSafetensors: path.extension == "safetensors")
        else { return nil }
        return try? SafetensorsContainer.read(file).metadata
    }

    /// Whether files with this name are written in `torch.save`'s format: it ends in `.pth` or `.pt`.
    ///
    /// - Parameter path: The name of a file.
    public static func isPyTorchName(_ path: some PathConvertible) -> Bool {
        ["pth", "pt"].contains(path.filePath.extension)
    }

    /// Writes `state` to the file at `path`, completely or not at all: in PyTorch's format if the name ends in `.pth`
    /// or `.pt`, as safetensors otherwise.
    ///
    /// The same entries and metadata always produce the same bytes.
    ///
    /// - Parameters:
    ///   - state: The tensors by name.
    ///   - path: The path of the file; its extension selects the format.
    ///   - metadata: Texts by name, only for safetensors.
    /// - Throws: ``CheckpointError`` if the file cannot be written; an existing file is then unchanged.
    public static func save(
        _ state: StateDict, to path: some PathConvertible, metadata: [String: String] = [:]
    ) throws(CheckpointError) {
        let path = path.filePath
        if isPyTorchName(path) {
            guard metadata.isEmpty else {
                throw CheckpointError(
                    .unwritable, "PyTorch's format has no place for metadata",
                    hint: "name it .safetensors, or save a CheckpointValue with both", file: path)
            }
            return try CheckpointValue(state).save(to: path)
        }
        guard state["__metadata__"] == nil else {
            throw CheckpointError(.unwritable, "an entry may not be called __metadata__", file: path)
        }
        try write(to: path) { handle in try SafetensorsContainer.write(state, metadata: metadata, to: handle) }
    }

    /// Writes a file with `body`, completely or not at all; errors name it.
    static func write(to path: FilePath, _ body: (AtomicFile.Handle) throws -> Void) throws(CheckpointError) {
        do {
            try AtomicFile.write(to: path, body)
        } catch let error as AtomicFile.WriteError {
            throw CheckpointError(.unwritable, error.problem, hint: error.hint, file: path, systemCode: error.code)
        } catch let error as CheckpointError {
            throw error.naming(path)
        } catch {
            throw CheckpointError(.unwritable, "\(error)", file: path)
        }
    }
}
