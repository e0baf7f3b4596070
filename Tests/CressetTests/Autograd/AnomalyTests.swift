import Cresset
import Testing

@Suite struct AnomalyTests {
    @Test func theOperatorWhoseGradientIsNaNIsNamed() throws {
        let x = Tensor([0, 1] as [Float]).requiringGradient()
        // 0 · ∞: the root's derivative at zero, times a gradient of zero.
        let anomaly = try #require(throws: GradientAnomaly.self) {
            try detectingAnomalies { (x.sqrt() * Tensor([0, 1] as [Float])).sum().gradients() }
        }
        #expect(anomaly.operation == "sqrt" && anomaly.place == .gradient && anomaly.shape == [2])
        #expect(anomaly.description.hasPrefix("the gradient of sqrt contains NaN, in a tensor of shape [2]"))
    }

    @Test func theOperatorWhoseResultIsNaNIsNamed() throws {
        let x = Tensor([-1, 1] as [Float]).requiringGradient()
        let anomaly = try #require(throws: GradientAnomaly.self) {
            try detectingAnomalies { ((x * 2).log() * 3).sum() }
        }
        #expect(anomaly.operation == "log" && anomaly.place == .result)
    }

    @Test func soundNumbersPass() throws {
        struct Mine: Error {}
        let x = Tensor([1, 2] as [Float]).requiringGradient()
        #expect(try detectingAnomalies { (x * x).sum().gradients()[x]!.sum().item() } == 6)
        #expect(throws: Mine.self) { try detectingAnomalies { throw Mine() } }
    }

    @Test func nothingIsSaidOutside() {
        let x = Tensor([0] as [Float]).requiringGradient()
        #expect((x.sqrt() * 0).sum().gradients()[x]!.item().isNaN)
    }
}
