import Cresset
import Testing

/// Sums of bfloat16 numbers are in float32 and float64, and rounded at the end, whatever axis is summed: a unit in the last
/// place at most, where a sum in bfloat16 would stop growing at 512.
@Suite struct BFloat16SumTests {
    @Test(arguments: [[0], [1], [2], [0, 1], [0, 2], [1, 2], [0, 1, 2]]) func areRoundedAtTheEnd(axes: [Int]) {
        for shape in [[3, 70, 40], [2, 9, 8], [40, 300, 300], [5, 1, 7]] as [Shape] {
            let x = (Tensor.normal(shape, generator: Generator(seed: 1)) + 3).to(.bfloat16)
            for x in [x, x.transposed(0, 2), x.narrowed(axis: 1, start: 0, count: shape[1] / 2 + 1)] {
                let expected = x.to(.float64).sum(axes: axes)
                let sum = x.sum(axes: axes)
                #expect(sum.dtype == .bfloat16)
                #expect(sum.isAllClose(to: expected.to(.bfloat16), relativeTolerance: 0.008, absoluteTolerance: 0))
            }
        }
    }

    @Test func infinityAndNaNStayInTheirColumns() {
        var numbers = [Float](repeating: 1, count: 64 * 16)
        (numbers[5], numbers[16 + 6]) = (.infinity, .nan)
        let sum = Tensor(numbers, shape: [64, 16]).to(.bfloat16).sum(axes: [0]).scalars(as: Float.self)
        #expect(sum[5] == .infinity && sum[6].isNaN && sum.filter { $0 == 64 }.count == 14)
    }
}
