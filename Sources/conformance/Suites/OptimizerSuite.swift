import Cresset
import CressetOptim

/// `optimizers/`: parameters after steps of a least-squares problem.
struct OptimizerSuite: FileSuite {
    static let folder = "optimizers"

    init(options: Options) {}

    func runner(_ name: String, _ file: CaseFile) -> ((Int) throws -> Void)? {
        guard let make = OptimizerSuite.makers[name] else { return nil }
        return { try run(make, file.cases[$0], file.tensors()) }
    }

    private typealias Maker = @Sendable ([ParameterGroup], JSON) throws -> any Optimizer

    private static let makers: [String: Maker] = [
        "SGD": { groups, options in
            try SGD(
                groups, lr: options["lr"]?.double ?? 1e-3, momentum: options["momentum"]?.double ?? 0,
                dampening: options["dampening"]?.double ?? 0, weightDecay: options["weight_decay"]?.double ?? 0,
                nesterov: options["nesterov"]?.boolean ?? false, maximize: options["maximize"]?.boolean ?? false)
        }
    ]

    private func run(_ make: Maker, _ json: JSON, _ tensors: CaseTensors) throws {
        func tensor(_ key: String) throws -> Tensor {
            guard let name = json[key]?.string else { throw Failure("no \(key)") }
            return try tensors[name]
        }
        guard let options = json["options"], let trajectory = json["trajectory"]?.array else {
            throw Failure("no options or trajectory")
        }
        let (w, b) = try (Parameter(tensor("w")), Parameter(tensor("b")))
        let lr = options["lr"]?.double ?? 1e-3
        let groups =
            json["groups"]?.integer == 2
            ? [ParameterGroup([w]), ParameterGroup([b], [.lr: lr / 2])] : [ParameterGroup([w, b])]
        let optimizer = try make(groups, options)
        let (x, y) = try (tensor("x"), tensor("y"))
        let agreement = Agreement(tolerance: .accumulated)
        for step in 1...(json["steps"]?.integer ?? 1) {
            let loss = (x.matmul(w.value) + b.value - y).squared().mean()
            optimizer.step(loss.gradients())
            guard let expected = trajectory.first(where: { $0["step"]?.integer == step }) else { continue }
            try withoutGradients {
                try agreement.check(w.value, tensors[expected["w"]?.string ?? ""], "w after step \(step)")
                try agreement.check(b.value, tensors[expected["b"]?.string ?? ""], "b after step \(step)")
            }
        }
    }
}
