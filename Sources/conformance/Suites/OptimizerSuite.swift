import Cresset
import CressetOptim

/// `optimizers/`: parameters after steps on a least-squares problem, or on the rows of an embedding.
struct OptimizerSuite: FileSuite {
    static let folder = "optimizers"
    let options: Options

    init(options: Options) { self.options = options }

    func runner(_ name: String, _ file: CaseFile) -> ((Int) throws -> Void)? {
        guard let make = optimizerTable[name] else { return nil }
        return { i in
            let json = file.cases[i]
            guard let given = json["options"] else { throw Failure("no options") }
            let make = { (groups: [ParameterGroup]) in try make(groups, OptimizerOptions(json: given)) }
            if json["embedding"] != nil {
                try runEmbedding(make, json, file.tensors())
            } else {
                try runLeastSquares(make, json, file.tensors())
            }
        }
    }

    private typealias Maker = ([ParameterGroup]) throws -> any Optimizer

    private func tensor(_ key: String, _ json: JSON, _ tensors: CaseTensors) throws -> Tensor {
        guard let name = json[key]?.string else { throw Failure("no \(key)") }
        return try tensors[name].to(options.device)
    }

    private func runLeastSquares(_ make: Maker, _ json: JSON, _ tensors: CaseTensors) throws {
        // Forty iterations of LBFGS without a line search amplify float32's rounding to differences of 0.7 % in any
        // implementation; the cases were computed in float64.
        let isSensitive = try make([ParameterGroup([Parameter(.zeros([1]))])]) is LBFGS
        func operand(_ key: String) throws -> Tensor {
            try tensor(key, json, tensors).to(isSensitive ? .float64 : .float32)
        }
        let (w, b) = try (Parameter(operand("w")), Parameter(operand("b")))
        let (x, y) = try (operand("x"), operand("y"))
        var groups = [ParameterGroup([w, b])]
        if json["groups"]?.integer == 2 {
            // The rate used if none is given is the optimizer's own default.
            let lr = try make(groups).learningRate
            groups = [ParameterGroup([w]), ParameterGroup([b], [.lr: lr / 2])]
        }
        let optimizer = try make(groups)
        try run(json, tensors, ["w": w, "b": b]) { _ in
            try optimizer.step { (x.matmul(w.value) + b.value - y).squared().mean() }
        }
    }

    private func runEmbedding(_ make: Maker, _ json: JSON, _ tensors: CaseTensors) throws {
        let table = try Parameter(tensor("embedding", json, tensors))
        let optimizer = try make([ParameterGroup([table])])
        try run(json, tensors, ["embedding": table]) { step in
            let indices = json["indices"]?.array?[step - 1].array?.compactMap(\.integer) ?? []
            try optimizer.step { table.value.embedding(Tensor(indices), isSparse: true).squared().sum() }
        }
    }

    private func run(
        _ json: JSON, _ tensors: CaseTensors, _ parameters: [String: Parameter], _ makeStep: (Int) throws -> Void
    ) throws {
        guard let trajectory = json["trajectory"]?.array else { throw Failure("no trajectory") }
        let agreement = Agreement(tolerance: .accumulated, mayBeFloat64: true)
        for step in 1...(json["steps"]?.integer ?? 1) {
            try makeStep(step)
            guard let expected = trajectory.first(where: { $0["step"]?.integer == step }) else { continue }
            for (name, parameter) in parameters {
                let value = withoutGradients { parameter.value }
                try agreement.check(value, tensor(name, expected, tensors), "\(name) after step \(step)")
            }
        }
    }
}

extension Optimizer {
    /// One step down the loss, with whatever the optimizer needs for it.
    fileprivate func step(_ loss: () throws -> Tensor) throws {
        switch self {
        case let optimizer as GradientOptimizer: try optimizer.step(loss().gradients(), ifNotFinite: .stop)
        case let optimizer as SparseAdam: try optimizer.step(loss().gradients())
        case let optimizer as LBFGS: try optimizer.step(loss)
        default: throw Failure("\(name) cannot be stepped")
        }
    }
}
