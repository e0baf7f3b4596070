import CressetOptim
import Testing

/// Every optimizer, with non-default options, on the same problem as `Fixtures/pytorch/optimizers.py`, whose names it
/// uses.
struct OptimizerCase: Sendable, CustomTestStringConvertible {
    typealias Options = [ParameterGroup.Option: Double]

    let name: String
    let options: Options
    let make: @Sendable ([ParameterGroup]) throws -> any Optimizer
    var testDescription: String { name }

    static let all: [OptimizerCase] = [
        OptimizerCase(
            name: "SGD", options: [.lr: 0.1, .momentum: 0.9, .dampening: 0.2, .weightDecay: 0.01, .maximize: 1]
        ) { try SGD($0) },
        OptimizerCase(name: "SGD without momentum", options: [.lr: 0.1]) { try SGD($0) },
        OptimizerCase(name: "Adadelta", options: [.lr: 0.5, .weightDecay: 0.1]) { try Adadelta($0) },
        OptimizerCase(name: "Adagrad", options: [.lr: 0.1, .lrDecay: 0.5, .initialAccumulatorValue: 0.25]) {
            try Adagrad($0)
        },
        OptimizerCase(
            name: "Adam", options: [.lr: 0.01, .beta1: 0.8, .beta2: 0.95, .weightDecay: 0.1, .amsgrad: 1]
        ) { try Adam($0) },
        OptimizerCase(name: "AdamW", options: [.lr: 0.01, .weightDecay: 0.1]) { try AdamW($0) },
        OptimizerCase(name: "SparseAdam", options: [.lr: 0.01, .beta1: 0.8, .beta2: 0.95]) { try SparseAdam($0) },
        OptimizerCase(name: "Adamax", options: [.lr: 0.01]) { try Adamax($0) },
        OptimizerCase(
            name: "NAdam", options: [.lr: 0.01, .momentumDecay: 0.01, .weightDecay: 0.1, .decoupledWeightDecay: 1]
        ) { try NAdam($0) },
        OptimizerCase(name: "RAdam", options: [.lr: 0.01, .beta1: 0.9, .beta2: 0.9, .weightDecay: 0.1]) {
            try RAdam($0)
        },
        OptimizerCase(name: "RMSprop", options: [.lr: 0.01, .alpha: 0.9, .momentum: 0.5, .centered: 1]) {
            try RMSprop($0)
        },
        OptimizerCase(
            name: "Rprop",
            options: [.lr: 0.05, .etaMinus: 0.4, .etaPlus: 1.3, .minimumStep: 1e-5, .maximumStep: 1]
        ) { try Rprop($0) },
        OptimizerCase(name: "ASGD", options: [.lr: 0.05, .lambd: 0.01, .t0: 2]) { try ASGD($0) },
        OptimizerCase(
            name: "LBFGS", options: [.lr: 0.5, .maximumIterations: 3, .maximumEvaluations: 3, .historySize: 5]
        ) { try LBFGS($0) },
        OptimizerCase(
            name: "LBFGS with a line search",
            options: [.maximumIterations: 3, .maximumEvaluations: 3, .historySize: 5, .strongWolfe: 1]
        ) { try LBFGS($0) },
    ]

    private var isLBFGS: Bool { name.hasPrefix("LBFGS") }

    /// The optimizer with this case's options; the second group's rate is half of the first's.
    func optimizer(_ parameters: [Parameter]) throws -> any Optimizer {
        if isLBFGS { return try make([ParameterGroup(parameters, options)]) }
        if name == "SparseAdam" { return try make([ParameterGroup([parameters[0]], options)]) }
        var second = options
        second[.lr]! /= 2
        return try make([ParameterGroup([parameters[0]], options), ParameterGroup([parameters[1]], second)])
    }

    /// The optimizer with default options.
    func plainOptimizer(_ parameters: [Parameter]) throws -> any Optimizer {
        if isLBFGS { return try make([ParameterGroup(parameters)]) }
        if name == "SparseAdam" { return try make([ParameterGroup([parameters[0]])]) }
        return try make([ParameterGroup([parameters[0]]), ParameterGroup([parameters[1]])])
    }

    /// The parameters before the first step, of 6 and 4 elements.
    static func start(_ dtype: DType = .float32) -> [Parameter] {
        let shapes: [Shape] = [[3, 2], [4]]
        return shapes.enumerated().map { i, shape in
            let angles = Tensor.arange(shape.elementCount).to(.float64) * 0.61 + Double(i)
            return Parameter(angles.cos().reshaped(shape).to(.float32).to(dtype))
        }
    }

    /// The parameters with the values of a vector of all of them.
    static func parameters(_ vector: Tensor) -> [Parameter] {
        [
            Parameter(vector.narrowed(axis: 0, start: 0, count: 6).reshaped([3, 2])),
            Parameter(vector.narrowed(axis: 0, start: 6, count: 4)),
        ]
    }

    static func vector(_ parameters: [Parameter]) -> Tensor {
        withoutGradients { Tensor.concatenated(parameters.map { $0.value.flattened() }) }
    }

    /// The step number `t`, counted from 1.
    static func step(_ optimizer: any Optimizer, _ parameters: [Parameter], _ t: Int) throws {
        if let optimizer = optimizer as? LBFGS {
            try optimizer.step {
                parameters.enumerated().map { i, p in
                    let distance = p.value - 1.5
                    let square = distance.squared()
                    return (square * Double(i + 1)).sum() + square.squared().sum()
                }.reduce(Tensor.zeros([], dtype: parameters[0].dtype)) { $0 + $1 }
            }
            return
        }
        var gradients = Gradients()
        withoutGradients {
            for (i, p) in parameters.enumerated() {
                let wave = Tensor.arange(p.elementCount).to(.float64) * 0.37 + (1.3 * Double(t) + Double(i))
                let gradient = wave.sin().to(.float32).reshaped(p.shape) + p.value.to(.float32) * 0.25
                gradients[p] = gradient.to(p.dtype)
            }
            guard optimizer is SparseAdam else { return }
            let (rows, table) = (Tensor([Int64(t % 3), Int64((t + 1) % 3)]), parameters[0])
            let values = gradients[table]!.indexSelect(axis: 0, indices: rows)
            gradients = Gradients()
            gradients.setRows(SparseRows(indices: rows, values: values, shape: table.shape), of: table)
        }
        if let optimizer = optimizer as? SparseAdam { try optimizer.step(gradients) }
        (optimizer as? GradientOptimizer)?.step(gradients)
    }
}
