import CressetNN
import Foundation

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

    /// Equal bits for integers and uniforms, floats within 1e-6.
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
        switch key {
        case _ where key.hasPrefix("randn_"): return .normal(shape)
        case _ where key.hasPrefix("randperm_"): return .permutation(shape[0])
        case _ where key.hasPrefix("rand_"): return .uniform(shape)
        case "randint_0_10_20": return .integers(shape, in: 0..<10)
        case "bernoulli_0.3_50":
            let probabilities = [Float](repeating: 0.3, count: shape[0])
            return filled(shape) { buffer in
                probabilities.withUnsafeBufferPointer { generator.fillBernoulli(buffer, probabilities: $0) }
            }
        case "normal_2_3_64": return .normal(shape, mean: 2, standardDeviation: 3)
        case "uniform_-1_1_33": return .uniform(shape, in: -1..<1)
        case "exponential_20": return filled(shape) { generator.fillExponential($0) }
        case "multinomial":
            return Tensor(generator.multinomial(weights: [0.1, 0.2, 0.3, 0.4], count: shape[0], isReplacing: true))
        case "linear_4_3_weight": return withoutGradients { Linear(4, 3).weight.value }
        case "conv_weight": return withoutGradients { Conv2d(3, 8, kernelSize: 3).weight.value }
        case "lstm_weight":
            let bound = 1 / 5.0.squareRoot()
            return .uniform(shape, in: -bound..<bound)
        case "embedding_weight": return .normal(shape)
        case "trunc_normal_100": return filled(shape) { generator.fillTruncatedNormal($0, standardDeviation: 0.1) }
        case "kaiming_normal":
            let weight = Parameter(.zeros(shape))
            weight.initializeKaimingNormal(fanOut: true)
            return withoutGradients { weight.value }
        case "xavier_uniform":
            let bound = (6 / Double(shape[0] + shape[1])).squareRoot()
            return .uniform(shape, in: -bound..<bound)
        case "orthogonal": return filled(shape) { generator.fillOrthogonal($0, rows: shape[0], columns: shape[1]) }
        default: throw Failure("nothing is known of \(key)")
        }
    }

    private func filled(_ shape: Shape, _ fill: (UnsafeMutableBufferPointer<Float>) -> Void) -> Tensor {
        Tensor(dtype: .float32, shape: shape) { fill($0.bindMemory(to: Float.self)) }
    }
}
