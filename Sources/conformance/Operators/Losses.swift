import Cresset

extension OperatorTable {
    /// Losses.
    mutating func addLosses() {
        tolerance = .accumulated
        add("nn.functional.cross_entropy", "x.crossEntropy(target, weight: weight, labelSmoothing: 0.1)") {
            try $0.x.crossEntropy(
                $0.tensor(1, "target"), weight: $0.tensorIfAny(2, "weight"),
                ignoredIndex: $0.int(4, "ignore_index", -100),
                reduction: $0.reduction(6), labelSmoothing: $0.double(7, "label_smoothing", 0))
        }
        add("nn.functional.nll_loss", "x.negativeLogLikelihood(target, weight: weight)") {
            try $0.x.negativeLogLikelihood(
                $0.tensor(1, "target"), weight: $0.tensorIfAny(2, "weight"),
                ignoredIndex: $0.int(4, "ignore_index", -100),
                reduction: $0.reduction(6))
        }
        add("nn.functional.mse_loss", "x.meanSquaredError(target, reduction: reduction)") {
            try $0.x.meanSquaredError(
                $0.tensor(1, "target"), weight: $0.tensorIfAny(5, "weight"), reduction: $0.reduction(4))
        }
        addRegressionLosses()
        addBinaryLosses()
        tolerance = .elementwise
        note(
            "traps if a label is not a class: check data when it is read", "nn.functional.cross_entropy",
            "nn.functional.nll_loss")
    }

    private mutating func addRegressionLosses() {
        add("nn.functional.l1_loss", "x.l1Loss(target)") {
            try $0.x.l1Loss($0.tensor(1, "target"), weight: $0.tensorIfAny(5, "weight"), reduction: $0.reduction(4))
        }
        add("nn.functional.huber_loss", "x.huberLoss(target, delta: delta)") {
            try $0.x.huberLoss(
                $0.tensor(1, "target"), delta: $0.double(3, "delta", 1), weight: $0.tensorIfAny(4, "weight"),
                reduction: $0.reduction(2))
        }
        add("nn.functional.smooth_l1_loss", "x.smoothL1Loss(target, beta: beta)") {
            try $0.x.smoothL1Loss($0.tensor(1, "target"), beta: $0.double(5, "beta", 1), reduction: $0.reduction(4))
        }
        add("nn.functional.gaussian_nll_loss", "x.gaussianNLLLoss(target, variance: variance)") {
            try $0.x.gaussianNLLLoss(
                $0.tensor(1, "target"), variance: $0.tensor(2, "var"), isFull: $0.bool(3, "full", false),
                epsilon: $0.double(4, "eps", 1e-6), reduction: $0.reduction(5))
        }
        add("nn.functional.poisson_nll_loss", "x.poissonNLLLoss(target)") {
            try $0.x.poissonNLLLoss(
                $0.tensor(1, "target"), isLogarithm: $0.bool(2, "log_input", true), isFull: $0.bool(3, "full", false),
                epsilon: $0.double(5, "eps", 1e-8), reduction: $0.reduction(7))
        }
        add("nn.functional.kl_div", "x.klDivergence(target)") {
            let (x, target) = try ($0.x, $0.tensor(1, "target"))
            let isLogarithm = try $0.bool(5, "log_target", false)
            // The sum divided by the length of the batch.
            if case .string("batchmean")? = $0.value(4, "reduction") {
                return x.klDivergence(target, isLogarithm: isLogarithm, reduction: .sum) / Double(x.shape[0])
            }
            return try x.klDivergence(target, isLogarithm: isLogarithm, reduction: $0.reduction(4))
        }
    }

    private mutating func addBinaryLosses() {
        add("nn.functional.binary_cross_entropy", "x.binaryCrossEntropy(target)") {
            try $0.x.binaryCrossEntropy(
                $0.tensor(1, "target"), weight: $0.tensorIfAny(2, "weight"), reduction: $0.reduction(5))
        }
        add("nn.functional.binary_cross_entropy_with_logits", "x.binaryCrossEntropyWithLogits(target)") {
            try $0.x.binaryCrossEntropyWithLogits(
                $0.tensor(1, "target"), weight: $0.tensorIfAny(2, "weight"),
                positiveWeight: $0.tensorIfAny(6, "pos_weight"), reduction: $0.reduction(5))
        }
        add("nn.functional.soft_margin_loss", "x.softMarginLoss(target)") {
            try $0.x.softMarginLoss($0.tensor(1, "target"), reduction: $0.reduction(4))
        }
        add("nn.functional.hinge_embedding_loss", "x.hingeEmbeddingLoss(target, margin: margin)") {
            try $0.x.hingeEmbeddingLoss(
                $0.tensor(1, "target"), margin: $0.double(2, "margin", 1), reduction: $0.reduction(5))
        }
        add("nn.functional.margin_ranking_loss", "x.marginRankingLoss(y, target: target, margin: margin)") {
            try $0.x.marginRankingLoss(
                $0.tensor(1, "input2"), target: $0.tensor(2, "target"), margin: $0.double(3, "margin", 0),
                reduction: $0.reduction(6))
        }
        add("nn.functional.cosine_embedding_loss", "x.cosineEmbeddingLoss(y, target: target, margin: margin)") {
            try $0.x.cosineEmbeddingLoss(
                $0.tensor(1, "input2"), target: $0.tensor(2, "target"), margin: $0.double(3, "margin", 0),
                reduction: $0.reduction(6))
        }
        add("nn.functional.triplet_margin_loss", "x.tripletMarginLoss(positive: positive, negative: negative)") {
            try $0.x.tripletMarginLoss(
                positive: $0.tensor(1, "positive"), negative: $0.tensor(2, "negative"),
                margin: $0.double(3, "margin", 1),
                order: $0.double(4, "p", 2), epsilon: $0.double(5, "eps", 1e-6), swaps: $0.bool(6, "swap", false),
                reduction: $0.reduction(9))
        }
        add("nn.functional.multi_margin_loss", "x.multiMarginLoss(target)") {
            try $0.x.multiMarginLoss(
                $0.tensor(1, "target"), p: $0.int(2, "p", 1), margin: $0.double(3, "margin", 1),
                weight: $0.tensorIfAny(4, "weight"), reduction: $0.reduction(7))
        }
        add("nn.functional.multilabel_margin_loss", "x.multiLabelMarginLoss(target)") {
            try $0.x.multiLabelMarginLoss($0.tensor(1, "target"), reduction: $0.reduction(4))
        }
        add("nn.functional.multilabel_soft_margin_loss", "x.multiLabelSoftMarginLoss(target)") {
            try $0.x.multiLabelSoftMarginLoss(
                $0.tensor(1, "target"), weight: $0.tensorIfAny(2, "weight"), reduction: $0.reduction(5))
        }
    }
}
