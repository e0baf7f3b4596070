import CressetBackend
import CressetCPU
import Foundation
import Testing

/// Softmax and its logarithm along each axis, compared with the definition.
@Suite struct SoftmaxKernelTests {
    @Test(arguments: [DType.float32, .float64, .bfloat16], [true, false])
    func valuesAndGradientsMatchTheDefinition(dtype: DType, logarithm: Bool) {
        var generator = TestGenerator(seed: 9)
        for (shape, order) in [
            ([4, 1000], TestOperand.Order.rowMajor), ([5, 7], .transposed), ([2, 19, 3, 2], .channelsLast),
            ([3, 5, 4], .spaced), ([17], .rowMajor),
        ] {
            for axis in shape.indices {
                let x = TestOperand(random: Shape(shape), dtype, order: order, in: -10...10, using: &generator)
                let gradient = TestOperand(random: Shape(shape), dtype, using: &generator)
                let out = TestOperand(Shape(shape), dtype, order: order)
                let inputGradient = TestOperand(Shape(shape), dtype)
                CPUBackend.shared.softmax(x.operand, axis: axis, logarithm: logarithm, into: out.operand)
                CPUBackend.shared.softmaxGradient(
                    gradient.operand, out.operand, axis: axis, logarithm: logarithm, into: inputGradient.operand)
                var expected: [[Int]: Double] = [:]
                var expectedInput: [[Int]: Double] = [:]
                for start in x.indices where start[axis] == 0 {
                    let row = (0..<shape[axis]).map { i in
                        var index = start
                        index[axis] = i
                        return index
                    }
                    let total = row.reduce(0) { $0 + exp(x[$1]) }
                    for index in row { expected[index] = logarithm ? x[index] - log(total) : exp(x[index]) / total }
                    let sum = row.reduce(0) { $0 + gradient[$1] * (logarithm ? 1 : out[$1]) }
                    for index in row {
                        expectedInput[index] =
                            logarithm ? gradient[index] - exp(out[index]) * sum : (gradient[index] - sum) * out[index]
                    }
                }
                #expect(out.error(against: expected) < dtype.testTolerance, "\(shape) axis \(axis)")
                #expect(inputGradient.error(against: expectedInput) < dtype.testTolerance, "\(shape) axis \(axis)")
            }
        }
    }

    @Test(arguments: [DType.float32, .float64])
    func extremesBehaveAsInPyTorch(dtype: DType) {
        func softmax(_ values: [Double]) -> [Double] {
            let x = TestOperand([values.count], dtype)
            for (i, value) in values.enumerated() { x[[i]] = value }
            CPUBackend.shared.softmax(x.operand, axis: 0, logarithm: false, into: x.operand)
            return values.indices.map { x[[$0]] }
        }
        #expect(softmax([1e30, 1e30, -1e30]) == [0.5, 0.5, 0])
        #expect(softmax([-.infinity, 0]) == [0, 1])
        #expect(softmax([-.infinity, -.infinity]).allSatisfy { $0.isNaN })
        #expect(softmax([.infinity, 0]).contains { $0.isNaN })
        #expect(softmax([.nan, 0]).allSatisfy { $0.isNaN })
    }

    @Test func exponentialsAreWithinTwoUnitsInTheLastPlace() {
        // With 0 as the maximum, the softmax of a small x is e^x / (1 + e^x).
        var worst = 0.0
        for step in 0..<4000 {
            let value = -Double(step) / 50
            let x = TestOperand([2])
            x[[0]] = value
            x[[1]] = 0
            let exact = exp(x[[0]])
            CPUBackend.shared.softmax(x.operand, axis: 0, logarithm: false, into: x.operand)
            let expected = exact / (1 + exact)
            worst = max(worst, abs(x[[0]] - expected) / Double(Float(expected).ulp))
        }
        #expect(worst < 2.5)
    }
}
