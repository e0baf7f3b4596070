import Cresset

/// `programs/`: whole graphs of operators, with the gradients of all their leaves in one sweep.
struct ProgramSuite: FileSuite {
    static let folder = "programs"
    let options: Options

    init(options: Options) { self.options = options }

    func runner(_ name: String, _ file: CaseFile) -> ((Int) throws -> Void)? {
        { try run(file.cases[$0], file.tensors()) }
    }

    private func run(_ json: JSON, _ tensors: CaseTensors) throws {
        var reader = ValueReader(tensors: tensors, options: options)
        for leaf in json["leaves"]?.array ?? [] {
            let number = try valueNumber(of: leaf)
            reader.computed[number] = try reader.value(leaf).tensors.first
        }
        for step in json["steps"]?.array ?? [] {
            let number = try valueNumber(of: step)
            reader.computed[number] = try result(of: step, &reader)
        }

        let agreement = Agreement(tolerance: .program)
        for output in json["outputs"]?.array ?? [] {
            let number = try valueNumber(of: output)
            try agreement.check(reader.tensor(number), tensors[tensorName(in: output)], "value \(number)")
        }
        // One sweep through everything, as for a loss: values that are used twice collect their gradients on the way.
        let terms = try (json["grad_outputs"]?.array ?? []).map { seed in
            try (reader.tensor(valueNumber(of: seed)) * tensors[tensorName(in: seed)].to(options.device)).sum()
        }
        let gradients = terms.isEmpty ? Gradients() : terms.dropFirst().reduce(terms[0], +).gradients()
        for gradient in json["grads"]?.array ?? [] {
            let number = try valueNumber(of: gradient)
            try agreement.check(
                gradient: gradients[reader.tensor(number)], gradient["tensor"] ?? .null, tensors,
                "the gradient of value \(number)")
        }
    }

    private func result(of step: JSON, _ reader: inout ValueReader) throws -> Tensor {
        let name = step["op"]?.string ?? ""
        guard let row = OperatorTable.shared[name] else { throw Failure("the operator \(name) is not known") }
        let arguments = try reader.arguments(step)
        guard case .tensor(let result) = try row.body(arguments) else { throw Failure("\(name): not one tensor") }
        guard arguments.leftOver.isEmpty else {
            throw Failure("\(name): arguments not understood: \(arguments.leftOver.joined(separator: ", "))")
        }
        return result
    }

    private func valueNumber(of value: JSON) throws -> Int {
        guard let number = value["value"]?.integer else { throw Failure("a value without a number") }
        return number
    }

    private func tensorName(in value: JSON) throws -> String {
        guard let name = value["tensor"]?.string else { throw Failure("a value without a tensor") }
        return name
    }
}
