import Cresset
import Foundation
import Testing

/// Operators whose tables come from the host, in recorded work, where nothing can be copied from the host.
@Suite struct RecordedOperatorTests {
    @Test func tablesOfPlacesAndSharesAreKept() async {
        await #expect(processExitsWith: .success) {
            setenv("CRESSET_CUDA_DRIVER", try FakeMachine.libraryPath(), 1)
            @Sendable func results(_ inputs: [Tensor]) -> [Tensor] {
                let (x, rows) = (inputs[0], inputs[1])
                return [
                    x.interpolated(size: [7, 5]), x.interpolated(size: [7, 5], mode: .linear),
                    x.interpolated(size: [3, 5], mode: .cubic), x.padded([1, 2, 2, 1], .reflect),
                    x.padded([1, 0, 0, 3], .circular), x.reshaped([6, 4]).embeddingBag(rows),
                ]
            }
            let recorded = RecordedFunction(results)
            let generator = Generator(seed: 3)
            for _ in 0..<5 {
                let inputs = [
                    Tensor.normal([1, 2, 4, 3], generator: generator),
                    Tensor.integers([2, 3], in: 0..<6, generator: generator),
                ]
                let found = recorded(inputs.map { $0.to(.cuda(0)) })
                for (own, expected) in zip(found, results(inputs)) {
                    #expect(own.to(.cpu).isAllClose(to: expected, absoluteTolerance: 1e-5))
                }
            }
        }
    }
}
