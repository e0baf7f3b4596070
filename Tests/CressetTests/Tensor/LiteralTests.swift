import Cresset
import Testing

/// Types as torch.tensor of PyTorch 2.9 chooses them.
@Suite struct LiteralTests {
    @Test func nestingGivesTheShape() {
        let matrix: Tensor = [[1, 2, 3], [4, 5, 6]]
        #expect(matrix.shape == [2, 3] && matrix.dtype == .int64)
        #expect(matrix.scalars(as: Int64.self) == [1, 2, 3, 4, 5, 6])
        #expect(Tensor([[[1.5], [-2]], [[3], [4]]]).shape == [2, 2, 1])
        let empty: Tensor = []
        #expect(empty.shape == [0] && empty.dtype == .float32)
        #expect(Tensor([[], []]).shape == [2, 0])
    }

    @Test func numbersGiveTheType() {
        #expect(Tensor([[1.0, 2], [3, 4]]).dtype == .float32)
        #expect(Tensor([1, 2.5]).scalars(as: Float.self) == [1, 2.5])
        #expect(Tensor([true, false]).dtype == .bool)
        #expect(Tensor([true, 3]).scalars(as: Int64.self) == [1, 3])
        #expect(Tensor([9_007_199_254_740_993, 1]).scalars(as: Int64.self) == [9_007_199_254_740_993, 1])
        #expect(Tensor(2.5).dtype == .float32 && Tensor(2).dtype == .int64 && Tensor(true).dtype == .bool)
    }

    @Test func arraysKeepTheirElementType() {
        let rows: [[Float]] = [[1, 2], [3, 4]]
        #expect(Tensor(rows).shape == [2, 2] && Tensor(rows).dtype == .float32)
        let values = [1.0, 2.0]
        #expect(Tensor(values).dtype == .float64)
        #expect(Tensor([values, values]).dtype == .float64)
        #expect(Tensor([1, 2] as [UInt8]).dtype == .uint8)
    }

    @Test func literalsStandBesideTensors() {
        let x: Tensor = [[1.0, 2], [3, 4]]
        #expect((x * [10, 100]).scalars(as: Float.self) == [10, 200, 30, 400])
        #expect(x.matmul([[1.0], [1]]).scalars(as: Float.self) == [3, 7])
    }

    @Test func listsOfOneDepthAreEquallyLong() async {
        await #expect(processExitsWith: .failure) { _ = Tensor([[1, 2], [3]]) }
        await #expect(processExitsWith: .failure) { _ = Tensor([[1], 2]) }
        await #expect(processExitsWith: .failure) { _ = Tensor([[1.0, 2] as [Float], [3]]) }
    }
}
