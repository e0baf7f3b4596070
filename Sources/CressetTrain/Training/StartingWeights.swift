import Cresset
import CressetNN
import CressetVision

/// The weights of a file or of a run, to be loaded into a network.
struct StartingWeights {
    /// The file, or the run's folder, as messages name it.
    private let path: FilePath
    private let checkpoint: Checkpoint
    private let isOfRun: Bool

    /// Reads the weights at `path`, or those of `run`.
    ///
    /// *Throws* `CheckpointError` if they cannot be read, ``Failure`` if they are not those that a run wrote.
    init(_ path: FilePath, of run: RunFolder? = nil) throws {
        self.path = path
        isOfRun = run != nil
        checkpoint = try Checkpoint(contentsOf: run?.weightsPath ?? path)
        try WeightsDigest.check(checkpoint, run?.weightsPath ?? path)
    }

    /// Loads them into the zoo's network called `name` and returns a short description of what was used.
    ///
    /// *Throws* ``Failure`` if they belong to another network, or are not finite.
    func load(
        into model: any ClassificationModel, _ name: String, known: [String]?, classes: [String], allowsNonFinite: Bool
    ) throws(Failure) -> String {
        let own = model.stateDict()
        let prefix = checkpoint.state.wrapperPrefix(for: own)
        let state = model.fitting(PretrainedWeights.ownNames(of: checkpoint.state, name, like: own))
        if let known, let count = HeadTransfer.classCount(state, model), count != known.count {
            throw Failure(
                "\(path): the weights are for \(count) classes, but \(isOfRun ? "run.json names" : "their notes name") "
                    + "\(known.count)",
                hint: isOfRun
                    ? "the two files belong to different runs; restore the one that was replaced" : "restore the file",
                kind: .badData)
        }
        let head = HeadTransfer(state, known: known, model: model, classes: classes)
        try StartingWeights.requireFinite(head.state, in: path, allowsNonFinite: allowsNonFinite)
        do throws(StateDict.Mismatch) {
            try model.load(head.state)
        } catch {
            let remark = prefix.isEmpty ? "" : ", names without \"\(prefix)\""
            throw otherNetwork(name) ?? Failure(error.explanation.of("\(path)\(remark)"), kind: error.failureKind)
        }
        var remarks = [path.terminalText + (known == nil ? "" : " with its preprocessing")]
        remarks += checkpoint.nesting.map { "from its \"\(printable($0, limit: 40))\"" }
        if !prefix.isEmpty { remarks.append("names without \"\(prefix)\"") }
        return (remarks + [head.remark]).filter { !$0.isEmpty }.joined(separator: ", ")
    }

    /// The failure that names the network to which these weights seem to belong; nil if it is unknown, or is `name`.
    private func otherNetwork(_ name: String) -> Failure? {
        let found = PretrainedWeights.network(of: checkpoint.state) ?? checkpoint.metadata["model"]
        guard let found, found != name, found.utf8.count <= 100 else { return nil }
        return .otherNetwork(path, holds: found, not: name)
    }

    /// Throws if weights contain infinities or NaN.
    static func requireFinite(_ state: StateDict, in path: FilePath, allowsNonFinite: Bool) throws(Failure) {
        let names = allowsNonFinite ? [] : state.nonFiniteNames
        guard !names.isEmpty else { return }
        throw Failure(
            "\(path): contains numbers that are not finite, in \(list(names))",
            hint: "training that made these weights has failed; take others, or use them all the same with "
                + "\(OptionName.allowsNonFinite)", kind: .badData)
    }

    /// The first few of the names of tensors.
    static func list(_ names: [String]) -> String {
        let shown = names.prefix(3).map { printable($0) }.joined(separator: ", ")
        return names.count > 3 ? shown + " and \(names.count - 3) more tensors" : shown
    }
}

extension ClassificationModel {
    /// The weights of a network of this kind that was made for pictures of another size, as this one takes them.
    func fitting(_ state: StateDict) -> StateDict {
        (self as? VisionTransformer)?.resizingPositions(in: state) ?? state
    }
}

extension Failure {
    /// The failure for weights of the network `found` when `name` was wanted.
    static func otherNetwork(_ path: FilePath, holds found: String, not name: String) -> Failure {
        let hint =
            ModelZoo.names.contains(found)
            ? "name it: \(OptionName.model.set(to: found))"
            : "the networks that can be trained here are listed by cresset models"
        return Failure(
            "\(path): holds the weights of \(printable(found)), not of \(name)", hint: hint, kind: .badData)
    }
}
