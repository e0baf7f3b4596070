import Cresset
import CressetNN
import Glibc

// Files that are not the published ones, but contain the same numbers: in another container, or under timm's names. In
// the cache they are safetensors files under a name of their own, which carries their own hash.
extension WeightsCache {
    /// The names of files in the folder that were imported for `weights`.
    func importedNames(_ weights: PretrainedWeights) -> [String] {
        let prefix = weights.importedPrefix
        return ((try? SystemFiles.names(in: folder)) ?? []).map(\.string).filter {
            $0.hasPrefix(prefix) && $0.hasSuffix(".safetensors") && Self.hashPrefix(in: $0)?.utf8.count == 16
        }
    }

    /// Takes a file that is recognised by its contents.
    func takenByContents(
        _ source: FilePath, _ hash: String, _ claimed: PretrainedWeights?
    ) throws(WeightsError) -> ImportedWeights {
        let state: StateDict
        do throws(CheckpointError) {
            state = try Checkpoint.load(source)
        } catch {
            throw WeightsError(.damaged, error.explanation.problem, hint: error.hint, systemCode: error.systemCode)
        }
        let model = try Self.network(of: state, source, claimed)
        guard let claimed else {
            let known = PretrainedWeights.available(for: model).map { "\($0.name) with \($0.hashPrefix)" }
            throw WeightsError(
                .damaged,
                "\(source): looks like weights of \(model), but is no published file: its SHA-256 begins with "
                    + "\(hash.prefix(8)), " + known.joined(separator: ", "),
                hint:
                    "cresset train starts from it as it is; if it contains published numbers in another form, say which: "
                    + "the network, \(model), and the name of the weights")
        }
        let fitted = try Self.fitted(state, to: claimed, source)
        let names = fitted.nonFiniteNames
        guard names.isEmpty else {
            throw WeightsError(
                .damaged, "\(source): contains numbers that are not finite, in \(printable(names[0]))",
                hint: "training that made these weights has failed; take others")
        }
        return try saved(fitted, as: claimed)
    }

    /// The network to which `state` belongs: that of `claimed`, if it is given, for ImageNet's classes.
    private static func network(
        of state: StateDict, _ source: FilePath, _ claimed: PretrainedWeights?
    ) throws(WeightsError) -> String {
        guard let (model, classes) = PretrainedWeights.recognized(state) else {
            throw WeightsError(
                .damaged,
                "\(source): the weights of no network of cresset models: \(state.count) entries with "
                    + "\(state.elementCount) numbers, the first called \(state.keys.first.map { printable($0) } ?? "''")",
                hint: "check that it is the file that was meant")
        }
        if let claimed, claimed.model != model {
            throw WeightsError(
                .damaged, "\(source): looks like weights of \(model), not of \(claimed.model)",
                hint: "name \(model) as its network, or check that it is the file that was meant")
        }
        guard classes == 1000 else {
            throw WeightsError(
                .damaged,
                "\(source): looks like weights of \(model) for \(classes) classes; published ones are for ImageNet's 1000",
                hint: "cresset train starts from it as it is")
        }
        return model
    }

    /// `state` under the names of the network of `claimed`, whichever of the known ones it has.
    private static func fitted(
        _ state: StateDict, to claimed: PretrainedWeights, _ source: FilePath
    ) throws(WeightsError) -> StateDict {
        let model = claimed.model
        let network = withoutInitialValues { try? ModelZoo.make(model, imageSize: claimed.preprocessing.cropSize) }
        guard let own = network?.stateDict() else { return state }
        do throws(StateDict.Mismatch) {
            return try PretrainedWeights.ownNames(of: state, model, like: own).fitted(to: own)
        } catch {
            let (problem, hint) = (error.explanation.problem, error.explanation.hint)
            throw WeightsError(.damaged, "\(source): has as many numbers as \(model), but \(problem)", hint: hint)
        }
    }

    /// Saves `state` in the folder, completely or not at all, in place of what was imported before.
    private func saved(_ state: StateDict, as weights: PretrainedWeights) throws(WeightsError) -> ImportedWeights {
        try makeFolder()
        let temporary = path("\(weights.importedPrefix)\(getpid()).unfinished")
        // No effect once it has its name.
        defer { _ = temporary.withPlatformString { unlink($0) } }
        do throws(CheckpointError) {
            try Checkpoint.save(state, to: temporary, metadata: ["format": "pt"])
        } catch {
            throw WeightsError(
                .unwritable, error.explanation.problem, hint: "set TORCH_HOME to a folder that you may write to",
                systemCode: error.systemCode)
        }
        guard let hash = try? sha256(ofFile: temporary) else {
            throw WeightsError(.damaged, "\(temporary): cannot be read back")
        }
        let name = "\(weights.importedPrefix)\(hash.prefix(16)).safetensors"
        let former = importedNames(weights)
        let isMoved = temporary.withPlatformString { from in
            path(name).withPlatformString { rename(from, $0) == 0 }
        }
        guard isMoved else {
            let code = errno
            throw WeightsError(
                .unwritable, "\(path(name)): cannot be written: \(systemMessage(code))", systemCode: code)
        }
        for other in former where other != name { _ = path(other).withPlatformString { unlink($0) } }
        return ImportedWeights(
            weights: weights, path: path(name), recognition: .contents, wasThere: former.contains(name))
    }
}

extension PretrainedWeights {
    /// How the names of files begin that were imported for these weights.
    fileprivate var importedPrefix: String { "\(model)-\(name)-imported-" }

    /// Whether `fileName` is that of a file that was imported for these weights.
    package func isImported(_ fileName: String) -> Bool { fileName.hasPrefix(importedPrefix) }
}
