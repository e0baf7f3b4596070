import Cresset
import Testing

@Suite struct CustomFunctionTests {
    /// x exp(y), with derivatives from its own result.
    private static func scaledExponential(_ x: Tensor, _ y: Tensor) -> Tensor {
        .custom("scaledExponential", [x, y]) {
            $0[0] * $0[1].exp()
        } backward: { gradient, inputs, result in
            [gradient * inputs[1].exp(), gradient * result]
        }
    }

    private static let inputs = [
        Tensor([0.5, -1.5, 2] as [Double]), Tensor([0.1, 0.7, -0.3] as [Double]),
    ]

    @Test func derivativesAreTheSlopes() throws {
        try checkGradients(Self.inputs, order: 2) { Self.scaledExponential($0[0], $0[1]) }
    }

    @Test func aStraightThroughEstimator() {
        let x = Tensor([0.4, 1.6] as [Float]).requiringGradient()
        let y = Tensor.custom("rounded", [x]) {
            $0[0].round()
        } backward: { gradient, _, _ in
            [gradient]
        }
        #expect(y.scalars(as: Float.self) == [0, 2])
        #expect((y * 3).sum().gradients()[x]!.scalars(as: Float.self) == [3, 3])
    }

    @Test func noGradientFlowsWhereThereIsNil() {
        let (x, y) = (Tensor.ones([2]).requiringGradient(), Tensor.ones([2]).requiringGradient())
        let z = Tensor.custom("first", [x, y]) {
            $0[0] + $0[1]
        } backward: { gradient, _, _ in
            [gradient, nil]
        }
        let gradients = z.sum().gradients()
        #expect(gradients[x] != nil && gradients[y] == nil)
    }

    @Test func constantsAreNotRecorded() {
        let y = Tensor.custom("twice", [Tensor.ones([2])]) {
            $0[0] * 2
        } backward: { gradient, _, _ in
            [gradient]
        }
        #expect(!y.requiresGradient)
    }

    @Test func aGradientOfTheWrongShapeIsAMistake() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let x = Tensor.ones([2]).requiringGradient()
            let y = Tensor.custom("mine", [x]) {
                $0[0]
            } backward: { _, _, _ in
                [.ones([3])]
            }
            _ = y.sum().gradients()
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains("mine: backward returned shape [3] for input 0 of shape [2]"))
    }
}
