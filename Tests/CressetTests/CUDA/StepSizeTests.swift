import Cresset
import CressetNN
import CressetOptim
import CressetVision
import Foundation
import Testing

/// How much work a training step hands to the device: a change that adds kernels to every layer is noticed here.
@Suite struct StepSizeTests {
    /// A recorded step makes no copy to or from the host, which would trap.
    @Test func aStepOfResNet18HasFewOperations() async {
        await #expect(processExitsWith: .success) {
            setenv("CRESSET_CUDA_DRIVER", try FakeMachine.libraryPath(), 1)
            try withDevice(.cuda(0)) {
                let model = try ModelZoo.make("resnet18")
                let optimizer = try SGD(model.parameters, lr: 0.1, momentum: 0.9)
                let step = TrainStep(optimizer) { inputs in (model(inputs[0]).crossEntropy(inputs[1]), []) }
                let pictures = Tensor.normal([2, 3, 32, 32]).channelsLast()
                for _ in 0..<4 { _ = step([pictures, Tensor.integers([2], in: 0..<1000)]) }
                let text = step.description
                let words = text.split(separator: " ")
                let place = try #require(words.firstIndex { $0.hasPrefix("operations") })
                let count = try #require(Int(words[place - 1]))
                #expect(count <= 282, "\(text)")
            }
        }
    }
}
