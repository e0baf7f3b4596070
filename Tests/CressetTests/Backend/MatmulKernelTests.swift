import CressetBackend
import CressetCPU
import Testing

/// Matrix products compared with the definition.
@Suite struct MatmulKernelTests {
    @Test(arguments: [DType.float32, .float64, .bfloat16, .int64, .int32])
    func randomProductsMatchTheDefinition(dtype: DType) {
        var generator = TestGenerator(seed: 4)
        let orders: [TestOperand.Order] = [.rowMajor, .transposed, .spaced]
        for round in 0..<60 {
            func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
            // Some products are larger than one tile of our own loops; they have no batch, so that the test stays fast.
            let batch = round % 20 < 2 ? [] : (0..<pick(0...3)).map { _ in pick(1...3) }
            let m = round % 20 == 0 ? pick(60...70) : pick(1...9)
            let n = round % 20 == 0 ? pick(60...70) : pick(1...9)
            let k = round % 20 == 1 ? pick(250...300) : pick(1...9)
            let range: ClosedRange<Double> = dtype.isFloatingPoint ? -1...1 : -9...9
            func make(_ lengths: [Int]) -> TestOperand {
                TestOperand(
                    random: Shape(lengths), dtype, order: orders[pick(0...2)], in: range, using: &generator)
            }
            // Batch axes over which one operand is broadcast, or both.
            let aBatch = batch.map { pick(0...2) == 0 ? 1 : $0 }
            let bBatch = batch.map { pick(0...2) == 0 ? 1 : $0 }
            let a = make(aBatch + [m, k])
            let b = make(bBatch + [k, n])
            let bias = pick(0...1) == 0 ? TestOperand(random: [n], dtype, in: range, using: &generator) : nil
            let hasRelu = pick(0...1) == 0
            let out = TestOperand(Shape(batch + [m, n]), dtype, order: orders[pick(0...2)])
            var expected: [[Int]: Double] = [:]
            for index in out.indices {
                let outer = index.dropLast(2)
                let left = zip(outer, aBatch).map { $1 == 1 ? 0 : $0 }
                let right = zip(outer, bBatch).map { $1 == 1 ? 0 : $0 }
                var sum = bias.map { $0[[index[index.count - 1]]] } ?? 0
                for i in 0..<k {
                    sum += a[left + [index[index.count - 2], i]] * b[right + [i, index[index.count - 1]]]
                }
                expected[index] = hasRelu ? max(sum, 0) : sum
            }
            CPUBackend.shared.matmul(
                Self.broadcast(a.operand, batch), Self.broadcast(b.operand, batch), bias: bias?.operand,
                epilogue: hasRelu ? .relu : .none, into: out.operand)
            #expect(
                out.error(against: expected) < (dtype == .float32 ? 1e-4 : dtype.testTolerance),
                "\(a.operand.shape) \(a.operand.strides) x \(b.operand.shape) \(b.operand.strides) -> \(out.operand.strides)"
            )
        }
    }

    @Test(arguments: [DType.float32, .float64, .int64])
    func sumsOverNothingAreTheBias(dtype: DType) {
        let a = TestOperand([2, 0], dtype)
        let b = TestOperand([0, 3], dtype)
        let bias = TestOperand([3], dtype)
        for i in 0..<3 { bias[[i]] = Double(i) }
        let out = TestOperand([2, 3], dtype)
        CPUBackend.shared.matmul(a.operand, b.operand, bias: bias.operand, epilogue: .none, into: out.operand)
        #expect(out.indices.allSatisfy { out[$0] == Double($0[1]) })
        CPUBackend.shared.matmul(a.operand, b.operand, bias: nil, epilogue: .none, into: out.operand)
        #expect(out.indices.allSatisfy { out[$0] == 0 })
    }

    @Test func aBroadcastMatrixIsReadWithStridesOfZero() {
        let a = TestOperand([1, 1])
        a[[0, 0]] = 2
        var ones = a.operand
        (ones.shape, ones.strides) = ([3, 4], [0, 0])
        let out = TestOperand([3, 3])
        var transposed = ones
        transposed.shape = [4, 3]
        CPUBackend.shared.matmul(ones, transposed, bias: nil, epilogue: .none, into: out.operand)
        #expect(out.indices.allSatisfy { out[$0] == 16 })
    }

    private static func broadcast(_ operand: Operand, _ batch: [Int]) -> Operand {
        var result = operand
        for (axis, length) in batch.enumerated() where operand.shape[axis] != length {
            result.shape[axis] = length
            result.strides[axis] = 0
        }
        return result
    }
}
