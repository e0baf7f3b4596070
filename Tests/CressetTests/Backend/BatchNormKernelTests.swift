import CressetBackend
import CressetCPU
import Foundation
import Testing

/// Batch normalisation compared with its definition, and its gradient with the textbook formula.
@Suite struct BatchNormKernelTests {
    @Test(arguments: [DType.float32, .float64, .bfloat16], [TestOperand.Order.channelsLast, .rowMajor])
    func valuesAndGradientsMatchTheDefinition(dtype: DType, order: TestOperand.Order) {
        var generator = TestGenerator(seed: 5)
        for (round, shape) in [[3, 5, 4, 4], [2, 48, 3, 7], [40, 33, 2, 2], [7, 19], [4, 16, 40]].enumerated() {
            for kind in 0..<8 {
                check(
                    Shape(shape), dtype, order: order, hasAddend: kind & 1 != 0, hasRelu: kind & 2 != 0,
                    usesBatch: round != 1, inParts: kind & 4 != 0, using: &generator)
            }
        }
    }

    @Test func aLargeMeanLeavesTheVarianceAlone() {
        var generator = TestGenerator(seed: 6)
        let x = TestOperand(random: [64, 3, 8, 8], order: .channelsLast, in: 9999...10001, using: &generator)
        let (mean, variance) = (TestOperand([3]), TestOperand([3]))
        CPUBackend.shared.batchStatistics(x.operand, mean: mean.operand, variance: variance.operand)
        for channel in 0..<3 {
            let values = x.indices.filter { $0[1] == channel }.map { x[$0] }
            let centre = values.reduce(0, +) / Double(values.count)
            let spread = values.reduce(0) { $0 + ($1 - centre) * ($1 - centre) } / Double(values.count)
            #expect(abs(mean[[channel]] - centre) < 1e-3)
            #expect(abs(variance[[channel]] / spread - 1) < 1e-5)
        }
    }

    private func check(
        _ shape: Shape, _ dtype: DType, order: TestOperand.Order, hasAddend: Bool, hasRelu: Bool, usesBatch: Bool,
        inParts: Bool, using generator: inout TestGenerator
    ) {
        let order = shape.count < 3 ? .rowMajor : order
        let channels = shape[1]
        let statisticsType: DType = dtype == .float64 ? .float64 : .float32
        func channelValues(_ range: ClosedRange<Double>) -> TestOperand {
            TestOperand(random: [channels], statisticsType, in: range, using: &generator)
        }
        let x = TestOperand(random: shape, dtype, order: order, using: &generator)
        let addend = hasAddend ? TestOperand(random: shape, dtype, order: order, using: &generator) : nil
        let (mean, variance) = (channelValues(-0.5...0.5), channelValues(0.5...1.5))
        let (weight, bias) = (channelValues(0.5...1.5), channelValues(-0.5...0.5))
        let count = Double(shape.elementCount / channels)
        if usesBatch {
            CPUBackend.shared.batchStatistics(x.operand, mean: mean.operand, variance: variance.operand)
            var sums = [Double](repeating: 0, count: channels)
            var squares = sums
            for index in x.indices { sums[index[1]] += x[index] / count }
            for index in x.indices { squares[index[1]] += pow(x[index] - sums[index[1]], 2) / count }
            for c in 0..<channels {
                #expect(abs(mean[[c]] - sums[c]) < 1e-6)
                #expect(abs(variance[[c]] - squares[c]) < 1e-6)
            }
        }
        let epsilon = 1e-3
        func normalized(_ index: [Int]) -> Double {
            (x[index] - mean[[index[1]]]) / (variance[[index[1]]] + epsilon).squareRoot()
        }
        let out = TestOperand(shape, dtype, order: order)
        _ = CPUBackend.shared.batchNormalize(
            x.operand, mean: mean.operand, variance: variance.operand, weight: weight.operand, bias: bias.operand,
            epsilon: epsilon, addend: addend?.operand, epilogue: hasRelu ? .relu : .none, mask: nil,
            into: out.operand)
        var expected: [[Int]: Double] = [:]
        for index in x.indices {
            let value = normalized(index) * weight[[index[1]]] + bias[[index[1]]] + (addend?[index] ?? 0)
            expected[index] = hasRelu ? max(value, 0) : value
        }
        #expect(out.error(against: expected) < dtype.testTolerance, "\(shape) \(dtype) \(order)")

        let gradient = TestOperand(random: shape, dtype, order: order, using: &generator)
        let part = inParts ? TestOperand(random: shape, dtype, order: order, using: &generator) : nil
        let whole = TestOperand(shape, dtype, order: order)
        for index in x.indices { whole[index] = gradient[index] + (part?[index] ?? 0) }
        let (inputGradient, addendGradient) = (
            TestOperand(shape, dtype, order: order), TestOperand(shape, dtype, order: order)
        )
        let (weightGradient, biasGradient) = (
            TestOperand([channels], statisticsType), TestOperand([channels], statisticsType)
        )
        CPUBackend.shared.batchNormalizeGradient(
            gradient.operand, part: part?.operand, x: x.operand, result: hasAddend ? out.operand : nil, mask: nil,
            mean: mean.operand, variance: variance.operand, weight: weight.operand, bias: bias.operand,
            epsilon: epsilon, usesBatch: usesBatch, epilogue: hasRelu ? .relu : .none, into: inputGradient.operand,
            weightGradient: weightGradient.operand, biasGradient: biasGradient.operand,
            addendGradient: hasAddend ? addendGradient.operand : nil)
        var masked: [[Int]: Double] = [:]
        var expectedWeight: [[Int]: Double] = [:]
        var expectedBias: [[Int]: Double] = [:]
        for index in x.indices {
            let slope = hasRelu && expected[index]! <= 0 ? 0 : whole[index]
            masked[index] = slope
            expectedWeight[[index[1]], default: 0] += slope * normalized(index)
            expectedBias[[index[1]], default: 0] += slope
        }
        var expectedInput: [[Int]: Double] = [:]
        for index in x.indices {
            let c = [index[1]]
            let centred =
                usesBatch
                ? masked[index]! - expectedBias[c]! / count - normalized(index) * expectedWeight[c]! / count
                : masked[index]!
            expectedInput[index] = centred * weight[c] / (variance[c] + epsilon).squareRoot()
        }
        #expect(inputGradient.error(against: expectedInput) < dtype.testTolerance, "\(shape) \(dtype) \(order)")
        #expect(
            weightGradient.error(against: expectedWeight) < max(dtype.testTolerance, 1e-4) * 2 || dtype == .bfloat16)
        #expect(biasGradient.error(against: expectedBias) < max(dtype.testTolerance, 1e-4) * 2 || dtype == .bfloat16)
        if hasAddend { #expect(addendGradient.error(against: masked) < dtype.testTolerance) }
    }
}
