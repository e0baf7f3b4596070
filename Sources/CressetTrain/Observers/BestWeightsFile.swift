import CressetNN

/// Saves the weights of the best epoch to a file, which is replaced atomically; after the run the network has them.
///
/// If a run ends before its first epoch is complete, the last weights are saved, unless they are not finite: they are
/// better than none.
public final class BestWeightsFile: TrainingObserver {
    public let path: FilePath
    private let metadata: [String: String]
    /// Whether weights have been saved.
    public private(set) var hasWeights = false

    /// An observer that has saved nothing yet.
    ///
    /// - Parameters:
    ///   - path: The file, in safetensors' format.
    ///   - metadata: Notes to save with the weights.
    public init(_ path: some PathConvertible, metadata: [String: String] = [:]) {
        self.path = path.filePath
        self.metadata = metadata
    }

    /// Takes over from an earlier run: the file has its best weights, or gets those that the loop has loaded if they are
    /// the best.
    ///
    /// *Throws* ``Failure`` if the best weights are gone: the last ones cannot stand for them.
    func resume(_ loop: TrainingLoop, _ state: TrainingState) throws {
        guard let best = loop.best else { return }
        hasWeights = SystemFiles.exists(path)
        // A run that was killed at the end of an epoch may have got no further than its state.
        guard state.isBetweenEpochs, state.history.last?.isBest == true else {
            if hasWeights { return }
            throw Failure(
                "\(path): the weights of epoch \(best.epoch), the best so far, are gone, and the state has only the last ones",
                hint: "bring the file back, or begin a new run", kind: .inputMissing)
        }
        let module = loop.task.module
        if let average = loop.average, average.updateCount > 0 {
            try average.withAveragedWeights { try save(module) }
        } else {
            try save(module)
        }
    }

    /// *Throws* ``Failure`` if the weights are not finite or cannot be saved.
    public func observe(_ event: TrainingEvent, of loop: TrainingLoop) throws {
        let module = loop.task.module
        switch event {
        case .improved(let epoch):
            let spoilt = module.stateDict().nonFiniteNames
            guard spoilt.isEmpty else {
                throw Failure(
                    "the weights are no longer finite after epoch \(epoch.epoch): \(StartingWeights.list(spoilt))",
                    hint: "train with a lower \(OptionName.learningRate)"
                        + (hasWeights ? "; the best weights so far are kept" : ""),
                    kind: .trainingFailed)
            }
            try save(module)
        case .runEnded(let ending):
            if !hasWeights {
                if module.stateDict().nonFiniteNames.isEmpty { try save(module) }
            } else if !ending.isInterruption {
                try module.load(Checkpoint.load(path))
            }
        default: break
        }
    }

    private func save(_ module: any Module) throws {
        var metadata = metadata
        // PyTorch's format has no place for it.
        if !Checkpoint.isPyTorchName(path) {
            metadata[WeightsDigest.key] = WeightsDigest.of(module.stateDict(sharedOnce: true))
        }
        try module.save(to: path, metadata: metadata)
        hasWeights = true
    }
}
