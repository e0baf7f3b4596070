import CressetData
import CressetNN
import CressetOptim
import CressetTrain
import Foundation
import Testing

/// Small versions of the networks in Examples/.
@Suite struct FirstNetworksTests {
    /// Pictures of 8 by 8 pixels, each with a bright row or a bright column in one of four positions.
    private func pictures(_ count: Int) -> (x: Tensor, y: Tensor) {
        let labels: [Int64] = Tensor.integers([count], in: 0..<8).scalars()
        let noise: [Float] = Tensor.uniform([count * 64]).scalars()
        var values = noise.map { $0 * 0.5 }
        for (i, label) in labels.enumerated() {
            let place = Int(label % 4) * 2
            for j in 0..<8 { values[i * 64 + (label < 4 ? place * 8 + j : j * 8 + place)] += 0.7 }
        }
        return (Tensor(values, shape: [count, 1, 8, 8]), Tensor(labels, shape: [count]))
    }

    private func accuracy(after steps: Int, of model: Sequential) throws -> Double {
        let optimizer = try Adam(model.parameters, lr: 3e-3)
        for _ in 0..<steps {
            let (x, y) = pictures(50)
            optimizer.step(model(x).crossEntropy(y).gradients())
        }
        model.eval()
        let (x, y) = pictures(400)
        return withoutGradients { (model(x).argmax(axis: 1) .== y).to(.float32).mean().item() }
    }

    @Test func linear() throws {
        Generator.current.manualSeed(1)
        let model = Sequential(
            Flatten(), Linear(64, 64), ReLU(), Linear(64, 32), ReLU(), Linear(32, 32), ReLU(), Linear(32, 8))
        #expect(try accuracy(after: 150, of: model) > 0.95)
    }

    @Test func convolutional() throws {
        Generator.current.manualSeed(1)
        let model = Sequential(
            Conv2d(1, 8, kernelSize: 3, padding: 1, bias: false), BatchNorm2d(8), ReLU(), MaxPool2d(2), Flatten(),
            Linear(128, 32), ReLU(), Dropout(0.1), Linear(32, 8))
        #expect(try accuracy(after: 100, of: model) > 0.95)
    }

    @Test func text() throws {
        Generator.current.manualSeed(1)
        let text = Array("a tensor is a value: nobody else can change the one you hold. ".utf8)
        let (embedding, memory, output) = (Embedding(128, 16), LSTM(16, 64, batchFirst: true), Linear(64, 128))
        let optimizer = try Adam(embedding.parameters + memory.parameters + output.parameters, lr: 1e-2)
        var loss = Double.infinity
        for step in 0..<120 {
            func piece(_ shift: Int) -> Tensor {
                let places = (0..<96).map { step * 7 + $0 / 24 * 11 + $0 % 24 + shift }
                return Tensor(places.map { Int64(text[$0 % text.count]) }, shape: [4, 24])
            }
            let scores = output(memory(embedding(piece(0))).output).flattened(from: 0, to: 1)
            let value = scores.crossEntropy(piece(1).flattened())
            var gradients = value.gradients()
            _ = gradients.clip(norm: 1)
            optimizer.step(gradients)
            loss = value.item()
        }
        #expect(loss < 0.7)
    }

    @Test func series() throws {
        Generator.current.manualSeed(1)
        let (memory, output) = (LSTM(1, 16, batchFirst: true), Linear(16, 1))
        let optimizer = try Adam(memory.parameters + output.parameters, lr: 2e-2)
        let t = Tensor.arange(40).to(.float32) + Tensor.arange(8).to(.float32).unsqueezed(at: 1)
        let wave = (t * 0.4).sin().unsqueezed(at: 2)
        let (x, y) = (wave[.all, 0..<39], wave[.all, 1..<40])
        var losses: [Double] = []
        for _ in 0..<100 {
            let loss = (output(memory(x).output) - y).squared().mean()
            optimizer.step(loss.gradients())
            losses.append(loss.item())
        }
        #expect(losses.last! < losses[0] / 20)
    }

    @Test func plot() throws {
        var plot = LinePlot(title: "a < b & c", x: "step", y: "loss")
        plot.add("train", [3, 2, .nan, 1, 0.5])
        plot.add("one", [7])
        plot.add("none", [])
        let svg = plot.svg
        #expect(svg.contains("a &lt; b &amp; c") && !svg.contains("nan") && svg.hasSuffix("</svg>\n"))
        #expect(svg.components(separatedBy: "<polyline").count - 1 == 3)
    }
}
