import Cresset
import CressetVision

/// `transforms/`: image operations compared with Pillow's and torchvision's.
struct TransformSuite: FileSuite {
    static let folder = "transforms"

    init(options: Options) {}

    func runner(_ name: String, _ file: CaseFile) -> ((Int) throws -> Void)? {
        { try run(file.cases[$0], file.tensors()) }
    }

    private func run(_ json: JSON, _ tensors: CaseTensors) throws {
        guard let function = json["function"]?.string, let input = json["image"], let output = json["output"] else {
            throw Failure("no function, image or output")
        }
        let call = TransformCall(
            function: TransformCall.name(function), image: try TransformSuite.tensor(input, tensors),
            arguments: TransformArguments(json: json["arguments"] ?? .null, tensors: tensors))
        let expected = try TransformSuite.outputs(output, tensors)
        let ours = try call.results()
        guard ours.count == expected.count else {
            throw Failure("\(function) gives \(ours.count) pictures, not \(expected.count)")
        }
        for (ours, expected) in zip(ours, expected) {
            try check(ours, expected, by: call.tolerance(expected.dtype), function)
        }
    }

    private static func tensor(_ json: JSON, _ tensors: CaseTensors) throws -> Tensor {
        guard let name = json.string ?? json["tensor"]?.string else { throw Failure("a picture that is not a tensor") }
        return try tensors[name]
    }

    /// The expected pictures; those of one size may be stacked.
    private static func outputs(_ json: JSON, _ tensors: CaseTensors) throws -> [Tensor] {
        if let items = json.array {
            let numbers = items.compactMap(\.integer)
            if numbers.count == items.count { return [Tensor(numbers)] }
            return try items.map { try tensor($0, tensors) }
        }
        let whole = try tensor(json, tensors)
        return whole.rank == 4 ? (0..<whole.shape[0]).map { whole.selected(axis: 0, index: $0) } : [whole]
    }

    /// A channel axis of one element may be missing.
    private func check(_ given: Tensor, _ expected: Tensor, by bound: Double, _ function: String) throws {
        let ours =
            given.rank == expected.rank + 1 && given.elementCount == expected.elementCount
            ? given.reshaped(expected.shape) : given
        guard ours.shape == expected.shape, ours.dtype == expected.dtype else {
            throw Failure(
                "\(function) gives \(ours.dtype) of \(ours.shape), not \(expected.dtype) of \(expected.shape)")
        }
        if ours.elementCount == 0 { return }
        let difference = (ours.to(.float64) - expected.to(.float64)).abs().amax().item()
        guard difference <= bound else { throw Failure("\(function) is off by \(difference)") }
    }
}
