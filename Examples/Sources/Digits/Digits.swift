// Code shared by the two MNIST programs: reading the pictures, training, testing, drawing the curves.
import Cresset
import CressetData
import CressetNN
import CressetOptim
import CressetVision
import Foundation

/// A network that learns to recognise handwritten digits, and how it is trained.
public struct Digits {
    /// The program's name, for its usage message and its files.
    public let name: String
    public let title: String
    /// The highest learning rate of the run.
    public let maxLR: Double
    /// Makes the network: (N, 1, 28, 28) to (N, 10).
    public let makeModel: () -> Sequential
    public var epochs = 10
    public var batchSize = 100

    public init(name: String, title: String, maxLR: Double, makeModel: @escaping () -> Sequential) {
        self.name = name
        self.title = title
        self.maxLR = maxLR
        self.makeModel = makeModel
    }

    /// Runs the program with the command line's arguments: `[--download] DIR`.
    public func main() {
        var arguments = Array(CommandLine.arguments.dropFirst())
        let downloads = arguments.first == "--download"
        if downloads { arguments.removeFirst() }
        guard arguments.count == 1 else {
            FileHandle.standardError.write(Data("usage: \(name) [--download] DIR\n".utf8))
            exit(64)
        }
        do {
            if downloads { try MNIST.download(into: arguments[0]) }
            try run(folder: arguments[0])
        } catch {
            FileHandle.standardError.write(Data("error: \(error)\n".utf8))
            exit(1)
        }
    }

    private func run(folder: String) throws {
        Generator.current.manualSeed(1)
        let (train, test) = try MNIST.load(folder: folder)
        let trainLoader = DataLoader(train, batchSize: batchSize, shuffles: true, workers: 1, seed: 1)
        let testLoader = DataLoader(test, batchSize: 500)
        print("\(train.count) pictures for training, \(test.count) for testing")

        let model = makeModel()
        print(model.description)
        let optimizer = try Adam(model.parameters, lr: 1e-3)
        // The rate rises for the first three tenths of the steps, then falls to almost nothing.
        let schedule = OneCycleLR(maxLR: maxLR, totalSteps: epochs * trainLoader.batchCount + 1, momentumRange: nil)
        let scheduler = Scheduler(optimizer, schedule)

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
                    format: "epoch %2d  loss %.4f  test accuracy %.2f %%  %.0f s", epoch, losses.last!,
                    accuracies.last!, Date().timeIntervalSince(start)))
        }
        try draw("train", losses, of: "loss")
        try draw("test", accuracies, of: "accuracy, %")
    }

    /// The share of pictures whose digit the network recognises.
    private func accuracy(of model: Sequential, on loader: DataLoader<MNIST>) throws -> Double {
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

    private func draw(_ curve: String, _ values: [Double], of quantity: String) throws {
        var plot = LinePlot(title: title, x: "epoch", y: quantity)
        plot.add(curve, values)
        let path = "\(name)-\(quantity.prefix { $0 != "," }).svg"
        try plot.write(to: path)
        print("curve: \(path)")
    }
}
