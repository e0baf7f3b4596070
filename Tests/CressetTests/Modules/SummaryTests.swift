import CressetNN
import CressetVision
import Foundation
import Testing

@Suite struct SummaryTests {
    /// The figures published with torchvision's weights: parameters, and multiply-adds in billions.
    @Test(arguments: [
        "resnet18", "squeezenet1_1", "mobilenet_v3_small", "shufflenet_v2_x0_5", "regnet_y_400mf", "swin_t",
    ])
    func parametersAndWorkAreThoseThatTorchvisionPublishes(_ name: String) throws {
        let weights = try PretrainedWeights.named(name)
        let side = weights.preprocessing.cropSize
        let model = try withoutInitialValues { try ModelZoo.make(name) }
        let summary = model.summary(of: [1, 3, side, side])
        #expect(summary.parameterCount == weights.parameterCount)
        #expect((Double(summary.multiplyAdds) / 1e9 * 1000).rounded() / 1000 == weights.gigaFLOPs)
    }

    @Test func everyPartHasItsShareOfTheWork() throws {
        let model = withoutInitialValues { ResNet(.basic, layers: [1, 1, 1, 1], classes: 10) }
        model.freezeBody()
        model.layer1.eval()
        let summary = model.summary(of: [2, 3, 32, 32])
        let rows = Dictionary(uniqueKeysWithValues: summary.rows.map { ($0.name, $0) })
        #expect(rows[""]?.depth == 0 && rows["layer1.0.conv1"]?.depth == 3)
        // 64 filters of 3 × 7 × 7 at 16 × 16 places of two pictures; 512 features for 10 classes.
        #expect(rows["conv1"]?.multiplyAdds == 2 * 64 * 147 * 256)
        #expect(rows["conv1"]?.outputShape == [2, 64, 16, 16])
        #expect(rows["fc"]?.multiplyAdds == 2 * 5120 && rows["fc"]?.type == "Linear")
        let parts = summary.rows.filter { $0.depth == 1 }
        #expect(parts.reduce(0) { $0 + $1.multiplyAdds } == summary.multiplyAdds)
        #expect(parts.reduce(0) { $0 + $1.parameterCount } == summary.parameterCount)
        #expect(summary.trainableParameterCount == 5130)
        // The modes are as before, and nothing was learned.
        #expect(model.bn1.isTraining && !model.layer1.isTraining)
        #expect(model.bn1.numBatchesTracked?.value.item() == 0)
        #expect(summary.inputByteCount == 2 * 3 * 32 * 32 * 4)
        let text = summary.description(depth: 1)
        #expect(text.contains("  conv1: Conv2d") && !text.contains("layer1.0") && text.contains(" frozen)"))
        #expect(text.split(separator: "\n").last?.hasPrefix("memory           ") == true)
    }

    /// Attention belongs to the module that computes it, whatever its parts do; unused parts are named.
    @Test func workBetweenLayersBelongsToTheModuleThatDoesIt() {
        final class Net: Layer {
            let first = Linear(4, 8, bias: false)
            let unused = Linear(4, 4)
            func forward(_ x: Tensor) -> Tensor {
                let y = first(x)
                return y.matmul(y.t)
            }
        }
        let model = withoutInitialValues { Net() }
        let summary = model.summary(of: .zeros([3, 4]))
        #expect(summary.rows.map(\.multiplyAdds) == [3 * 4 * 8 + 3 * 8 * 3, 3 * 4 * 8, 0])
        #expect(summary.rows.map(\.outputShape) == [[3, 3], [3, 8], nil])
        #expect(summary.description.contains("unused: Linear"))
        #expect(summary.activationByteCount == 3 * 8 * 4)
    }

    /// As PyTorch's `FlopCounterMode` has it (halved), forward and backward.
    @Test func passesOfTheBackwardSweepCountToo() {
        let layer = withoutInitialValues { Conv2d(3, 8, kernelSize: 3, padding: 1) }
        let x = Tensor.zeros([2, 3, 5, 5])
        let forward = 2 * 8 * 27 * 25
        #expect(countingMultiplyAdds { layer(x) }.count == forward)
        #expect(countingMultiplyAdds { layer(x).sum().gradients() }.count == 2 * forward)
        #expect(countingMultiplyAdds { Tensor.ones([4, 5]).matmul(Tensor.ones([2, 5, 6])) }.count == 2 * 4 * 5 * 6)
        let lstm = withoutInitialValues { LSTM(16, 32) }
        let steps = countingMultiplyAdds { withoutGradients { lstm(.zeros([7, 2, 16])).output } }.count
        #expect(steps == 7 * 2 * 128 * (16 + 32))
    }
}
