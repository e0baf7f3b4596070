import Cresset
import CressetCommands
import CressetData
import CressetNN
import CressetTrain
import CressetVision
import Foundation
import Synchronization

/// Small folders of pictures that are easy to tell apart: one class is dark, the other light.
extension TemporaryFolder {
    static let classes = ["dark", "light"]

    /// Draws `train` and `val` into `data`, with the given number of pictures per class.
    func drawPictures(train: Int = 4, validation: Int = 2) throws {
        for (split, count) in [("train", train), ("val", validation)] {
            for (label, name) in Self.classes.enumerated() {
                try makeFolder("data/\(split)/\(name)")
                for number in 0..<count {
                    // No picture is in both parts.
                    let picture = Self.picture(isLight: label == 1, split == "val" ? 1000 + number : number)
                    try picture.writeJPEG(to: "\(path)/data/\(split)/\(name)/\(number).jpg")
                }
            }
        }
    }

    /// Creates a folder below this one, with its parents.
    func makeFolder(_ name: String) throws {
        try FileManager.default.createDirectory(atPath: path + "/" + name, withIntermediateDirectories: true)
    }

    private static func picture(isLight: Bool, _ number: Int) -> Image {
        let (width, height) = (48, 40)
        var random = SampleRandom(seed: isLight ? 1 : 0, epoch: 0, index: number)
        let pixels = (0..<(width * height * 3)).map { _ in
            UInt8((isLight ? 150 : 20) + random.uniform(in: 0...80))
        }
        return Image(width: width, height: height, pixels: pixels)
    }

    /// The rows of a run's figures, without those that depend on the machine's speed.
    func figures(of run: String) throws -> [[String]] {
        try text("\(run)/metrics.csv").split(separator: "\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false).dropLast(2).map(String.init)
        }
    }

    func text(_ name: String) throws -> String { try String(contentsOfFile: path + "/" + name, encoding: .utf8) }

    func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(filePath: path + "/" + name)) }

    func record(of run: String) throws -> RunRecord { try RunRecord(readingFrom: RunFolder(path: path + "/" + run)) }

    /// Whether the weights of a run give the loss and the accuracy that its record states for the best epoch.
    func bestWeightsAreIntact(in run: String) throws -> Bool {
        let record = try record(of: run)
        guard let best = record.best else { return false }
        let model = try ModelZoo.make(record.model.name, classes: record.classes.count)
        try model.load(Checkpoint.load(path + "/\(run)/model.safetensors"))
        model.eval()
        let pictures = try ImageFolder(path + "/data/val", transform: record.preprocessing.evaluation)
        let batches = DataLoader(pictures, batchSize: record.options.batchSize).batches()
        var loss = 0.0
        while let batch = try batches.next() {
            let scores = withoutGradients { model(batch.inputs) }
            loss += scores.crossEntropy(batch.labels).item() * Double(batch.count)
        }
        return abs(loss / Double(pictures.count) - best.validationLoss) < 1e-4 * (1 + best.validationLoss)
    }
}

/// Collects the lines that would go to a terminal.
final class Lines: Sendable {
    private let collected = Mutex("")
    /// Called with each piece of text.
    private let onWrite: @Sendable (String) -> Void

    init(onWrite: @escaping @Sendable (String) -> Void = { _ in }) { self.onWrite = onWrite }

    var text: String { collected.withLock { $0 } }
    var terminal: Terminal {
        Terminal(isInteractive: false) { piece in
            self.collected.withLock { $0 += piece }
            self.onWrite(piece)
        }
    }
}
