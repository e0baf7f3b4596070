import Cresset
import CressetBackend
import Testing

/// A convolution's input that comes from a batch norm is computed again in the backward pass, if it is large.
@Suite struct RematerializationTests {
    /// The inputs of a batch norm and of the convolution after it: 2^16 numbers in between, which is large enough.
    private let leaves: [Tensor] = {
        let generator = Generator(seed: 3)
        return [
            Tensor.normal([4, 16, 32, 32], generator: generator).channelsLast(),
            Tensor.uniform([16], in: 0.5..<1.5, generator: generator),
            Tensor.normal([16], generator: generator),
            Tensor.normal([8, 16, 3, 3], generator: generator),
        ].map { $0.requiringGradient() }
    }()

    /// The batch norm's result, rectified; nothing else knows how to make it if it is `kept`.
    private func normalized(kept: Bool) -> Tensor {
        let (mean, variance) = leaves[0].batchStatistics()
        let y = leaves[0].batchNormalized(
            mean: mean, variance: variance, weight: leaves[1], bias: leaves[2], usesBatch: true, adding: nil,
            activation: .relu)
        return kept ? y * 1 : y
    }

    private func expectSame(_ found: [Tensor], _ expected: [Tensor]) {
        for (found, expected) in zip(found, expected) {
            #expect(found.scalars(as: Float.self) == expected.scalars(as: Float.self))
        }
    }

    @Test func gradientsAreThoseOfATensorThatIsKept() {
        let found = [true, false].map { kept in
            let gradients = normalized(kept: kept).convolution(weight: leaves[3]).squared().sum().gradients()
            return leaves.map { gradients[$0]! }
        }
        expectSame(found[1], found[0])
    }

    @Test func itMayBeNeededSeveralTimes() {
        let found = [true, false].map { kept in
            let y = normalized(kept: kept)
            let loss = y.convolution(weight: leaves[3]).squared().sum() + y.convolution(weight: leaves[3] * 2).sum()
            _ = loss.gradients(retainsGraph: true)
            let gradients = loss.gradients()
            return leaves.map { gradients[$0]! }
        }
        expectSame(found[1], found[0])
    }

    @Test func derivativesOfDerivativesFlowThroughIt() {
        let found = [true, false].map { kept in
            let loss = normalized(kept: kept).convolution(weight: leaves[3]).squared().mean()
            let first = loss.gradients(createsGraph: true)[leaves[3]]!
            let second = first.squared().sum().gradients()
            return [leaves[0], leaves[1], leaves[3]].map { second[$0]! }
        }
        for (kept, made) in zip(found[0], found[1]) {
            #expect((made - kept).abs().amax().item() <= 1e-5 * kept.abs().amax().item())
        }
    }

    /// The gradient of its result becomes the gradient of its input in the same memory, unless somebody else has it.
    @Test func aGradientThatSomebodyHoldsIsNotOverwritten() {
        let seed = Tensor.normal([4, 16, 32, 32], generator: Generator(seed: 4)).channelsLast()
        let numbers = seed.scalars(as: Float.self)
        let y = normalized(kept: false)
        _ = y.gradients(seed: seed)
        #expect(seed.scalars(as: Float.self) == numbers)

        let found = [true, false].map { kept in
            let y = normalized(kept: kept)
            let gradients = y.convolution(weight: leaves[3]).squared().sum().gradients(withRespectTo: [y])
            return [gradients[y]!, gradients[leaves[0]]!]
        }
        expectSame(found[1], found[0])
    }
}
