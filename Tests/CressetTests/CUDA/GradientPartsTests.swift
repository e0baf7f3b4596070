import Cresset
import Foundation
import Testing

/// The gradient of a residual sum reaches batch normalisation in two parts, which a GPU adds in a pass it makes anyway.
@Suite struct GradientPartsTests {
    @Test(arguments: [false, true]) func partsGiveTheSameBitsAsTheirSum(isShort: Bool) async {
        await #expect(processExitsWith: .success) { [isShort] in
            setenv("CRESSET_CUDA_DRIVER", try FakeMachine.libraryPath(), 1)
            let dtype: DType = isShort ? .bfloat16 : .float32
            let generator = Generator(seed: 5)
            let shape: Shape = [3, 8, 5, 4]
            let values = [shape, shape, shape, [8], [8]].map { Tensor.normal($0, generator: generator) }
            let inputs = values.enumerated().map { i, value in
                value.to(i < 3 ? dtype : .float32).to(.cuda(0)).requiringGradient()
            }
            let (mean, variance) = inputs[0].detached().batchStatistics()

            /// Both uses of the normalised tensor pass a gradient on; an observed tensor gets their sum.
            func gradients(_ activation: Epilogue, hasAddend: Bool, uses: Int, isObserved: Bool) -> [Tensor?] {
                let y = inputs[0].batchNormalized(
                    mean: mean, variance: variance, weight: inputs[3], bias: inputs[4], usesBatch: true,
                    adding: hasAddend ? inputs[1] : nil, activation: activation)
                if isObserved { y.onGradient { _ in } }
                var loss = (y * inputs[2]).sum() + y.squared().sum()
                if uses == 3 { loss = loss + y.sigmoid().sum() }
                let all = loss.gradients()
                return inputs.map { all[$0]?.to(.cpu) }
            }
            for (activation, hasAddend, uses) in [
                (Epilogue.relu, true, 2), (.none, true, 2), (.relu, false, 2), (.none, false, 2), (.relu, true, 3),
            ] {
                let parts = gradients(activation, hasAddend: hasAddend, uses: uses, isObserved: false)
                let sums = gradients(activation, hasAddend: hasAddend, uses: uses, isObserved: true)
                for (part, sum) in zip(parts, sums) {
                    #expect((part == nil) == (sum == nil))
                    guard let part, let sum else { continue }
                    #expect(
                        part.to(.float32).scalars(as: Float.self) == sum.to(.float32).scalars(as: Float.self),
                        "\(activation) \(hasAddend) \(uses)")
                }
            }
        }
    }

    /// A gradient of the wrong type is converted to its input's, as PyTorch does.
    @Test(arguments: [false, true]) func gradientsOfCustomFunctionsGetTheirInputsType(isOnGPU: Bool) async {
        await #expect(processExitsWith: .success) { [isOnGPU] in
            setenv("CRESSET_CUDA_DRIVER", try FakeMachine.libraryPath(), 1)
            let x = Tensor.ones([2, 4, 3, 3]).to(isOnGPU ? .cuda(0) : .cpu).requiringGradient()
            let (mean, variance) = x.detached().batchStatistics()
            let y = x.batchNormalized(mean: mean, variance: variance, weight: nil, bias: nil, usesBatch: false)
            let z = Tensor.custom("half", [y]) {
                $0[0].sum()
            } backward: { _, inputs, _ in
                [Tensor.ones(inputs[0].shape, dtype: .float16, device: inputs[0].device)]
            }
            let gradient = (y.sum() + z).gradients()[x]!
            #expect(gradient.dtype == .float32)
            let expected = 2 / Float(1e-5).squareRoot()
            #expect(gradient.scalars(as: Float.self).allSatisfy { abs($0 / expected - 1) < 1e-5 })
        }
    }
}
