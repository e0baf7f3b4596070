// The same training on every device of this machine: four linear layers on handwritten digits, CPU against GPU.
//
//     swift run -c release mnist-devices [DIR]
//
// DIR contains the files of MNIST; without it, digits of the same number and size are generated. The program is the
// same for all devices: the model is created on one, and each batch is moved there.
import Cresset
import CressetData
import CressetNN
import CressetOptim
import CressetVision
import Foundation

struct Digits {
    var pictures: Tensor  // (N, 784)
    var labels: Tensor  // (N)
    var count: Int { labels.shape[0] }

    /// All samples of a data set at once.
    init(_ data: MNIST) throws {
        let all = try DataLoader(data, batchSize: data.count).batches().next()!
        pictures = all.inputs.reshaped([data.count, 784])
        labels = all.labels
    }

    /// Generated: each picture is its class's pattern plus noise.
    init(classes: Tensor, count: Int) {
        labels = Tensor.integers([count], in: 0..<10)
        pictures = classes.indexSelect(axis: 0, indices: labels) + Tensor.normal([count, 784])
    }
}

struct Result {
    var secondsPerEpoch = 0.0
    var loss = 0.0
    var accuracy = 0.0
}

func train(_ digits: Digits, test: Digits, on device: Device, batchSize: Int, epochs: Int) throws -> Result {
    Generator.current.manualSeed(1)
    let model = withDevice(device) {
        Sequential(Linear(784, 512), ReLU(), Linear(512, 256), ReLU(), Linear(256, 128), ReLU(), Linear(128, 10))
    }
    let optimizer = try Adam(model.parameters, lr: 1e-3)
    let data = TensorDataset(digits.pictures, digits.labels)
    let loader = DataLoader(data, batchSize: batchSize, shuffles: true, workers: 1, seed: 1, pinsMemory: device != .cpu)
    var result = Result()
    for epoch in 1...epochs {
        let start = Date()
        // Summed on the device: reading each loss would mean waiting for each step.
        var total = Tensor.zeros([], device: device)
        let batches = loader.batches(epoch: epoch)
        while let batch = try batches.next()?.to(device) {
            let loss = model(batch.inputs).crossEntropy(batch.labels)
            optimizer.step(loss.gradients())
            total = total + loss.detached() * Double(batch.count)
        }
        result.loss = total.item() / Double(digits.count)
        // The first epoch includes one-time work: on a GPU, compiling kernels.
        let seconds = Date().timeIntervalSince(start)
        result.secondsPerEpoch = epoch == 1 ? seconds : min(seconds, result.secondsPerEpoch)
    }
    let right = withoutGradients {
        (model(test.pictures.to(device)).argmax(axis: 1) .== test.labels.to(device)).to(.float32).mean()
    }
    result.accuracy = right.item()
    return result
}

do {
    let digits: (train: Digits, test: Digits)
    if CommandLine.arguments.count > 1 {
        let (train, test) = try MNIST.load(folder: CommandLine.arguments[1])
        digits = (try Digits(train), try Digits(test))
    } else {
        let classes = Tensor.normal([10, 784]) * 0.2
        digits = (Digits(classes: classes, count: 60_000), Digits(classes: classes, count: 10_000))
    }
    print("\(digits.train.count) pictures for training, \(digits.test.count) for testing; fastest of three epochs")
    print("device   batch   s/epoch   pictures/s     loss   accuracy   speed-up over the CPU")
    if let reason = CUDA.unavailability { print("no GPU: \(reason)") }
    for batchSize in [100, 1000] {
        var cpu = 0.0
        for device in [Device.cpu] + (0..<CUDA.deviceCount).map(Device.cuda) {
            let result = try train(digits.train, test: digits.test, on: device, batchSize: batchSize, epochs: 3)
            if device == .cpu { cpu = result.secondsPerEpoch }
            let name = device.description.padding(toLength: 7, withPad: " ", startingAt: 0)
            print(
                name,
                String(
                    format: "%6d %9.2f %12.0f %8.4f %8.2f %% %12.1f", batchSize, result.secondsPerEpoch,
                    Double(digits.train.count) / result.secondsPerEpoch, result.loss, 100 * result.accuracy,
                    cpu / result.secondsPerEpoch))
        }
    }
} catch {
    FileHandle.standardError.write(Data("error: \(error)\n".utf8))
    exit(1)
}
