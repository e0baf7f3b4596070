import CressetNN

/// `random/`: PyTorch's CPU generator after `manual_seed(seed)`, for the call that a key names.
struct RandomSuite: FileSuite {
    static let folder = "random"

    init(options: Options) {}

    func runner(_ name: String, _ file: CaseFile) -> ((Int) throws -> Void)? {
        guard name == "generator" else { return nil }
        return { try run(file.cases[$0], file.tensors()) }
    }

    private func run(_ json: JSON, _ tensors: CaseTensors) throws {
        guard let seed = json["seed"]?.integer else { throw Failure("no seed") }
        for (key, value) in json.members ?? [] where key != "seed" {
            guard let name = value.string else { continue }
            let expected = try tensors[name]
            let generator = Generator(seed: UInt64(seed))
            let ours = try Generator.$current.withValue(generator) { try draw(key, expected.shape, generator) }
            try check(ours, expected, "\(key) from seed \(seed)")
        }
    }

    /// Requires equal bits for integers and uniforms, and floats within 1e-6.
    private func check(_ ours: Tensor, _ expected: Tensor, _ what: String) throws {
        guard ours.shape == expected.shape, ours.dtype == expected.dtype else {
            throw Failure("\(what) is \(ours.dtype) of shape \(ours.shape), not \(expected.dtype) of \(expected.shape)")
        }
        let isExact = !ours.dtype.isFloatingPoint || what.hasPrefix("rand_") || what.hasPrefix("uniform")
        let (a, b): ([Double], [Double]) = (ours.scalars(), expected.scalars())
        for (i, (x, y)) in zip(a, b).enumerated() where isExact ? x != y : abs(x - y) > 1e-6 {
            throw Failure("\(what) differs at \(i): \(x), not \(y)")
        }
    }

    private func draw(_ key: String, _ shape: Shape, _ generator: Generator) throws -> Tensor {
        let numbers = key.split(separator: "_").compactMap { Double($0) }
        switch (key.prefix { $0 != "_" }, numbers.count) {
        case ("randn", 1): return .normal(shape)
        case ("randperm", 1): return .permutation(shape[0])
        case ("rand", 1): return .uniform(shape)
        case ("randint", 3): return .integers(shape, in: Int(numbers[0])..<Int(numbers[1]))
        case ("bernoulli", 2):
            let probabilities = [Float](repeating: Float(numbers[0]), count: shape[0])
            return filled(shape) { buffer in
                probabilities.withUnsafeBufferPointer { generator.fillBernoulli(buffer, probabilities: $0) }
            }
        case ("normal", 3): return .normal(shape, mean: numbers[0], standardDeviation: numbers[1])
        case ("uniform", 3): return .uniform(shape, in: numbers[0]..<numbers[1])
        case ("exponential", 1): return filled(shape) { generator.fillExponential($0) }
        case ("dropout", 2): return Tensor.ones(shape).dropout(probability: numbers[0])
        case ("linear", 2):
            let layer = Linear(Int(numbers[0]), Int(numbers[1]))
            return withoutGradients { key.hasSuffix("bias") ? layer.bias!.value : layer.weight.value }
        default: return try drawWeight(key, shape, generator)
        }
    }

    private func drawWeight(_ key: String, _ shape: Shape, _ generator: Generator) throws -> Tensor {
        let weight = Parameter(.zeros(shape))
        switch key {
        case "multinomial":
            return Tensor(generator.multinomial(weights: [0.1, 0.2, 0.3, 0.4], count: shape[0], isReplacing: true))
        case "conv_weight": return withoutGradients { Conv2d(3, 8, kernelSize: 3).weight.value }
        case "lstm_weight":
            let bound = 1 / 5.0.squareRoot()
            weight.initializeUniform(in: -bound..<bound)
        case "embedding_weight": weight.initializeNormal()
        case _ where key.hasPrefix("trunc_normal"): weight.initializeTruncatedNormal(standardDeviation: 0.1)
        case "kaiming_normal": weight.initializeKaimingNormal(fanOut: true)
        case "kaiming_uniform": weight.initializeKaimingUniform()
        case "xavier_uniform": weight.initializeXavierUniform()
        case "xavier_normal": weight.initializeXavierNormal()
        case "orthogonal": weight.initializeOrthogonal()
        case "sparse": weight.initializeSparse(sparsity: 0.3)
        case "dirac": weight.initializeDirac()
        case "eye": weight.initializeIdentity()
        default: throw Failure("unknown call \(key)")
        }
        return withoutGradients { weight.value }
    }

    private func filled(_ shape: Shape, _ fill: (UnsafeMutableBufferPointer<Float>) -> Void) -> Tensor {
        Tensor(dtype: .float32, shape: shape) { fill($0.bindMemory(to: Float.self)) }
    }
}
