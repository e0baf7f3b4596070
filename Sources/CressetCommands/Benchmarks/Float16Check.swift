import Cresset
import CressetNN
import CressetOptim

extension Benchmark {
    /// Trains a small network in float16 with scaled losses, on the CPU and in recorded steps on the device; returns the
    /// largest relative difference of a loss, or of a scale, which is 1/2 or more if one of them skipped another step.
    func float16Difference() throws -> Double {
        let (own, expected) = (try Float16Training.run(on: device), try Float16Training.run(on: .cpu))
        return largestDifference(expected.losses + expected.scales, own.losses + own.scales)
    }
}

/// Training of a small network in float16 with scaled losses. The first scale is so large that the first steps are
/// skipped.
package enum Float16Training {
    /// The losses and scales of 24 steps.
    package static func run(
        on device: Device, records: Bool = true
    ) throws -> (losses: [Double], scales: [Double]) {
        let model = Linear(4, 2)
        model.weight.value = [[0.5, -0.25, 1, 0.125], [1, 0.75, -0.5, 0.25]]
        model.bias!.value = [0.1, -0.2]
        model.to(device)
        let optimizer = try Adam(model.parameters, lr: 0.01)
        let scaler = GradientScaler(initialScale: 0x1p24, growthInterval: 4)
        let step = TrainStep(optimizer, scaler: scaler, records: records) { inputs in
            let scores = withAutocast(.float16) { model(inputs[0]) }
            return (scores.to(.float32).crossEntropy(inputs[1]), [])
        }
        let x: Tensor = [[1.0, 2, 3, 4], [-1, 0.5, 2, 1], [4, -3, 2, 1]]
        let inputs = [x.to(device), Tensor([0, 1, 1] as [Int64]).to(device)]
        var losses: [Double] = []
        var scales: [Double] = []
        for _ in 0..<24 {
            losses.append(step(inputs).loss.item())
            scales.append(scaler.scale)
        }
        return (losses, scales)
    }
}
