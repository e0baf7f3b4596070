import Cresset
import CressetNN
import Testing

/// Batch normalisation whose input, values for each channel and addend do not have one type, or one shape.
@Suite struct MixedTypeTests {
    private static let types: [DType] = [.float16, .bfloat16, .float32, .float64]

    private func random(_ shape: Shape, seed: UInt64) -> Tensor { .normal(shape, generator: Generator(seed: seed)) }

    /// The values of a channel are read as what they are, whatever type is beside them.
    @Test(arguments: types, types) func valuesOfAnotherType(input: DType, parameters: DType) {
        let x = random([4, 6, 5, 5], seed: 1).to(input)
        let values = (0..<3).map { random([6], seed: 2 + $0).to(parameters) }
        let variance = (random([6], seed: 5).abs() + 0.5).to(parameters)

        func normal(_ dtype: DType?) -> (out: Tensor, gradients: [Tensor]) {
            func wide(_ tensor: Tensor) -> Tensor { dtype.map { tensor.to($0) } ?? tensor }
            let inputs = [wide(x), wide(values[0]), wide(values[1])].map { $0.requiringGradient() }
            let out = inputs[0].batchNormalized(
                mean: wide(values[2]), variance: wide(variance), weight: inputs[1], bias: inputs[2], usesBatch: false)
            let gradients = (out.to(.float64) * 0.1).sum().gradients(withRespectTo: inputs)
            return (out, inputs.map { gradients[$0]! })
        }
        let (expected, given) = (normal(.float64), normal(nil))
        #expect(given.out.dtype == input)
        for (expected, given) in zip([expected.out] + expected.gradients, [given.out] + given.gradients) {
            #expect(given.isAllClose(to: expected.to(given.dtype), relativeTolerance: 0.02, absoluteTolerance: 0.05))
        }
    }

    /// Convolution, normalisation, addition and activation are those four, one after another, for any addend.
    @Test(arguments: [false, true]) func addendsThatAreBroadcastOrOfAnotherType(isTraining: Bool) {
        let generator = Generator(seed: 1)
        let conv = Generator.$current.withValue(generator) { Conv2d(3, 4, kernelSize: 3, padding: 1) }
        let norm = BatchNorm2d(4, momentum: 0).train(isTraining)
        let x = random([2, 3, 5, 5], seed: 2)
        let addends = [
            random([2, 4, 5, 5], seed: 3), random([1, 4, 1, 1], seed: 4), random([5], seed: 5), Tensor(0.5),
            random([2, 4, 5, 5], seed: 6).to(.float64),
        ]
        for addend in addends {
            for activation in [nil, ReLU(), GELU()] as [(any Layer)?] {
                func same(_ fused: Tensor, _ apart: Tensor) {
                    let apart = activation.map { $0(apart) } ?? apart
                    #expect(fused.dtype == apart.dtype && fused.shape == apart.shape)
                    #expect(fused.isAllClose(to: apart, relativeTolerance: 1e-4, absoluteTolerance: 1e-5))
                }
                withoutGradients {
                    same(conv(x, norm: norm, adding: addend, activation: activation), norm(conv(x)) + addend)
                    same(conv(x, norm: nil, adding: addend, activation: activation), conv(x) + addend)
                }
                same(conv(x, norm: norm, adding: addend, activation: activation), norm(conv(x)) + addend)
            }
        }
    }
}
