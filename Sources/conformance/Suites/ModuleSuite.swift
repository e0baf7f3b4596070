import Cresset
import CressetNN

/// `modules/`: a layer is created, loaded, called and differentiated.
struct ModuleSuite: FileSuite {
    static let folder = "modules"
    let options: Options

    init(options: Options) { self.options = options }

    func runner(_ name: String, _ file: CaseFile) -> ((Int) throws -> Void)? {
        guard let row = ModuleTable.shared[name] else { return nil }
        return { try run(row, file.cases[$0], file.tensors()) }
    }

    private func run(_ row: ModuleRow, _ json: JSON, _ tensors: CaseTensors) throws {
        var reader = ValueReader(tensors: tensors, options: options)
        let constructor = try arguments(json["constructor"] ?? .null, &reader)
        let made = try row.make(constructor)
        try checkLeftOver(constructor, "of the constructor")
        let state = try (json["state"]?.members ?? []).map {
            (name: $0.key, tensor: try tensors[$0.value.string ?? ""])
        }
        try made.module.load(StateDict(state.filter { !row.isConstructorsOwn($0.name) }))
        made.module.train(json["training"]?.boolean ?? true)

        let arguments = try arguments(json, &reader)
        let ours = try made.call(arguments)
        try checkLeftOver(arguments, "of the call")
        let agreement = Agreement(tolerance: .accumulated)
        try agreement.check(ours, reader.value(json["outputs"] ?? .null))
        let after = made.module.stateDict()
        for (name, tensor) in json["state_after"]?.members ?? [] {
            guard let own = after[name] else { throw Failure("there is no \(name) afterwards") }
            try agreement.check(own, tensors[tensor.string ?? ""], "\(name) afterwards")
        }
        try checkGradients(made.module, ours.tensors, json, reader.leaves, tensors)
    }

    private func arguments(_ json: JSON, _ reader: inout ValueReader) throws -> Arguments {
        let positional = try (json["args"]?.array ?? []).map { try reader.value($0) }
        var named: [String: Value] = [:]
        for (key, value) in json["kwargs"]?.members ?? [] { named[key] = try reader.value(value) }
        return Arguments(positional: positional, named: named)
    }

    private func checkLeftOver(_ arguments: Arguments, _ whose: String) throws {
        guard arguments.leftOver.isEmpty else {
            throw Failure("arguments \(whose) not understood: \(arguments.leftOver.joined(separator: ", "))")
        }
    }

    private func checkGradients(
        _ module: any Module, _ outputs: [Tensor], _ json: JSON, _ leaves: [Tensor], _ tensors: CaseTensors
    ) throws {
        guard let seeds = json["grad_outputs"]?.array, let expected = json["grads"]?.array else { return }
        let agreement = Agreement(tolerance: .accumulated)
        let gradients = try Agreement.gradients(of: outputs, seeds: seeds, tensors)
        for (i, (leaf, name)) in zip(leaves, expected).enumerated() {
            try agreement.check(gradient: gradients[leaf], name, tensors, "gradient \(i)")
        }
        let parameters = Dictionary(uniqueKeysWithValues: module.namedParameters.map { ($0.name, $0.parameter) })
        for (name, value) in json["parameter_grads"]?.members ?? [] {
            guard let parameter = parameters[name] else { throw Failure("there is no parameter \(name)") }
            try agreement.check(gradient: gradients[parameter], value, tensors, "the gradient of \(name)")
        }
    }
}
