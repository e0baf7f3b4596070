import Cresset
import Testing

/// The products of views, whose matrices lie between one another, overlap, or are parts of wider ones, are those of
/// their copies.
@Suite struct ProductLayoutTests {
    private static func random(_ shape: Shape, _ seed: UInt64) -> Tensor {
        .normal(shape, generator: Generator(seed: seed))
    }

    private func expectSame(_ a: Tensor, _ b: Tensor, at location: SourceLocation = #_sourceLocation) {
        let (ours, expected): ([Double], [Double]) = (
            a.matmul(b).scalars(), a.contiguous().matmul(b.contiguous()).scalars()
        )
        let difference = zip(ours, expected).map { abs($0 - $1) }.max() ?? .infinity
        #expect(
            ours.count == expected.count && difference < 1e-5, "\(a.strides) \(b.strides)", sourceLocation: location)
    }

    @Test(arguments: [(2, 3), (3, 1), (2, 1), (3, 2), (1, 2)])
    func windows(size: Int, step: Int) {
        for axis in [1, 2] {
            let windows = Self.random([3, 5, 6], 1).unfolded(axis: axis, size: size, step: step)
            expectSame(windows, windows.transposed(-1, -2))
            expectSame(windows.transposed(-1, -2), windows)
            expectSame(windows.transposed(0, 1), Self.random([size, 4], 2))
        }
    }

    @Test func partsOfWiderMatricesForEachOfABatch() {
        let wide = Self.random([4, 9], 3).narrowed(axis: 1, start: 2, count: 5)
        let batch = Self.random([3, 2, 5, 4], 4)
        expectSame(wide, batch)
        expectSame(batch.transposed(0, 1), wide)
        expectSame(wide.transposed(0, 1), batch.transposed(2, 3))
        let parts = Self.random([3, 2, 7, 8], 5).narrowed(axis: 2, start: 1, count: 5).narrowed(
            axis: 3, start: 0, count: 4)
        expectSame(wide, parts)
        expectSame(parts.transposed(0, 1).transposed(2, 3), Self.random([2, 1, 5, 3], 6))
    }
}
