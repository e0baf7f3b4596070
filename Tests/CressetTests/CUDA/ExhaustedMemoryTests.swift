import Cresset
import Foundation
import Testing

/// The message of exhausted memory, which names tensors, alike ones together, and memory of other kinds as such.
@Suite struct ExhaustedMemoryTests {
    @Test func namesShapesTypesAndRecordedSteps() async throws {
        let result = try await #require(
            processExitsWith: .failure, observing: [\.standardErrorContent]
        ) {
            setenv("CRESSET_CUDA_DRIVER", try FakeMachine.libraryPath(), 1)
            setenv("CRESSET_FAKE_CUDA_MEMORY", "\(96 << 20)", 1)
            let device = Device.cuda(0)
            let weights = Tensor.ones([256, 1024], dtype: .float64, device: device)
            let doubled = RecordedFunction { [($0[0] * 2 + 1) * 3] }
            for _ in 0..<4 { _ = doubled([Tensor.ones([512, 1024], dtype: .float32, device: device)]) }
            var held: [Tensor] = []
            for _ in 0..<100 { held.append(.ones([3, 1 << 20], dtype: .float16, device: device)) }
            print(weights, held.count)
        }
        let text = String(decoding: result.standardErrorContent, as: UTF8.self)
        #expect(text.contains("cuda:0: cannot allocate 6 MiB for float16 [3, 1048576]: of "), "\(text)")
        #expect(text.contains(" x float16 [3, 1048576] (6 MiB)"), "\(text)")
        #expect(text.contains("1 x float64 [256, 1024] (2 MiB)"), "\(text)")
        #expect(text.contains("1 x float32 [512, 1024] (2 MiB, in a recorded step)"), "\(text)")
        #expect(text.contains(" reserved by recorded steps, "), "\(text)")
    }
}
