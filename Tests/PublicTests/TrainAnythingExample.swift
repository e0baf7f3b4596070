import Cresset
import CressetData
import CressetNN
import CressetOptim
import CressetTrain
import Foundation
import Testing

/// The program of the article "Train anything with the loop", word for word.
@Suite struct TrainAnythingExample {
    // ARTICLE
    /// Values of a curve, and how far off the network is.
    struct Fit: TrainingTask {
        let network: any Layer
        let scoreNames = ["error"]
        var module: any Module { network }

        func assess(_ batch: Batch, in phase: Phase) -> Assessment {
            let difference = network(batch.inputs) - batch.labels
            return Assessment(
                loss: (difference * difference).mean(), count: batch.count, sums: ["error": difference.abs().sum()])
        }
    }

    /// Ends a run that has stopped getting better.
    final class EarlyEnd: TrainingObserver {
        private var count = 0
        func observe(_ event: TrainingEvent, of loop: TrainingLoop) {
            guard case .epochEnded(let epoch) = event else { return }
            count = epoch.isBest ? 0 : count + 1
            if count == 5 { loop.stop("five epochs without improvement") }
        }
    }

    func fit(_ points: TensorDataset, _ others: TensorDataset) throws -> Figures? {
        let network = Sequential(Linear(1, 16), Tanh(), Linear(16, 1))
        var recipe = Recipe(try AdamW(network.parameters, lr: 0.02), epochs: 30)
        recipe.schedule = .eachEpoch(CosineAnnealingLR(tMax: 30))
        recipe.clipping = .norm(1)

        let loop = TrainingLoop(Fit(network: network), recipe)
        loop.observers = [BestWeights(), EarlyEnd()]
        try loop.run(
            training: DataLoader(points, batchSize: 16, shuffles: true),
            validation: DataLoader(others, batchSize: 16))
        return loop.best?.figures
    }
    // END

    private func sine(_ count: Int) -> TensorDataset {
        let x = Tensor((0..<count).map { Float($0) / Float(count) * 6 - 3 }, shape: [count, 1])
        return TensorDataset(x, x.sin())
    }

    @Test func theCurveIsFitted() throws {
        let figures = try Generator.$current.withValue(Generator(seed: 0)) { try fit(sine(64), sine(40)) }
        #expect(try #require(figures?["error"]) < 0.25)
    }

    @Test func theArticleShowsTheseVeryLines() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardizedFileURL
        let article = try String(
            contentsOf: root.appending(path: "Sources/CressetTrain/CressetTrain.docc/TrainAnything.md"),
            encoding: .utf8)
        let source = try String(contentsOfFile: #filePath, encoding: .utf8)
        let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex(of: "    // ARTICLE"))
        let end = try #require(lines.firstIndex(of: "    // END"))
        let program = lines[(start + 1)..<end].map { $0.dropFirst(4) + "\n" }.joined()
        #expect(article.contains("```swift\n" + program + "```"))
    }
}
