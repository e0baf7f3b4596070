import Cresset
import CressetNN
import CressetVision

// Measures of whole networks, with the names and workloads of those that measure the peers.

extension Benchmark {
    /// What a measure's name ends with, and the type of products inside; nil for that of the weights.
    private static let precisions: [(name: String, autocast: DType?)] = [("f32", nil), ("bf16", .bfloat16)]
    private static let inferredNetworks = [
        "resnet18", "resnet50", "squeezenet1_1", "densenet121", "vgg11", "inception_v3", "alexnet", "mobilenet_v2",
        "efficientnet_b0",
    ]
    private static let trainedNetworks = [
        "resnet18", "resnet50", "densenet121", "squeezenet1_1", "mobilenet_v2", "efficientnet_b0",
    ]

    func runInference() throws {
        for name in Self.inferredNetworks {
            for batch in [1, 16] {
                for precision in Self.precisions {
                    try measure("infer_\(name)_b\(batch)_\(precision.name)", "img/s") {
                        try inferenceRate(name, batch: batch, autocast: precision.autocast)
                    }
                }
            }
        }
    }

    func runTraining() throws {
        for name in Self.trainedNetworks {
            for precision in Self.precisions {
                try measure("train_\(name)_b16_\(precision.name)", "img/s") {
                    try trainingRate(name, isFrozen: false, autocast: precision.autocast)
                }
            }
        }
        for precision in Self.precisions {
            try measure("frozen_resnet18_b16_\(precision.name)", "img/s") {
                try trainingRate("resnet18", isFrozen: true, autocast: precision.autocast)
            }
        }
    }

    private func inferenceRate(_ name: String, batch: Int, autocast: DType?) throws -> Double {
        let model = try ModelZoo.make(name).eval()
        let side = ImageTrainingStep.side(of: name)
        let x = Tensor.normal([batch, 3, side, side]).channelsLast()
        return withoutGradients {
            withAutocast(autocast) { Double(batch) / medianSeconds(repeats: repeats) { _ = model(x) } }
        }
    }

    private func trainingRate(_ name: String, isFrozen: Bool, autocast: DType?) throws -> Double {
        let step = try ImageTrainingStep(name, isFrozen: isFrozen, autocast: autocast)
        return Double(step.batch) / medianSeconds(repeats: repeats, step.run)
    }
}
