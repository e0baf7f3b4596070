import Cresset
import Testing

/// Pools whose last window extends beyond the input. Expected values are from PyTorch 2.15.
@Suite struct CeilModeTests {
    private let x = Tensor([0, 1, 2, 3] as [Float], shape: [1, 1, 2, 2])

    /// The only window is larger than the input.
    @Test(arguments: [(3, 2), (4, 3)]) func aWindowMayBeLargerThanTheInput(_ kernel: Int, _ stride: Int) {
        let window = Window(stride: [stride])
        #expect(x.maxPooled(kernel: [kernel], window, ceilMode: true).scalars(as: Float.self) == [3])
        #expect(x.averagePool(kernel: [kernel], window, ceilMode: true).scalars(as: Float.self) == [1.5])
        let row = Tensor([0, 1] as [Float], shape: [1, 1, 2])
        #expect(row.maxPooled(kernel: [kernel], window, ceilMode: true).scalars(as: Float.self) == [1])
        let leaf = x.requiringGradient()
        let gradients = leaf.averagePool(kernel: [kernel], window, ceilMode: true).sum().gradients()
        #expect(gradients[leaf]?.scalars(as: Float.self) == [0.25, 0.25, 0.25, 0.25])
    }

    @Test func thereMustBeAWindow() async {
        await #expect(processExitsWith: .failure) {
            _ = Tensor.ones([1, 1, 2, 2]).maxPooled(kernel: [3], Window(stride: [1]), ceilMode: true)
        }
        await #expect(processExitsWith: .failure) {
            _ = Tensor.ones([1, 1, 2, 2]).averagePool(kernel: [5], Window(stride: [2]), ceilMode: true)
        }
    }
}
