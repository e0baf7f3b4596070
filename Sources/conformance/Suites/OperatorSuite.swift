import Cresset

/// `ops/`: one operator, its results and its gradients.
struct OperatorSuite: FileSuite {
    static let folder = "ops"
    let options: Options

    init(options: Options) { self.options = options }

    func runner(_ name: String, _ file: CaseFile) -> ((Int) throws -> Void)? {
        guard let row = OperatorTable.shared[name] else { return nil }
        return { try run(row, file.cases[$0], file.tensors()) }
    }

    private func run(_ row: OperatorRow, _ json: JSON, _ tensors: CaseTensors) throws {
        var reader = ValueReader(tensors: tensors, options: options)
        let arguments = try reader.arguments(json)
        let ours = try row.body(arguments)
        guard arguments.leftOver.isEmpty else {
            throw Failure("arguments not understood: \(arguments.leftOver.joined(separator: ", "))")
        }
        let expected = try reader.value(json["outputs"] ?? .null)
        if json.draws(on: options.device) {
            guard ours.tensors.map(\.shape) == expected.tensors.map(\.shape) else {
                throw Failure("the result has shapes \(ours.tensors.map(\.shape))")
            }
            return
        }
        let asksFloat64 = arguments.named.values.contains { if case .dtype(.float64) = $0 { true } else { false } }
        let agreement = Agreement(tolerance: row.tolerance, mayBeFloat64: row.answersInFloat64 || asksFloat64)
        try agreement.check(ours, expected)
        try agreement.checkGradients(ours.tensors, json, leaves: reader.leaves, tensors)
    }
}

extension JSON {
    /// Whether this case applies dropout on a GPU, which draws other numbers than those the case was made with.
    func draws(on device: Device) -> Bool { device != .cpu && self["kwargs"]?["dropout_p"]?.double ?? 0 > 0 }
}

extension ValueReader {
    /// The arguments of a call.
    mutating func arguments(_ json: JSON) throws -> Arguments {
        let positional = try (json["args"]?.array ?? []).map { try value($0) }
        var named: [String: Value] = [:]
        for (key, argument) in json["kwargs"]?.members ?? [] { named[key] = try value(argument) }
        return Arguments(positional: positional, named: named)
    }
}
