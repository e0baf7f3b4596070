// Recognises handwritten digits by two convolutions and two linear layers.
//
//     swift run -c release mnist-convolutional [--download] DIR
import Cresset
import CressetData
import CressetNN
import CressetOptim
import CressetTrain
import CressetVision
import Foundation

let epochs = 10
let batchSize = 100

/// The share of pictures whose digit the network finds.
func accuracy(of model: Sequential, on loader: DataLoader<MNIST>) throws -> Double {
    model.eval()
    defer { model.train() }
    var right = 0.0
    let batches = loader.batches()
    while let batch = try batches.next() {
        let digits = withoutGradients { model(batch.inputs).argmax(axis: 1) }
        right += (digits .== batch.labels).to(.float32).sum().item()
    }
    return right / Double(loader.dataset.count)
}

func run(folder: String) throws {
    Generator.current.manualSeed(1)
    let (train, test) = try MNIST.load(folder: folder)
    let trainLoader = DataLoader(train, batchSize: batchSize, shuffles: true, workers: 1, seed: 1)
    let testLoader = DataLoader(test, batchSize: 500)
    print("\(train.count) pictures to train, \(test.count) to test")

    let model = Sequential(
        // (N, 1, 28, 28) to (N, 16, 14, 14)
        Conv2d(1, 16, kernelSize: 5, padding: 2, bias: false), BatchNorm2d(16), ReLU(), MaxPool2d(2),
        // to (N, 32, 7, 7)
        Conv2d(16, 32, kernelSize: 5, padding: 2, bias: false), BatchNorm2d(32), ReLU(), MaxPool2d(2),
        Flatten(), Linear(32 * 7 * 7, 128), ReLU(), Dropout(0.3),
        Linear(128, 10))
    print("\(model)")
    let optimizer = try Adam(model.parameters, lr: 1e-3)
    // The rate rises for three tenths of the steps, then falls to almost nothing.
    let scheduler = Scheduler(
        optimizer,
        OneCycleLR(maxLR: 4e-3, totalSteps: epochs * trainLoader.batchCount + 1, momentumRange: nil))

    var losses: [Double] = []
    var accuracies: [Double] = []
    let start = Date()
    for epoch in 1...epochs {
        var total = 0.0
        let batches = trainLoader.batches(epoch: epoch)
        while let batch = try batches.next() {
            let loss = model(batch.inputs).crossEntropy(batch.labels)
            optimizer.step(loss.gradients())
            scheduler.step()
            total += loss.item() * Double(batch.count)
        }
        losses.append(total / Double(train.count))
        accuracies.append(100 * (try accuracy(of: model, on: testLoader)))
        print(
            String(
                format: "epoch %2d  loss %.4f  test accuracy %.2f %%  %.0f s", epoch, losses.last!, accuracies.last!,
                Date().timeIntervalSince(start)))
    }

    var lossPlot = LinePlot(title: "MNIST, convolutional", x: "epoch", y: "loss")
    lossPlot.add("train", losses)
    try lossPlot.write(to: "mnist-convolutional-loss.svg")
    var accuracyPlot = LinePlot(title: "MNIST, convolutional", x: "epoch", y: "accuracy, %")
    accuracyPlot.add("test", accuracies)
    try accuracyPlot.write(to: "mnist-convolutional-accuracy.svg")
    print("curves: mnist-convolutional-loss.svg, mnist-convolutional-accuracy.svg")
}

var arguments = Array(CommandLine.arguments.dropFirst())
let downloads = arguments.first == "--download"
if downloads { arguments.removeFirst() }
guard arguments.count == 1 else {
    print("usage: mnist-convolutional [--download] DIR")
    exit(64)
}
do {
    if downloads { try MNIST.download(into: arguments[0]) }
    try run(folder: arguments[0])
} catch {
    FileHandle.standardError.write(Data("error: \(error)\n".utf8))
    exit(1)
}
