import CressetOptim
import Foundation
import Testing

/// Fused steps compared with the rules written out with operators, and with themselves after an interruption.
@Suite struct FusedStepTests {
    /// Gradients of a small problem that changes from step to step, so that signs flip.
    private static func gradient(_ p: Tensor, _ step: Int) -> Tensor {
        let wave = (Tensor.arange(p.elementCount).to(p.dtype).reshaped(p.shape) * 0.37 + Double(step) * 1.3).sin()
        return p * 0.3 + wave
    }

    private static func start(_ dtype: DType) -> [Tensor] {
        // Lengths around whole vectors, and one that spans threads.
        [[1], [3, 5], [16], [17, 2], [40_000]].map { (shape: Shape) in
            ((Tensor.arange(shape.elementCount).to(.float64) * 0.61).cos()).reshaped(shape).to(dtype)
        }
    }

    private static func largestDifference(_ a: Tensor, _ b: Tensor) -> Double {
        (a.to(.float64) - b.to(.float64)).abs().amax().item()
    }

    @Test(arguments: [(DType.float64, 1e-12), (.float32, 1e-5), (.bfloat16, 0.05)])
    func stepsEqualTheRules(_ dtype: DType, _ tolerance: Double) throws {
        for rule in ReferenceRule.all {
            let parameters = Self.start(dtype).map { Parameter($0) }
            let optimizer = try rule.make(parameters)
            let steps = parameters.map { _ in rule.reference() }
            var expected = Self.start(dtype).map { $0.to(.float64) }
            withoutGradients {
                for t in 1...8 {
                    var gradients = Gradients()
                    for (i, parameter) in parameters.enumerated() {
                        let gradient = Self.gradient(expected[i], t).to(dtype)
                        gradients[parameter] = gradient
                        expected[i] = steps[i](expected[i], gradient.to(.float64), Double(t))
                    }
                    optimizer.step(gradients)
                    for (parameter, value) in zip(parameters, expected) {
                        let difference = Self.largestDifference(parameter.value, value)
                        #expect(difference <= tolerance, "\(rule.name) \(dtype) step \(t), shape \(value.shape)")
                    }
                }
            }
        }
    }

    /// Channels-last weights, and a parameter replaced halfway by one with another order of axes.
    @Test func theOrderOfAxesDoesNotMatter() throws {
        for rule in ReferenceRule.all {
            let value = (Tensor.arange(2 * 3 * 4 * 4).to(.float32) * 0.61).cos().reshaped([2, 3, 4, 4])
            let (plain, ordered) = (Parameter(value), Parameter(value.channelsLast()))
            let (a, b) = (try rule.make([plain]), try rule.make([ordered]))
            withoutGradients {
                for t in 1...6 {
                    var gradients = Gradients()
                    let gradient = Self.gradient(plain.value, t)
                    gradients[plain] = gradient
                    gradients[ordered] = gradient
                    a.step(gradients)
                    b.step(gradients)
                    if t == 3 { ordered.value = ordered.value.contiguous() }
                    #expect(
                        plain.value.scalars(as: Float.self) == ordered.value.scalars(as: Float.self), "\(rule.name)")
                }
            }
        }
    }

    @Test func goingOnFromAFileGivesTheSameBits() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "optim-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for rule in ReferenceRule.all {
            let path = folder.appending(path: "\(rule.name).safetensors").path
            let whole = Self.start(.float32).map { Parameter($0) }
            let optimizer = try rule.make(whole)
            var parts = whole
            var resumed = optimizer
            try withoutGradients {
                for t in 1...8 {
                    if t == 5 {
                        try optimizer.state.save(to: path)
                        parts = whole.map { Parameter($0.value) }
                        resumed = try rule.make(parts)
                        resumed.learningRate = 123
                        try resumed.load(OptimizerState(contentsOf: path))
                    }
                    var gradients = Gradients()
                    for parameter in whole { gradients[parameter] = Self.gradient(parameter.value, t) }
                    if t >= 5 { for parameter in parts { gradients[parameter] = Self.gradient(parameter.value, t) } }
                    optimizer.step(gradients)
                    if t >= 5 { resumed.step(gradients) }
                }
            }
            for (a, b) in zip(whole, parts) {
                #expect(a !== b && a.value.scalars(as: Float.self) == b.value.scalars(as: Float.self), "\(rule.name)")
            }
        }
    }

    @Test(arguments: [LBFGS.LineSearch.none, .strongWolfe])
    func lbfgsGoesOnFromItsState(_ search: LBFGS.LineSearch) throws {
        let (a, b) = (Parameter(Tensor([3.0, -2, 0.5] as [Double])), Parameter(Tensor([0.0, 0, 0] as [Double])))
        func loss(_ p: Parameter) -> Tensor {
            let distance = p.value - Tensor([1.0, 2, 3] as [Double])
            return (distance.squared() * Tensor([1.0, 10, 100] as [Double])).sum() + distance.squared().squared().sum()
        }
        let whole = try LBFGS([a], maxIter: 6, lineSearch: search)
        let first = try whole.step { loss(a) }
        b.value = a.value
        let resumed = try LBFGS([b], lr: 0.1, maxIter: 6, lineSearch: search)
        try resumed.load(whole.state)
        for _ in 0..<4 {
            try whole.step { loss(a) }
            try resumed.step { loss(b) }
        }
        withoutGradients {
            #expect(a.value.scalars(as: Double.self) == b.value.scalars(as: Double.self))
            let last = loss(a).item()
            #expect(last < first * (search == .none ? 1e-3 : 1e-12), "\(first) fell to \(last)")
        }
    }
}
