import Cresset
import CressetBackend
import CressetCPU
import Testing

/// Winograd's algorithm compared with direct sums in float64, whatever the shapes.
@Suite struct WinogradTests {
    @Test func randomShapesMatchDirectSums() {
        var generator = TestGenerator(seed: 1)
        for _ in 0..<16 {
            let problem = WinogradCase(using: &generator)
            let out = problem.convolved(), exact = problem.exact()
            #expect(error(of: out, against: exact) < 1e-5, "\(problem)")
            #expect(error(of: problem.inputGradient(), against: problem.exactInputGradient()) < 1e-5, "\(problem)")
            #expect(error(of: problem.weightGradient(), against: problem.exactWeightGradient()) < 1e-5, "\(problem)")
        }
    }

    /// Large numbers of one sign, a large number among small ones, signs that alternate like the points of the transform:
    /// what the transforms cancel is large, so that the errors are relative to it.
    @Test func errorsStaySmallBesideTheLargestTerms() {
        var generator = TestGenerator(seed: 2)
        let patterns: [([Int]) -> Double] = [
            { _ in 1000 },
            { $0[2] == 3 && $0[3] == 4 ? 10000 : 0 },
            { ($0[2] + $0[3]) % 2 == 0 ? 1000 : -1000 },
            { [1, -2, 4, -8, 16, -32][$0[3] % 6] * 30 },
        ]
        for pattern in patterns {
            let problem = WinogradCase(batch: 1, channels: (32, 32), lengths: [12, 12], using: &generator)
            for index in problem.x.indices { problem.x[index] += pattern(index) }
            let largest = problem.x.indices.map { abs(problem.x[$0]) }.max()!
            // 9 x 32 terms of at most this size.
            #expect(error(of: problem.convolved(), against: problem.exact(), scale: largest * 288) < 1e-6)
        }
    }

    @Test(arguments: [
        Epilogue.none, .relu, .pointwise(.clamp, a: 0, b: 0.5), .pointwise(.silu), .pointwise(.leakyReLU, a: 0.1),
    ])
    func biasAddendAndActivationAreApplied(epilogue: Epilogue) {
        var generator = TestGenerator(seed: 3)
        for channels in [40, 64] {
            let problem = WinogradCase(batch: 2, channels: (20, channels), lengths: [6, 9], using: &generator)
            let bias = TestOperand(random: [channels], using: &generator)
            let addend = TestOperand(random: problem.out.shape, order: .channelsLast, using: &generator)
            let (wideBias, wideAddend) = (problem.double(bias), problem.double(addend))
            let exact = problem.exact(bias: wideBias, addend: wideAddend, epilogue: epilogue)
            let out = problem.convolved(bias: bias, addend: addend, epilogue: epilogue)
            let before = rootMeanSquare(problem.exact(bias: wideBias, addend: wideAddend))
            #expect(error(of: out, against: exact, scale: before) < 1e-5)
            let inPlace = problem.convolved(bias: bias, addend: addend, epilogue: epilogue, into: addend)
            #expect(inPlace.indices.allSatisfy { inPlace[$0] == out[$0] })
        }
    }

    @Test func anyNumberOfThreadsGivesTheSameBits() {
        var generator = TestGenerator(seed: 4)
        for (batch, channels, side) in [(3, 20, 13), (1, 40, 5), (2, 70, 9)] {
            let problem = WinogradCase(
                batch: batch, channels: (channels, channels + 4), lengths: [side, side], using: &generator)
            let results = [1, 2, 3].map { threads in
                withThreads(threads) {
                    [problem.convolved(), problem.inputGradient(), problem.weightGradient()].map { result in
                        result.indices.map { result[$0] }
                    }
                }
            }
            #expect(results[0] == results[1] && results[0] == results[2])
        }
    }

    @Test func nanPassesThroughTheRectifier() {
        var generator = TestGenerator(seed: 5)
        let problem = WinogradCase(batch: 1, channels: (32, 32), lengths: [9, 9], using: &generator)
        problem.x[[0, 3, 4, 4]] = .nan
        let out = problem.convolved(epilogue: .relu)
        #expect(out[[0, 0, 4, 4]].isNaN && !out[[0, 0, 8, 8]].isNaN)
    }

    /// Which sums are used depends on shapes alone: deep channels and many pixels, but not few of either.
    @Test func theChoiceFollowsTheShape() {
        func isChosen(
            _ channels: Int, _ side: Int, batch: Int = 1, fixed: Bool = true, pass: WinogradConvolution.Pass = .forward
        ) -> Bool {
            let x = TestOperand([batch, channels, side, side], order: .channelsLast)
            let weight = TestOperand([channels, channels, 3, 3])
            return WinogradConvolution(
                pass, x: x.operand, weight: weight.operand, out: x.operand, geometry: WinogradCase.geometry([1, 1]),
                weightIsFixed: fixed) != nil
        }
        #expect(isChosen(64, 56) && isChosen(64, 56, fixed: false) && isChosen(64, 56, pass: .inputGradient))
        #expect(isChosen(64, 56, pass: .weightGradient))
        #expect(!isChosen(3, 56) && !isChosen(64, 2))
        // A transformed weight pays off here only if it is kept.
        #expect(isChosen(256, 14) && !isChosen(256, 7, fixed: false))
        // What is predicted for a picture does not depend on how many there are; in training it may.
        #expect(!isChosen(512, 7) && !isChosen(512, 7, batch: 16) && isChosen(512, 7, batch: 16, fixed: false))
    }

    /// The largest difference, relative to `scale` or else to the root mean square of the exact numbers.
    private func error(of result: TestOperand, against exact: TestOperand, scale: Double? = nil) -> Double {
        let scale = scale ?? rootMeanSquare(exact)
        return exact.indices.reduce(0.0) {
            let error = abs(result[$1] - exact[$1]) / scale
            return error.isNaN ? .infinity : max($0, error)
        }
    }

    private func rootMeanSquare(_ x: TestOperand) -> Double {
        let indices = x.indices
        return (indices.reduce(0.0) { $0 + x[$1] * x[$1] } / Double(indices.count)).squareRoot()
    }
}

/// A convolution with kernels of 3 x 3 and stride 1, and the same in float64.
private final class WinogradCase: CustomStringConvertible {
    let x, weight, out: TestOperand
    let geometry: ConvolutionGeometry

    convenience init(using generator: inout TestGenerator) {
        func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
        let padding = (before: [pick(0...3), pick(0...3)], after: [pick(0...3), pick(0...3)])
        let lengths = [pick(3...11), pick(3...11)]
        self.init(
            batch: pick(1...3), channels: (pick(1...40), pick(1...70)), lengths: lengths, before: padding.before,
            after: padding.after, order: pick(0...1) == 0 ? .rowMajor : .channelsLast, using: &generator)
    }

    init(
        batch: Int, channels: (Int, Int), lengths: [Int], before: [Int] = [1, 1], after: [Int] = [1, 1],
        order: TestOperand.Order = .rowMajor, using generator: inout TestGenerator
    ) {
        let outLengths = (0..<2).map { lengths[$0] + before[$0] + after[$0] - 2 }
        geometry = Self.geometry(before, after)
        x = TestOperand(random: Shape([batch, channels.0] + lengths), order: .channelsLast, using: &generator)
        weight = TestOperand(random: [channels.1, channels.0, 3, 3], order: order, using: &generator)
        out = TestOperand(random: Shape([batch, channels.1] + outLengths), order: .channelsLast, using: &generator)
    }

    static func geometry(_ before: [Int], _ after: [Int]? = nil) -> ConvolutionGeometry {
        ConvolutionGeometry(
            window: WindowGeometry(
                kernel: [3, 3], stride: [1, 1], paddingBefore: Shape(before), paddingAfter: Shape(after ?? before),
                dilation: [1, 1]),
            groups: 1)
    }

    var description: String { "\(x.shape) by \(weight.shape) to \(out.shape), \(geometry.window.paddingBefore)" }

    func double(_ x: TestOperand) -> TestOperand {
        let wide = TestOperand(x.shape, .float64, order: x.shape.count == 4 ? .channelsLast : .rowMajor)
        for index in x.indices { wide[index] = x[index] }
        return wide
    }

    private func chosen(_ pass: WinogradConvolution.Pass) -> WinogradConvolution {
        WinogradConvolution(
            pass, x: x.operand, weight: weight.operand, out: out.operand, geometry: geometry, evenIfSlower: true)!
    }

    // MARK: Results; `out` is the gradient of the passes back

    func convolved(
        bias: TestOperand? = nil, addend: TestOperand? = nil, epilogue: Epilogue = .none,
        into result: TestOperand? = nil
    ) -> TestOperand {
        let result = result ?? TestOperand(out.shape, order: .channelsLast)
        chosen(.forward).run(
            x.operand, weight: weight.operand, bias: bias?.operand, addend: addend?.operand, epilogue: epilogue,
            into: result.operand)
        return result
    }

    func inputGradient() -> TestOperand {
        let result = TestOperand(x.shape, order: .channelsLast)
        chosen(.inputGradient).run(out.operand, weight: weight.operand, into: result.operand)
        return result
    }

    func weightGradient() -> TestOperand {
        let result = TestOperand(weight.shape)
        WinogradConvolution(
            .weightGradient, x: x.operand, weight: result.operand, out: out.operand, geometry: geometry,
            evenIfSlower: true)!.runWeightGradient(out.operand, x.operand, into: result.operand)
        return result
    }

    // MARK: The same by direct sums in float64

    private lazy var wideX = double(x)
    private lazy var wideWeight = double(weight)
    private lazy var wideOut = double(out)

    func exact(bias: TestOperand? = nil, addend: TestOperand? = nil, epilogue: Epilogue = .none) -> TestOperand {
        let result = TestOperand(out.shape, .float64, order: .channelsLast)
        CPUBackend.shared.convolution(
            wideX.operand, weight: wideWeight.operand, bias: bias?.operand, geometry: geometry,
            addend: addend?.operand, epilogue: epilogue, weightIsFixed: false, into: result.operand)
        return result
    }

    func exactInputGradient() -> TestOperand {
        let result = TestOperand(x.shape, .float64, order: .channelsLast)
        CPUBackend.shared.convolutionInputGradient(
            wideOut.operand, weight: wideWeight.operand, geometry: geometry, weightIsFixed: false,
            into: result.operand)
        return result
    }

    func exactWeightGradient() -> TestOperand {
        let result = TestOperand(weight.shape, .float64)
        CPUBackend.shared.convolutionWeightGradient(
            wideOut.operand, wideX.operand, geometry: geometry, weight: result.operand, bias: nil)
        return result
    }
}
