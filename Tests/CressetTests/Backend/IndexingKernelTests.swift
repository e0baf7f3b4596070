import CressetBackend
import CressetCPU
import Testing

/// Gathering and scattering along each axis, for operands in any layout, compared with the definition.
@Suite struct IndexingKernelTests {
    private let orders: [(Shape, TestOperand.Order)] = [
        ([5, 7, 20], .rowMajor), ([4, 6, 5], .transposed), ([3, 4, 3], .spaced), ([40, 33], .rowMajor),
        ([9], .rowMajor),
    ]

    private func indices(_ shape: Shape, below count: Int, using generator: inout TestGenerator) -> TestOperand {
        let indices = TestOperand(shape, .int64)
        for index in indices.indices { indices[index] = Double(Int.random(in: 0..<count, using: &generator)) }
        return indices
    }

    /// The indices of `row` for every element of whole slices, as `indexSelect` passes them.
    private func spread(_ row: TestOperand, along axis: Int, of shape: Shape) -> Operand {
        var strides = Shape(repeating: 0, count: shape.count)
        strides[axis] = 1
        var operand = row.operand
        operand.shape = shape
        operand.strides = strides
        return operand
    }

    private func replacing(_ index: [Int], _ axis: Int, by place: Int) -> [Int] {
        var index = index
        index[axis] = place
        return index
    }

    @Test(arguments: [false, true]) func gathering(sharesIndices: Bool) {
        var generator = TestGenerator(seed: 21)
        for (shape, order) in orders {
            for axis in 0..<shape.count {
                let x = TestOperand(random: shape, order: order, using: &generator)
                let whole = indices(sharesIndices ? [shape[axis]] : shape, below: shape[axis], using: &generator)
                let index = sharesIndices ? spread(whole, along: axis, of: shape) : whole.operand
                let out = TestOperand(shape)
                CPUBackend.shared.gather(x.operand, axis: axis, index: index, into: out.operand)
                for at in out.indices {
                    let place = Int(whole[sharesIndices ? [at[axis]] : at])
                    #expect(out[at] == x[replacing(at, axis, by: place)])
                }
            }
        }
    }

    @Test(arguments: [ScatterOp.assign, .add, .multiply, .maximum, .minimum], [false, true])
    func scattering(_ op: ScatterOp, sharesIndices: Bool) {
        var generator = TestGenerator(seed: 22)
        for (shape, order) in orders {
            for (axis, dtype) in (0..<shape.count).flatMap({ axis in [DType.float32, .int32].map { (axis, $0) } }) {
                func values() -> TestOperand {
                    let x = TestOperand(shape, dtype, order: order)
                    for index in x.indices { x[index] = Double(Int.random(in: -3...3, using: &generator)) }
                    return x
                }
                let (x, start) = (values(), values())
                let out = TestOperand(shape, dtype)
                for index in out.indices { out[index] = start[index] }
                let whole = indices(sharesIndices ? [shape[axis]] : shape, below: shape[axis], using: &generator)
                let index = sharesIndices ? spread(whole, along: axis, of: shape) : whole.operand
                CPUBackend.shared.scatter(op, x.operand, axis: axis, index: index, into: out.operand)
                var expected: [[Int]: Double] = [:]
                for at in x.indices {
                    let place = replacing(at, axis, by: Int(whole[sharesIndices ? [at[axis]] : at]))
                    let old = expected[place] ?? start[place]
                    switch op {
                    case .assign: expected[place] = x[at]
                    case .add: expected[place] = old + x[at]
                    case .multiply: expected[place] = old * x[at]
                    case .maximum: expected[place] = max(old, x[at])
                    case .minimum: expected[place] = min(old, x[at])
                    }
                }
                for at in out.indices { #expect(out[at] == expected[at] ?? start[at]) }
            }
        }
    }

    @Test func runningSumsOfIntegersWrapAround() {
        let x = TestOperand([3], .int64), out = TestOperand([3], .int64)
        let values = x.operand.pointer.assumingMemoryBound(to: Int64.self)
        (values[0], values[1], values[2]) = (.max, 1, .max)
        CPUBackend.shared.scan(.sum, x.operand, axis: 0, into: out.operand)
        let sums = out.operand.pointer.assumingMemoryBound(to: Int64.self)
        #expect([sums[0], sums[1], sums[2]] == [.max, .min, -1])
        CPUBackend.shared.scan(.product, x.operand, axis: 0, into: out.operand)
        #expect([sums[0], sums[1], sums[2]] == [.max, .max, 1])
        (values[0], values[1]) = (-5, 3)
        CPUBackend.shared.scan(.maximum, x.operand, axis: 0, into: out.operand)
        #expect([sums[0], sums[1]] == [-5, 3])
    }
}
