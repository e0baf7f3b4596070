import CressetBackend
import CressetCPU
import Testing

/// Pools and their gradients compared with loops that spell out the definition.
@Suite struct PoolKernelTests {
    @Test(arguments: [DType.float32, .float64, .bfloat16])
    func maxPoolsMatchTheDefinition(dtype: DType) {
        var generator = TestGenerator(seed: 7)
        for round in 0..<20 {
            let pool = PoolCase(spatialRank: round % 3 + 1, using: &generator)
            let x = TestOperand(random: pool.inShape, dtype, order: .channelsLast, using: &generator)
            if round % 4 == 0 { x[x.indices[3]] = .nan }
            let indexType: DType = round % 2 == 0 ? .int64 : .int32
            let out = TestOperand(pool.outShape, dtype, order: .channelsLast)
            let places = TestOperand(pool.outShape, indexType, order: .channelsLast)
            CPUBackend.shared.maxPool(x.operand, window: pool.window, indices: places.operand, into: out.operand)
            let gradient = TestOperand(random: pool.outShape, dtype, order: .channelsLast, using: &generator)
            var expectedInput = Dictionary(uniqueKeysWithValues: x.indices.map { ($0, 0.0) })
            for index in out.indices {
                var best: (value: Double, at: [Int])?
                for position in pool.inputs(of: index) {
                    let value = x[position]
                    if best == nil || value > best!.value || value.isNaN { best = (value, position) }
                }
                #expect(out[index] == best!.value || out[index].isNaN && best!.value.isNaN)
                #expect(Int(places[index]) == pool.flat(best!.at))
                expectedInput[best!.at]! += gradient[index]
            }
            let inputGradient = TestOperand(pool.inShape, dtype, order: .channelsLast)
            CPUBackend.shared.maxPoolGradient(
                gradient.operand, indices: places.operand, window: pool.window, into: inputGradient.operand)
            #expect(inputGradient.error(against: expectedInput) < dtype.testTolerance)
        }
    }

    @Test(arguments: [DType.float32, .float64, .bfloat16], [true, false])
    func averagePoolsMatchTheDefinition(dtype: DType, countsPadding: Bool) {
        var generator = TestGenerator(seed: 8)
        for round in 0..<20 {
            let pool = PoolCase(spatialRank: round % 3 + 1, using: &generator)
            let x = TestOperand(random: pool.inShape, dtype, order: .channelsLast, using: &generator)
            let divisor = round % 5 == 0 ? 3 : nil
            let out = TestOperand(pool.outShape, dtype, order: .channelsLast)
            CPUBackend.shared.averagePool(
                x.operand, window: pool.window, countsPadding: countsPadding, divisor: divisor, into: out.operand)
            let gradient = TestOperand(random: pool.outShape, dtype, order: .channelsLast, using: &generator)
            var expected: [[Int]: Double] = [:]
            var expectedInput = Dictionary(uniqueKeysWithValues: x.indices.map { ($0, 0.0) })
            for index in out.indices {
                let inputs = pool.inputs(of: index)
                let count = Double(divisor ?? (countsPadding ? pool.paddedCount(of: index) : inputs.count))
                expected[index] = inputs.reduce(0) { $0 + x[$1] } / count
                for position in inputs { expectedInput[position]! += gradient[index] / count }
            }
            #expect(out.error(against: expected) < dtype.testTolerance)
            let inputGradient = TestOperand(pool.inShape, dtype, order: .channelsLast)
            CPUBackend.shared.averagePoolGradient(
                gradient.operand, window: pool.window, countsPadding: countsPadding, divisor: divisor,
                into: inputGradient.operand)
            #expect(inputGradient.error(against: expectedInput) < dtype.testTolerance)
        }
    }
}

/// One pool with random lengths, whose last window may extend beyond the padding.
private struct PoolCase {
    let window: WindowGeometry
    let inShape, outShape: Shape

    init(spatialRank: Int, using generator: inout TestGenerator) {
        func axes(_ range: ClosedRange<Int>) -> [Int] {
            (0..<spatialRank).map { _ in Int.random(in: range, using: &generator) }
        }
        let kernel = axes(2...3)
        let stride = axes(1...3)
        let dilation = axes(1...2)
        let before = axes(0...1)
        let after = axes(0...1)
        let lengths = axes(6...8)
        let roundsUp = Bool.random(using: &generator)
        let outLengths = (0..<spatialRank).map { axis in
            let room = lengths[axis] + before[axis] + after[axis] - dilation[axis] * (kernel[axis] - 1) - 1
            let count = (room + (roundsUp ? stride[axis] - 1 : 0)) / stride[axis] + 1
            // As in PyTorch, no window starts in the padding after the input.
            return (count - 1) * stride[axis] >= lengths[axis] + before[axis] ? count - 1 : count
        }
        window = WindowGeometry(
            kernel: Shape(kernel), stride: Shape(stride), paddingBefore: Shape(before), paddingAfter: Shape(after),
            dilation: Shape(dilation))
        let outer = [Int.random(in: 1...2, using: &generator), [3, 16, 21, 70].randomElement(using: &generator)!]
        inShape = Shape(outer + lengths)
        outShape = Shape(outer + outLengths)
    }

    private func positions(of out: [Int]) -> [[Int]] {
        TestOperand.indices(Array(window.kernel)).map { tap in
            tap.indices.map {
                out[2 + $0] * window.stride[$0] - window.paddingBefore[$0] + tap[$0] * window.dilation[$0]
            }
        }
    }

    func inputs(of out: [Int]) -> [[Int]] {
        positions(of: out).filter { position in
            position.indices.allSatisfy { position[$0] >= 0 && position[$0] < inShape[2 + $0] }
        }.map { [out[0], out[1]] + $0 }
    }

    func paddedCount(of out: [Int]) -> Int {
        positions(of: out).filter { position in
            position.indices.allSatisfy { position[$0] < inShape[2 + $0] + window.paddingAfter[$0] }
        }.count
    }

    func flat(_ index: [Int]) -> Int {
        index.indices.dropFirst(2).reduce(0) { $0 * inShape[$1] + index[$1] }
    }
}
