import Cresset
import CressetData
import CressetNN
import CressetOptim

/// Training four linear layers on 60,000 generated digits of 28 by 28 pixels, as a program does it: a loader makes the
/// batches, and each goes to the device and through a step of Adam.
struct DigitTraining {
    private let device: Device
    private let loader: DataLoader<TensorDataset>
    private let model: Sequential
    private let optimizer: Adam

    init(on device: Device, batch: Int, count: Int = 60_000) throws {
        self.device = device
        Generator.current.manualSeed(1)
        loader = withDevice(.cpu) {
            // A picture is its class's pattern plus noise.
            let labels = Tensor.integers([count], in: 0..<10)
            let classes = Tensor.normal([10, 784])
            let pictures = classes.indexSelect(axis: 0, indices: labels) + Tensor.uniform([count, 784])
            return DataLoader(
                TensorDataset(pictures, labels), batchSize: batch, shuffles: true, workers: 2, seed: 1,
                pinsMemory: device != .cpu)
        }
        model = withDevice(device) {
            Sequential(Linear(784, 512), ReLU(), Linear(512, 256), ReLU(), Linear(256, 128), ReLU(), Linear(128, 10))
        }
        optimizer = try Adam(model.parameters, lr: 1e-3)
    }

    /// Trains for two epochs; returns the time of the second in seconds.
    func run() throws -> Double {
        var last = 0.0
        for epoch in 1...2 {
            last = try medianSeconds(repeats: 1, warmUp: 0) {
                let batches = loader.batches(epoch: epoch)
                while let batch = try batches.next()?.to(device) {
                    let loss = model(batch.inputs).crossEntropy(batch.labels)
                    optimizer.step(loss.gradients())
                }
                device.synchronize()
            }
        }
        return last
    }
}
