import Cresset
import CressetCPU
import CressetNN
import CressetOptim
import CressetVision
import Testing

/// What a training step asks of the backend, and how often it looks at a result: a GPU would have to be waited for.
@Suite struct StepRequestTests {
    private static func requests(_ body: () -> Void) -> [String: Int] {
        let before = GuardedBackend.shared.requests
        body()
        return GuardedBackend.shared.requests.merging(before) { $0 - $1 }.filter { $0.value > 0 }
    }

    /// The process is its own, because the counts are process-wide.
    @Test func aStepOfResNet18ReadsNothing() async {
        await #expect(processExitsWith: .success) {
            try withDevice(.guarded) {
                let model = try ModelZoo.make("resnet18", classes: 3)
                let optimizer = try SGD(model.parameters, lr: 0.1, momentum: 0.9)
                let pictures = Tensor.normal([2, 3, 32, 32]).channelsLast()
                let labels = Tensor.integers([2], in: 0..<3)
                // The optimizer's state is made in the first step.
                for isFirst in [true, false] {
                    var loss = Tensor(0)
                    let step = StepRequestTests.requests {
                        loss = model(pictures).crossEntropy(labels)
                        var gradients = loss.gradients()
                        _ = gradients.clip(norm: 1)
                        optimizer.step(gradients)
                    }
                    let count = step.values.reduce(0, +)
                    #expect(step["download(_:into:)"] == nil, "\(step)")
                    #expect(isFirst || count <= 184, "\(count): \(step)")
                    #expect(StepRequestTests.requests { _ = loss.item() } == ["download(_:into:)": 1])
                }
            }
        }
    }
}
