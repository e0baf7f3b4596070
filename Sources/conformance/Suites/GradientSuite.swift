import Cresset

/// `ops/` in float64 (`--gradcheck`): the gradients of each operator, and second derivatives where they are supported,
/// compared with finite differences.
struct GradientSuite: Suite {
    static let folder = "ops"
    let options: Options

    init(options: Options) { self.options = options }

    func subjects(in directory: FilePath) throws -> [Subject] {
        try caseNames(in: directory).compactMap { name in
            let file = try CaseFile(name, in: directory)
            let cases = file.cases.filter { json in json["grads"]?.array?.contains { !$0.isNull } == true }
            guard !cases.isEmpty else { return nil }
            let row = OperatorTable.shared[name]
            return Subject(
                folder: Self.folder, name: name, caseCount: cases.count,
                run: row.map { row in { try check(row, cases[$0], file.tensors()) } })
        }
    }

    private func check(_ row: OperatorRow, _ json: JSON, _ tensors: CaseTensors) throws {
        var reader = ValueReader(tensors: tensors, options: options)
        reader.isDouble = true
        _ = try reader.arguments(json)
        let inputs = reader.leaves.map { $0.detached().contiguous() }
        let call: SlopeCheck.Function = { inputs in
            var reader = ValueReader(tensors: tensors, options: options)
            (reader.isDouble, reader.replacements) = (true, inputs)
            return try row.body(reader.arguments(json)).tensors.filter(\.dtype.isFloatingPoint).weighted()
        }
        try SlopeCheck(function: call, name: "gradient").run(inputs)
        guard row.isTwiceDifferentiable else { return }
        let gradients: SlopeCheck.Function = { inputs in
            let leaves = inputs.map { $0.requiresGradient ? $0 : $0.requiringGradient() }
            let value = try call(leaves)
            guard value.requiresGradient else { return Tensor(0.0) }
            let gradients = value.gradients(createsGraph: true)
            return leaves.compactMap { gradients[$0] }.weighted()
        }
        try SlopeCheck(function: gradients, name: "gradient of the gradient").run(inputs)
    }
}

extension [Tensor] {
    /// The sum of all elements, each multiplied by its own number between 0.5 and 1.5, so that errors do not cancel.
    fileprivate func weighted() -> Tensor {
        reduce(Tensor(0.0)) { sum, tensor in
            let weights = (0..<tensor.elementCount).map {
                0.5 + (Double($0 + 1) * 0.618_033_988_749_895).truncatingRemainder(dividingBy: 1)
            }
            return sum + (tensor.to(.float64) * Tensor(weights, shape: tensor.shape)).sum()
        }
    }
}

/// Compares a function's gradient with finite differences, at some elements of each input. Kinks, where the one-sided
/// slopes differ, are skipped: there PyTorch's convention decides, which the cases test.
private struct SlopeCheck {
    typealias Function = ([Tensor]) throws -> Tensor
    let function: Function
    let name: String

    func run(_ inputs: [Tensor]) throws {
        let leaves = inputs.map { $0.requiringGradient() }
        let value = try function(leaves)
        let gradients = value.requiresGradient ? value.gradients() : Gradients()
        let here = value.item()
        for (number, leaf) in leaves.enumerated() where leaf.elementCount > 0 {
            let gradient: [Double] = (gradients[leaf] ?? .zeros(like: leaf)).scalars()
            let values: [Double] = leaf.scalars()
            for i in stride(from: 0, to: values.count, by: Swift.max(1, values.count / 12)) {
                let step = 1e-6 * Swift.max(1, abs(values[i]))
                func moved(by distance: Double) throws -> Double {
                    var (changed, all) = (values, inputs)
                    changed[i] += distance
                    all[number] = Tensor(changed, shape: leaf.shape)
                    return try function(all).item()
                }
                let (right, left) = try ((moved(by: step) - here) / step, (here - moved(by: -step)) / step)
                let slope = (left + right) / 2
                let rounding = 1e-8 * abs(here)
                guard slope.isFinite, abs(right - left) <= 1e-3 * (1 + abs(slope)) + rounding else { continue }
                guard abs(gradient[i] - slope) <= 1e-5 + 1e-3 * abs(slope) + rounding else {
                    throw Failure("\(name), input \(number), element \(i): \(gradient[i]), finite difference \(slope)")
                }
            }
        }
    }
}
