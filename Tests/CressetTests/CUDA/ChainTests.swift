import Cresset
import CressetNN
import CressetOptim
import Testing

/// Pointwise operators that recorded work computes in one kernel: the bits and the number of kernels.
@Suite struct ChainTests {
    private typealias Case = (name: String, kernels: Int, inputs: [Tensor], body: ([Tensor]) -> [Tensor])

    private static func cases(on device: Device) -> [Case] {
        let generator = Generator(seed: 4)
        func normal(_ shape: Shape, _ dtype: DType = .float32) -> Tensor {
            Tensor.normal(shape, generator: generator).to(device).to(dtype)
        }
        let x = normal([6, 40])
        let y = normal([6, 40])
        let row = normal([40])
        let half = normal([5, 48], .bfloat16)
        let picture = normal([2, 8, 3, 5]).channelsLast()
        return [
            ("sigmoid times x", 1, [x], { [$0[0] * $0[0].sigmoid()] }),
            ("layer scale and residual", 1, [x, row, y], { [$0[0] * $0[1] + $0[2]] }),
            ("tanh GELU by hand", 1, [x], { [handWrittenGELU($0[0])] }),
            ("tanh GELU in bfloat16", 1, [half], { [handWrittenGELU($0[0])] }),
            (
                "focal loss", 1, [x, y],
                {
                    let (logits, target) = ($0[0], ($0[1] .> 0).to(.float32))
                    let p = logits.sigmoid()
                    let hit = p * target + (1 - p) * (1 - target)
                    let miss = 1 - hit
                    return [-(miss * miss) * hit.log()]
                }
            ),
            ("a product and a sum are rounded separately", 1, [x, y, row], { [$0[0] * $0[1] - $0[2]] }),
            (
                "columns, rows and numbers", 1, [x, row, normal([6, 1]), normal([])],
                { [($0[0] - $0[2]) * $0[1] / $0[3] + 2] }
            ),
            ("where", 1, [x, y], { [Tensor.select($0[0] .< $0[1], $0[0].exp(), $0[1] * 3)] }),
            (
                "questions are bool", 1, [x, y],
                { [($0[0] .< $0[1]) .& ($0[1] .> 0), ($0[0] .< 0).logicalNot()] }
            ),
            ("bfloat16 and back", 1, [x], { [($0[0].to(.bfloat16) * 3).to(.float32) + $0[0]] }),
            ("float16 and integers", 1, [x], { [($0[0] * 7).to(.int32).to(.float16) + 0.5] }),
            (
                "an intermediate that the caller keeps", 1, [x],
                {
                    let e = $0[0].exp(); return [e, (e + 1).log()]
                }
            ),
            (
                "in place", 1, [x, y],
                {
                    var sum = $0[0] * 2
                    sum += $0[1]
                    let before = sum + 0
                    sum *= sum
                    return [sum, before]
                }
            ),
            (
                "two chains of as many elements", 1, [x, half],
                {
                    let (a, b) = ($0[0].exp(), $0[1].abs())
                    return [a + 1, b * 2]
                }
            ),
            (
                "two chains of different lengths, interleaved", 2, [x, row],
                {
                    let (a, b) = ($0[0].exp(), $0[1].abs())
                    return [a + 1, b * 2]
                }
            ),
            // Two sums, two means, the squares, the quotient, and the addend: so small a tensor gets the memory of a
            // statistic that has been released, but not been read.
            (
                "layer normalisation by hand, with its statistics", 7, [x, row],
                {
                    let mean = $0[0].mean(axes: [1], keepsAxes: true)
                    let distance = $0[0] - mean
                    let variance = (distance * distance).mean(axes: [1], keepsAxes: true)
                    return [($0[0] - mean) / (variance + 1e-5).sqrt() * $0[1] + $0[1], mean, variance]
                }
            ),
            (
                "numbers that are filled in between", 2, [x],
                {
                    let e = $0[0].exp()
                    let (a, b) = (Tensor.full([], 0.3, device: e.device), Tensor.full([], 7.0, device: e.device))
                    return [e * a + b, a, b]
                }
            ),
            (
                "a view read by another kernel", 3, [x],
                {
                    let e = ($0[0] * 2).exp()
                    return [e.transposed(0, 1).softmax(axis: 0), e - 1]
                }
            ),
            ("another order of the axes", 2, [normal([8, 8])], { [($0[0] + 1).transposed(0, 1) * $0[0]] }),
            ("an intermediate as a row", 2, [x, row], { [$0[0] * ($0[1] * 2).exp()] }),
            (
                "shapes that differ only by name", 1, [x],
                { [($0[0].reshaped([240]) + 1).reshaped([8, 30]).sigmoid().reshaped([6, 40]) * $0[0]] }
            ),
            ("channels last", 1, [picture, normal([8, 1, 1])], { [($0[0] * $0[1] + 1).relu()] }),
            ("odd lengths", 1, [normal([7, 13]), normal([13])], { [($0[0] * $0[1]).tanh() - 1] }),
            ("a single operator is its own kernel", 1, [x], { [$0[0].tanh()] }),
            (
                "what nobody wants", 1, [x],
                {
                    _ = $0[0].exp() + 3; return [$0[0] * 2]
                }
            ),
            ("fills", 1, [x], { [$0[0] + Tensor.full([6, 40], 0.25, device: $0[0].device) * 2] }),
            ("numbers alone", 1, [normal([]), normal([])], { [($0[0] + $0[1]) * $0[0].exp() / 3] }),
            (
                "more than one kernel holds", 3, [x],
                { (0..<20).reduce($0) { results, _ in [results[0] * 1.125 + 0.5] } }
            ),
            (
                "more operands than one kernel reads", 2, (0..<12).map { _ in normal([40]) },
                { [$0.reduce($0[0]) { $0 + $1 }] }
            ),
        ]
    }

    private static func handWrittenGELU(_ x: Tensor) -> Tensor {
        0.5 * x * (1 + ((x + x * x * x * 0.044715) * 0.7978845608028654).tanh())
    }

    @Test(arguments: FakeMode.allCases) func chainsHaveTheBitsOfTheirOperators(_ mode: FakeMode) async {
        await #expect(processExitsWith: .success) { [mode] in
            let device = try mode.device()
            for (name, kernels, inputs, body) in Self.cases(on: device) {
                let count = RecordedBits.expectSame(name, on: device, inputs) { inputs in
                    withoutGradients { body(inputs) }
                }
                #expect(count == kernels, "\(name): \(count) kernels")
            }
        }
    }

    @Test func derivativesOfChainsHaveTheSameBits() async {
        await #expect(processExitsWith: .success) {
            let device = try FakeMode.forward.device()
            for (name, _, inputs, body) in Self.cases(on: device) where inputs[0].dtype.isFloatingPoint {
                RecordedBits.expectSame(name, on: device, inputs) { inputs in
                    let leaves = inputs.map { $0.requiringGradient() }
                    let losses = body(leaves).filter(\.requiresGradient)
                    guard let first = losses.first else { return [] }
                    let loss = losses.dropFirst().reduce(first.to(.float32).sum()) { $0 + $1.to(.float32).sum() }
                    let gradients = loss.gradients()
                    return [loss.detached()] + leaves.compactMap { gradients[$0] }
                }
            }
        }
    }

    @Test func theSwitchTurnsChainsOff() async {
        await #expect(processExitsWith: .success) {
            let device = try FakeMode.forward.device()
            let x = Tensor.normal([6, 40], generator: Generator(seed: 1)).to(device)
            for (fuses, kernels) in [(false, 9), (true, 1)] {
                CUDA.fusesChains = fuses
                let count = RecordedBits.expectSame("GELU", on: device, [x]) { inputs in
                    withoutGradients { [Self.handWrittenGELU(inputs[0])] }
                }
                #expect(count == kernels)
            }
        }
    }

    @Test func aBodyThatThrowsLeavesNothingBehind() async {
        await #expect(processExitsWith: .success) {
            struct Failure: Error {}
            let device = try FakeMode.forward.device()
            let x = Tensor.ones([16], device: device)
            #expect(throws: Failure.self) {
                try DeviceRecording.record(on: device) {
                    _ = (x + 1) * 2
                    throw Failure()
                }
            }
            #expect(((x + 1) * 3).scalars(as: Float.self) == [Float](repeating: 6, count: 16))
        }
    }

    /// A network with an activation written by hand, trained one operator at a time and by recorded steps.
    @Test(arguments: [FakeMode.forward, .late]) func stepsWithChainsAreTheStepsWithout(_ mode: FakeMode) async {
        await #expect(processExitsWith: .success) { [mode] in
            let device = try mode.device()
            func weights(records: Bool) throws -> [Double] {
                Generator.current.manualSeed(3)
                let (first, last) = withDevice(device) { (Linear(12, 16), Linear(16, 4)) }
                let scale = Parameter(Tensor.full([16], 0.5, device: device))
                let parameters = first.parameters + last.parameters + [scale]
                let step = TrainStep(try Adam(parameters, lr: 1e-2), records: records) { inputs in
                    let h = first(inputs[0])
                    let activated = h * h.sigmoid() * scale.value + h
                    return (last(activated).crossEntropy(inputs[1]), [])
                }
                let losses = (0..<8).map { _ in
                    step([Tensor.normal([5, 12], device: device), Tensor.integers([5], in: 0..<4, device: device)])
                        .loss.item()
                }
                return losses + withoutGradients { parameters.flatMap { $0.value.scalars(as: Double.self) } }
            }
            #expect(try weights(records: false) == weights(records: true))
        }
    }
}
