import Cresset

extension OperatorTable {
    /// Losses.
    mutating func addLosses() {
        tolerance = .accumulated
        add("nn.functional.cross_entropy", "x.crossEntropy(target, weight: weight, …)") {
            try $0.x.crossEntropy(
                $0.tensor(1, "target"), weight: $0.tensorIfAny(2, "weight"), ignoredIndex: $0.int(4, "ignore_index", -100),
                reduction: $0.reduction(6), labelSmoothing: $0.double(7, "label_smoothing", 0))
        }
        add("nn.functional.nll_loss", "x.negativeLogLikelihood(target, weight: weight, …)") {
            try $0.x.negativeLogLikelihood(
                $0.tensor(1, "target"), weight: $0.tensorIfAny(2, "weight"), ignoredIndex: $0.int(4, "ignore_index", -100),
                reduction: $0.reduction(6))
        }
        add("nn.functional.mse_loss", "x.meanSquaredError(target, reduction: reduction)") {
            try $0.x.meanSquaredError($0.tensor(1, "target"), reduction: $0.reduction(4))
        }
        tolerance = .elementwise
    }
}
