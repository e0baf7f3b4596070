import Cresset
import CressetNN
import Testing

@Suite struct CheckpointingTests {
    private static func network() -> Sequential { Sequential(Linear(3, 8), Tanh(), Dropout(0.5), Linear(8, 2)) }

    /// The loss and all gradients, with the network's middle checkpointed or not.
    private static func run(checkpoints: Bool) -> [[Float]] {
        Generator.$current.withValue(Generator(seed: 5)) {
            let model = network()
            let x = Tensor.normal([4, 3]).requiringGradient()
            let scale = Tensor.full([4, 3], 2.0).requiringGradient()
            // A tensor with a history that the body captures, and one that it is passed.
            let (shifted, captured) = (x + 1, scale * 3)
            let body = { (y: Tensor) in model(y * captured) }
            let y = checkpoints ? checkpointed(shifted, body) : body(shifted)
            let next = Tensor.normal([1])
            let gradients = (y * y).sum().gradients()
            let tensors = [y, next, gradients[x]!, gradients[scale]!] + model.parameters.map { gradients[$0]! }
            return tensors.map { $0.scalars(as: Float.self) }
        }
    }

    @Test func gradientsAreThoseOfTheWholeTape() {
        #expect(Self.run(checkpoints: true) == Self.run(checkpoints: false))
    }

    @Test func secondDerivatives() throws {
        try checkGradients([Tensor([0.3, -1.2] as [Double])], order: 2) { checkpointed($0[0]) { $0.tanh() * $0 } }
    }

    @Test func checkpointsInsideCheckpoints() {
        let x = Tensor([2] as [Float]).requiringGradient()
        let y = checkpointed(x) { outer in checkpointed(outer * 3) { $0 * $0 } + outer }
        #expect(y.gradients()[x]!.item() == 37)
    }

    @Test func severalInputsAndParametersAlone() {
        let w = Parameter(.full([2], 3.0))
        let (a, b) = (Tensor.ones([2]), Tensor.ones([2]).requiringGradient())
        let gradients = checkpointed([a, b]) { ($0[0] + $0[1]) * w.value }.sum().gradients()
        #expect(gradients[w]!.scalars(as: Float.self) == [2, 2])
        #expect(gradients[b]!.scalars(as: Float.self) == [3, 3])
        let onlyParameters = checkpointed(a) { $0 * w.value }.sum().gradients()
        #expect(onlyParameters[w]!.scalars(as: Float.self) == [1, 1])
    }

    @Test func nothingInsideIsKept() async {
        await #expect(processExitsWith: .success) {
            let x = Tensor.ones([1 << 16]).requiringGradient()
            func chain(_ x: Tensor) -> Tensor { (0..<20).reduce(x) { y, _ in (y * y).tanh() } }
            let start = Device.cpu.memoryStatistics.inUse
            let whole = chain(x)
            let wholeSize = Device.cpu.memoryStatistics.inUse - start
            let part = checkpointed(x, chain)
            let partSize = Device.cpu.memoryStatistics.inUse - start - wholeSize
            #expect(partSize == (1 << 16) * 4)
            #expect(wholeSize > 15 * partSize)
            #expect(whole.requiresGradient && part.requiresGradient)
        }
    }
}
