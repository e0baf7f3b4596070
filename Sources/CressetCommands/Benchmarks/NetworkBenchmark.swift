import Cresset
import CressetNN
import CressetVision

// Measures of whole networks, with the names and workloads of those that measure the peers.

extension Benchmark {
    /// What a measure's name ends with, and the type of products inside; nil for that of the weights.
    private static let precisions: [(name: String, autocast: DType?, arithmetic: Work.Arithmetic)] = [
        ("f32", nil, .float32), ("bf16", .bfloat16, .bfloat16),
    ]
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
                    let measure = "infer_\(name)_b\(batch)_\(precision.name)"
                    try self.measure(measure, "img/s", work: work(name, precision.arithmetic)) {
                        try inferenceRate(name, batch) { model, _ in
                            { x in withAutocast(precision.autocast) { model(x) } }
                        }
                    }
                    try self.measure(
                        measure, "img/s", variant: "cresset_optimized", work: work(name, precision.arithmetic)
                    ) {
                        try inferenceRate(name, batch) { model, x in
                            let fast = try model.optimized(for: x, in: precision.autocast == nil ? .own : .bfloat16)
                            return { fast($0) }
                        }
                    }
                }
                try measure(
                    "infer_\(name)_b\(batch)_int8", "img/s", variant: "cresset_optimized", work: work(name, .int8)
                ) {
                    try inferenceRate(name, batch) { model, x in
                        let fast = try model.optimized(for: x, in: .int8(Int8Calibration([x])))
                        return { fast($0) }
                    }
                }
            }
        }
    }

    func runTraining() throws {
        for name in Self.trainedNetworks {
            for precision in Self.precisions {
                try measure(
                    "train_\(name)_b16_\(precision.name)", "img/s", work: work(name, precision.arithmetic, passes: 3)
                ) {
                    try trainingRate(name, isFrozen: false, autocast: precision.autocast)
                }
            }
        }
        for precision in Self.precisions {
            try measure(
                "frozen_resnet18_b16_\(precision.name)", "img/s", work: work("resnet18", precision.arithmetic)
            ) {
                try trainingRate("resnet18", isFrozen: true, autocast: precision.autocast)
            }
        }
    }

    /// Pictures a second of what `prepare` makes of a network.
    private func inferenceRate(
        _ name: String, _ batch: Int, _ prepare: (any Layer, Tensor) throws -> (Tensor) -> Tensor
    ) throws -> Double {
        let model = try ModelZoo.make(name).eval()
        let side = ImageTrainingStep.side(of: name)
        let x = Tensor.normal([batch, 3, side, side]).channelsLast()
        let call = try prepare(model, x)
        return withoutGradients { Double(batch) / medianSeconds(repeats: repeats) { _ = call(x) } }
    }

    /// What a picture takes at least: each of the three passes of training about as much as inference.
    private func work(_ name: String, _ arithmetic: Work.Arithmetic, passes: Double = 1) throws -> Work {
        let model = try ModelZoo.make(name).eval(), side = ImageTrainingStep.side(of: name)
        let operations = 2 * Double(model.summary(of: [1, 3, side, side]).multiplyAdds)
        return Work(operations: passes * operations, arithmetic: arithmetic)
    }

    private func trainingRate(_ name: String, isFrozen: Bool, autocast: DType?) throws -> Double {
        let step = try ImageTrainingStep(name, isFrozen: isFrozen, autocast: autocast)
        return Double(step.batch) / medianSeconds(repeats: repeats, step.run)
    }
}
