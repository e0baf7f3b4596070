import Cresset
import Testing

/// Derivatives where a function has a kink, a tie or no value, as PyTorch 2.15 gives them for the same inputs.
@Suite struct SlopeTests {
    /// The gradients of the sum of the results of `body`.
    private func slopes(_ inputs: [Tensor], _ body: ([Tensor]) -> Tensor) -> [[Double]] {
        let leaves = inputs.map { $0.requiringGradient() }
        let gradients = body(leaves).sum().gradients()
        return leaves.map { gradients[$0]?.scalars() ?? [] }
    }

    private func areEqual(_ ours: [[Double]], _ theirs: [[Double]], within tolerance: Double = 1e-6) -> Bool {
        ours.count == theirs.count
            && zip(ours, theirs).allSatisfy { a, b in
                a.count == b.count
                    && zip(a, b).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) || abs($0 - $1) <= tolerance }
            }
    }

    private let x = Tensor([-.infinity, -.infinity, 1, 1, 2, .nan, .nan, 1, .infinity] as [Float])
    private let y = Tensor([-.infinity, .nan, 1, 2, 1, .nan, 1, .nan, .infinity] as [Float])

    @Test func theLargerAndTheSmallerShareTies() {
        #expect(
            areEqual(
                slopes([x, y]) { $0[0].maximum($0[1]) },
                [[0.5, 1, 0.5, 0, 1, 1, 1, 1, 0.5], [0.5, 1, 0.5, 1, 0, 1, 1, 1, 0.5]]))
        #expect(
            areEqual(
                slopes([x, y]) { $0[0].minimum($0[1]) },
                [[0.5, 1, 0.5, 1, 0, 1, 1, 1, 0.5], [0.5, 1, 0.5, 0, 1, 1, 1, 1, 0.5]]))
        #expect(
            areEqual(
                slopes([x, y]) { $0[0].fmax($0[1]) },
                [[0.5, 1, 0.5, 0, 1, 1, 0, 1, 0.5], [0.5, 0, 0.5, 1, 0, 0, 1, 0, 0.5]]))
        #expect(
            areEqual(
                slopes([x, y]) { $0[0].fmin($0[1]) },
                [[0.5, 1, 0.5, 1, 0, 1, 0, 1, 0.5], [0.5, 0, 0.5, 0, 1, 0, 1, 0, 0.5]]))
    }

    @Test func numbersAsBoundsHaveNoSlope() {
        let x = Tensor([0, 1, 2, .nan, .infinity, -.infinity] as [Float])
        #expect(areEqual(slopes([x]) { $0[0].clamp(min: 1, max: 2) }, [[0, 0, 0, 0, 0, 0]]))
        #expect(areEqual(slopes([x]) { $0[0].clamp(min: 1) }, [[0, 0, 1, 0, 1, 0]]))
        #expect(areEqual(slopes([x]) { $0[0].clamp(max: 1) }, [[1, 0, 0, 0, 0, 1]]))
    }

    @Test func tensorsAsBoundsShareTies() {
        let x = Tensor([0, 0, 0, 1, 1, 1, 2, 2, .nan, 1] as [Float])
        let low = Tensor([0, 0, 1, 0, 1, 1, 0, 2, 2, 2] as [Float])
        let high = Tensor([0, 1, 2, 1, 0, .nan, 1, 2, 1, 2] as [Float])
        #expect(
            areEqual(
                slopes([x, low, high]) { $0[0].clamp(min: $0[1], max: $0[2]) },
                [
                    [1, 0.5, 0, 0.5, 0, 1, 0, 1, 1, 0], [0, 0.5, 1, 0, 0, 0, 0, 0, 0, 1],
                    [0, 0, 0, 0.5, 1, 0, 1, 0, 1, 0],
                ]))
    }

    @Test func sumsOfExponentialsShareLargeTies() {
        let x = Tensor([1e20, 1, .infinity, 1] as [Float])
        let y = Tensor([1e20, 2, 1, 1] as [Float])
        #expect(
            areEqual(
                slopes([x, y]) { $0[0].logAddExp($0[1]) }, [[0.5, 0.268_941_4, 1, 0.5], [0.5, 0.731_058_6, 0, 0.5]]))
        #expect(
            areEqual(
                slopes([x, y]) { $0[0].logAddExp2($0[1]) }, [[0.5, 1.0 / 3, 1, 0.5], [0.5, 2.0 / 3, 0, 0.5]]))
    }

    @Test func anglesAtTheOriginStandStill() {
        let zeros = Tensor([0, -0.0] as [Float])
        #expect(areEqual(slopes([zeros, zeros]) { $0[0].atan2($0[1]) }, [[0, 0], [0, 0]]))
        let infinity = Tensor([.infinity, 0, 2] as [Float])
        #expect(areEqual(slopes([infinity]) { $0[0].copySign(Tensor(-1)) }, [[.nan, 0, -1]]))
    }

    @Test func logitHasNoSlopeOutsideItsRange() {
        let x = Tensor([-1, 0.25, 0.5, 2] as [Float])
        #expect(areEqual(slopes([x]) { $0[0].logit() }, [[.nan, 16.0 / 3, 4, .nan]]))
        #expect(areEqual(slopes([x]) { $0[0].logit(epsilon: 0.3) }, [[0, 0, 4, 0]]))
        #expect(Tensor([3]).logit().item().isNaN)
    }

    @Test func sincIsExactNearZero() {
        let x = Tensor([0, 1e-3, 1e-2, 0.14, 0.16, 0.5] as [Float])
        let slopes = slopes([x]) { $0[0].sinc() }
        let expected = [0, -0.003_289_865_043, -0.032_895_433_75, -0.451_733_190_2, -0.513_198_753_4, -1.273_239_545]
        #expect(zip(slopes[0], expected).allSatisfy { abs($0 - $1) <= 1e-6 * abs($1) })
    }

    @Test func robustLossesStandInfiniteDifferences() {
        let x = Tensor([-.infinity, 3, 0.5, .infinity] as [Float])
        #expect(
            areEqual(slopes([x]) { $0[0].huberLoss(.zeros([4]), delta: 2, reduction: .sum) }, [[-2, 2, 0.5, 2]]))
        #expect(
            areEqual(
                slopes([x]) { $0[0].smoothL1Loss(.zeros([4]), beta: 2, reduction: .sum) }, [[-1, 1, 0.25, 1]]))
    }

    @Test func nothingAndSingleNumbersAreNoMistakes() {
        #expect(Tensor.zeros([0]).logSumExp(axes: [0]).item() == -.infinity)
        #expect(Tensor.zeros([2, 0]).logSumExp(axes: [1]).scalars(as: Double.self) == [-.infinity, -.infinity])
        #expect(Tensor(2.5).unfolded(axis: 0, size: 1, step: 1).shape == [1])
        let weight = Tensor.ones([2]).requiringGradient()
        let normal = Tensor.zeros([0, 2]).groupNormalized(groups: 1, weight: weight)
        #expect(normal.sum().gradients()[weight]?.scalars(as: Double.self) == [0, 0])
        let loss = Tensor([0.5, 2] as [Double]).multiMarginLoss(Tensor([0]), reduction: .none)
        #expect(loss.shape == [1] && loss.item() == 1.25)
    }

    @Test func integersAreRoundedTowardsZero() {
        #expect(Tensor.linspace(4.3, -3, count: 5, dtype: .int64).scalars(as: Int.self) == [4, 2, 0, -1, -3])
        #expect(Tensor([true, false]).squared().dtype == .int64)
        #expect(Tensor([1, 5]).threshold(2, otherwise: 9).scalars(as: Int.self) == [9, 5])
    }
}
