import CressetNN

/// Saves the state of a run to a file, which is replaced atomically: after every epoch, and where a run ends within one.
///
/// Weights that are not finite are not saved: nothing good can come after them.
public final class StateFile: TrainingObserver {
    public let path: FilePath
    private let metadata: [String: String]

    /// An observer that has saved nothing yet.
    ///
    /// - Parameters:
    ///   - path: The file, in safetensors' format.
    ///   - metadata: Notes to save with the state.
    public init(_ path: some PathConvertible, metadata: [String: String] = [:]) {
        self.path = path.filePath
        self.metadata = metadata
    }

    /// Saves the state that a loop has now.
    ///
    /// - Parameter loop: The loop, before its run or at the event `checkpoint`.
    /// - Throws: `CheckpointError` if the file cannot be written.
    public func save(_ loop: TrainingLoop) throws { try loop.state.save(to: path, metadata: metadata) }

    public func observe(_ event: TrainingEvent, of loop: TrainingLoop) throws {
        guard case .checkpoint = event, loop.task.module.stateDict().nonFiniteNames.isEmpty else { return }
        try save(loop)
    }
}
