import Cresset
import CressetNN

extension ModuleTable {
    mutating func addLossModules() {
        addRegressionLosses()
        addClassificationLosses()
        addDistanceLosses()
        addAny("CTCLoss", "CTCLoss(blank: blank)") {
            let loss = try CTCLoss(
                blank: $0.int(0, "blank", 0), reduction: $0.reduction(1),
                zeroesInfinity: $0.bool(2, "zero_infinity", false))
            return MadeModule(loss) {
                .tensor(
                    loss(
                        try $0.tensor(0, "log_probs"), try $0.tensor(1, "targets"),
                        inputLengths: try $0.intList(2, "input_lengths") ?? [],
                        targetLengths: try $0.intList(3, "target_lengths") ?? []))
            }
        }
    }

    private mutating func addLoss(
        _ torch: String, _ swift: String, _ make: @escaping @Sendable (Arguments) throws -> any Loss
    ) {
        addAny(torch, swift) {
            let loss = try make($0)
            return MadeModule(loss) { .tensor(loss(try $0.x, try $0.tensor(1, "target"))) }
        }
    }

    private mutating func addRegressionLosses() {
        addLoss("L1Loss", "L1Loss()") { L1Loss(reduction: try $0.reduction(2)) }
        addLoss("MSELoss", "MSELoss()") { MSELoss(reduction: try $0.reduction(2)) }
        addLoss("HuberLoss", "HuberLoss(delta: delta)") {
            try HuberLoss(delta: $0.double(1, "delta", 1), reduction: $0.reduction(0))
        }
        addLoss("SmoothL1Loss", "SmoothL1Loss(beta: beta)") {
            try SmoothL1Loss(beta: $0.double(3, "beta", 1), reduction: $0.reduction(2))
        }
        addLoss("PoissonNLLLoss", "PoissonNLLLoss()") {
            try PoissonNLLLoss(
                isLogarithm: $0.bool(0, "log_input", true), isFull: $0.bool(1, "full", false),
                epsilon: $0.double(3, "eps", 1e-8), reduction: $0.reduction(5))
        }
        addAny("GaussianNLLLoss", "let loss = GaussianNLLLoss(); loss(mean, target, variance: variance)") {
            let loss = try GaussianNLLLoss(
                isFull: $0.bool(nil, "full", false), epsilon: $0.double(nil, "eps", 1e-6), reduction: $0.reduction())
            return MadeModule(loss) {
                .tensor(loss(try $0.x, try $0.tensor(1, "target"), variance: try $0.tensor(2, "var")))
            }
        }
        addAny("KLDivLoss", "KLDivLoss(reduction: .batchMean)") {
            let name = try $0.string(2, "reduction", "mean")
            guard let reduction = KLDivLoss.Reduction(rawValue: name) else {
                throw Failure("unknown reduction \(name)")
            }
            let loss = try KLDivLoss(isLogarithm: $0.bool(3, "log_target", false), reduction: reduction)
            return MadeModule(loss) { .tensor(loss(try $0.x, try $0.tensor(1, "target"))) }
        }
    }

    private mutating func addClassificationLosses() {
        addLoss("CrossEntropyLoss", "CrossEntropyLoss()") {
            try CrossEntropyLoss(
                weight: $0.tensorIfAny(0, "weight"), ignoredIndex: $0.int(2, "ignore_index", -100),
                reduction: $0.reduction(4), labelSmoothing: $0.double(5, "label_smoothing", 0))
        }
        addLoss("NLLLoss", "NLLLoss()") {
            try NLLLoss(
                weight: $0.tensorIfAny(0, "weight"), ignoredIndex: $0.int(2, "ignore_index", -100),
                reduction: $0.reduction(4))
        }
        addLoss("BCELoss", "BCELoss()") {
            try BCELoss(weight: $0.tensorIfAny(0, "weight"), reduction: $0.reduction(3))
        }
        addLoss("BCEWithLogitsLoss", "BCEWithLogitsLoss()") {
            try BCEWithLogitsLoss(
                weight: $0.tensorIfAny(0, "weight"), positiveWeight: $0.tensorIfAny(4, "pos_weight"),
                reduction: $0.reduction(3))
        }
        addLoss("SoftMarginLoss", "SoftMarginLoss()") { SoftMarginLoss(reduction: try $0.reduction(2)) }
        addLoss("MultiMarginLoss", "MultiMarginLoss(p: 1, margin: margin)") {
            try MultiMarginLoss(
                p: $0.int(0, "p", 1), margin: $0.double(1, "margin", 1), weight: $0.tensorIfAny(2, "weight"),
                reduction: $0.reduction(5))
        }
        addLoss("MultiLabelMarginLoss", "MultiLabelMarginLoss()") {
            MultiLabelMarginLoss(reduction: try $0.reduction(2))
        }
        addLoss("MultiLabelSoftMarginLoss", "MultiLabelSoftMarginLoss()") {
            try MultiLabelSoftMarginLoss(weight: $0.tensorIfAny(0, "weight"), reduction: $0.reduction(3))
        }
    }

    private mutating func addDistanceLosses() {
        addLoss("HingeEmbeddingLoss", "HingeEmbeddingLoss(margin: margin)") {
            try HingeEmbeddingLoss(margin: $0.double(0, "margin", 1), reduction: $0.reduction(3))
        }
        addAny("MarginRankingLoss", "let loss = MarginRankingLoss(margin: margin); loss(x, y, target)") {
            let loss = try MarginRankingLoss(margin: $0.double(0, "margin", 0), reduction: $0.reduction(3))
            return MadeModule(loss) { .tensor(loss(try $0.first, try $0.second, try $0.tensor(2, "target"))) }
        }
        addAny("CosineEmbeddingLoss", "let loss = CosineEmbeddingLoss(margin: margin); loss(x, y, target)") {
            let loss = try CosineEmbeddingLoss(margin: $0.double(0, "margin", 0), reduction: $0.reduction(3))
            return MadeModule(loss) { .tensor(loss(try $0.first, try $0.second, try $0.tensor(2, "target"))) }
        }
        addAny("TripletMarginLoss", "TripletMarginLoss(margin: margin, order: p)") {
            let loss = try TripletMarginLoss(
                margin: $0.double(0, "margin", 1), order: $0.double(1, "p", 2), epsilon: $0.double(2, "eps", 1e-6),
                swaps: $0.bool(3, "swap", false), reduction: $0.reduction(6))
            return MadeModule(loss) {
                .tensor(
                    loss(
                        try $0.tensor(0, "anchor"), positive: try $0.tensor(1, "positive"),
                        negative: try $0.tensor(2, "negative")))
            }
        }
        addAny("TripletMarginWithDistanceLoss", "TripletMarginWithDistanceLoss(distance: { $0.pairwiseDistance($1) })")
        {
            let loss = try TripletMarginWithDistanceLoss(
                margin: $0.double(nil, "margin", 1), swaps: $0.bool(nil, "swap", false), reduction: $0.reduction())
            return MadeModule(loss) {
                .tensor(
                    loss(
                        try $0.tensor(0, "anchor"), positive: try $0.tensor(1, "positive"),
                        negative: try $0.tensor(2, "negative")))
            }
        }
        addAny("CosineSimilarity", "CosineSimilarity(axis: axis)") {
            let layer = try CosineSimilarity(axis: $0.int(0, "dim", 1), epsilon: $0.double(1, "eps", 1e-8))
            return MadeModule(layer) { .tensor(layer(try $0.tensor(0, "x1"), try $0.tensor(1, "x2"))) }
        }
        addAny("PairwiseDistance", "PairwiseDistance(order: p)") {
            let layer = try PairwiseDistance(
                order: $0.double(0, "p", 2), epsilon: $0.double(1, "eps", 1e-6), keepsAxis: $0.bool(2, "keepdim", false)
            )
            return MadeModule(layer) { .tensor(layer(try $0.tensor(0, "x1"), try $0.tensor(1, "x2"))) }
        }
    }
}

extension Arguments {
    fileprivate var first: Tensor { get throws { try tensor(0, "input1") } }
    fileprivate var second: Tensor { get throws { try tensor(1, "input2") } }
}
