import Cresset
import CressetNN
import Testing

/// Normalising a single value: what PyTorch refuses is refused, and nothing else.
@Suite struct SingleValueTests {
    @Test func singleValuesAreRefused() async {
        await #expect(processExitsWith: .failure) { _ = BatchNorm1d(2)(.ones([1, 2])) }
        await #expect(processExitsWith: .failure) { _ = BatchNorm2d(2)(.ones([1, 2, 1, 1])) }
        await #expect(processExitsWith: .failure) {
            let norm = BatchNorm3d(2, tracksRunningStatistics: false)
            norm.eval()
            _ = norm(.ones([1, 2, 1, 1, 1]))
        }
        await #expect(processExitsWith: .failure) { _ = InstanceNorm2d(2)(.ones([3, 2, 1, 1])) }
        await #expect(processExitsWith: .failure) { _ = InstanceNorm1d(2)(.ones([2, 1])) }
        await #expect(processExitsWith: .failure) { _ = GroupNorm(2, 2)(.ones([1, 2, 1, 1])) }
    }

    @Test func othersAreNot() {
        let norm = BatchNorm1d(2)
        #expect(norm(.ones([2, 2])).shape == [2, 2] && norm(.ones([1, 2, 3])).shape == [1, 2, 3])
        #expect(norm(.ones([0, 2])).shape == [0, 2])
        norm.eval()
        #expect(norm(.ones([1, 2])).shape == [1, 2])
        norm.train()
        norm.freeze()
        #expect(norm(.ones([1, 2])).shape == [1, 2])
        let instance = InstanceNorm1d(2, tracksRunningStatistics: true)
        instance.eval()
        #expect(instance(.ones([1, 2, 1])).shape == [1, 2, 1])
        #expect(GroupNorm(2, 2)(.ones([3, 2, 1, 1])).scalars(as: Float.self) == [Float](repeating: 0, count: 6))
        #expect(GroupNorm(1, 2)(.ones([1, 2])).shape == [1, 2] && LayerNorm([1])(.ones([3, 1])).shape == [3, 1])
    }
}
