import Cresset

/// `reduced/`: operators in bfloat16 and float16, compared with the float64 results for the same inputs.
struct ReducedSuite: FileSuite {
    static let folder = "reduced"
    let options: Options

    init(options: Options) { self.options = options }

    func runner(_ name: String, _ file: CaseFile) -> ((Int) throws -> Void)? {
        guard let row = OperatorTable.shared[name] else { return nil }
        return { try run(row, file.cases[$0], file.tensors()) }
    }

    private func run(_ row: OperatorRow, _ json: JSON, _ tensors: CaseTensors) throws {
        let dtype = try DType(torchName: json["dtype"]?.string ?? "")
        var reader = ValueReader(tensors: tensors, options: options)
        reader.reduced = dtype
        let ours = try row.body(reader.arguments(json)).tensors
        reader.reduced = nil
        let expected = try reader.value(json["outputs"] ?? .null).tensors
        let dtypes = json["output_dtypes"]?.array?.compactMap(\.string) ?? []
        guard ours.count == expected.count else { throw Failure("\(ours.count) results, not \(expected.count)") }
        if json.draws(on: options.device) {
            guard ours.map(\.shape) == expected.map(\.shape) else {
                throw Failure("the result has shapes \(ours.map(\.shape))")
            }
            return
        }
        for (i, (own, other)) in zip(ours, expected).enumerated() {
            if i < dtypes.count, own.dtype.name != dtypes[i] {
                throw Failure("result \(i) has dtype \(own.dtype), not \(dtypes[i])")
            }
            try check(own, other, dtype, "result \(i)")
        }
        guard let seeds = json["grad_outputs"]?.array, let gradientNames = json["grads"]?.array else { return }
        let gradients = try Agreement.gradients(of: ours, seeds: seeds, tensors)
        for (i, (leaf, name)) in zip(reader.leaves, gradientNames).enumerated() {
            guard let name = name.string else { continue }
            guard let gradient = gradients[leaf] else { throw Failure("gradient \(i) is missing") }
            try check(gradient, tensors[name], dtype, "gradient \(i)")
        }
    }

    /// Requires agreement within two rounding units, of the element plus the largest element.
    private func check(_ ours: Tensor, _ expected: Tensor, _ dtype: DType, _ what: String) throws {
        guard ours.shape == expected.shape else {
            throw Failure("\(what) has shape \(ours.shape), not \(expected.shape)")
        }
        let unit = dtype == .bfloat16 ? 0x1p-8 : 0x1p-11
        let (a, b): ([Double], [Double]) = (ours.scalars(), expected.scalars())
        let largest = b.lazy.filter(\.isFinite).map { abs($0) }.max() ?? 0
        for (i, (x, y)) in zip(a, b).enumerated() where x != y && !(x.isNaN && y.isNaN) {
            // Negated, so that NaN fails.
            if !(abs(x - y) <= 2 * unit * (abs(y) + largest)) {
                throw Failure("\(what) differs at \(i): \(x), not \(y) (\(dtype))")
            }
        }
    }
}
