import CressetNN
import Testing

/// Initial weights as PyTorch 2.15 draws them from the same seed, identified by a weighted sum of all elements.
@Suite struct InitialWeightTests {
    /// The elements times 1, 2, … 7, 1, …
    private func sum(_ parameters: [Parameter]) -> Double {
        var sum = 0.0
        var i = 0
        for parameter in parameters {
            let elements: [Double] = withoutGradients { parameter.value.scalars() }
            for element in elements {
                sum += element * Double(i % 7 + 1)
                i += 1
            }
        }
        return sum
    }

    struct Drawn: Sendable, CustomTestStringConvertible {
        let name: String
        let sum: Double
        let make: @Sendable () -> any Module
        var testDescription: String { name }

        init(_ name: String, _ sum: Double, _ make: @escaping @Sendable () -> any Module) {
            (self.name, self.sum, self.make) = (name, sum, make)
        }

        static let layers: [Drawn] = [
            Drawn("Linear", 2.543_727) { Linear(7, 5) },
            Drawn("Bilinear", 8.341_173) { Bilinear(3, 4, 5) },
            Drawn("Conv1d", 2.513_453) { Conv1d(4, 6, kernelSize: 3, groups: 2) },
            Drawn("Conv2d", -1.778_241) { Conv2d(3, 8, kernelSize: 3) },
            Drawn("Conv3d", 2.415_351) { Conv3d(2, 3, kernelSize: 2) },
            Drawn("ConvTranspose1d", 2.052_226) { ConvTranspose1d(4, 6, kernelSize: 3, groups: 2) },
            Drawn("ConvTranspose2d", 1.094_959) { ConvTranspose2d(4, 3, kernelSize: 3) },
            Drawn("ConvTranspose3d", 1.972_126) { ConvTranspose3d(2, 3, kernelSize: 2) },
            Drawn("Embedding", 18.222_933) { Embedding(10, 4) },
            Drawn("Embedding with padding", 30.345_957) { Embedding(10, 3, paddingIndex: 2) },
            Drawn("EmbeddingBag", -15.804_967) { EmbeddingBag(9, 5) },
            Drawn("RNN", -11.471_290) { RNN(4, 5, layers: 2, isBidirectional: true) },
            Drawn("LSTM", -14.911_910) { LSTM(4, 5, layers: 2) },
            Drawn("LSTM with projection", -9.710_285) { LSTM(4, 5, projectionSize: 3) },
            Drawn("GRU", -10.081_322) { GRU(3, 6, bias: false) },
            Drawn("LSTMCell", -3.671_014) { LSTMCell(3, 4) },
            Drawn("GRUCell", 3.655_055) { GRUCell(3, 4) },
            Drawn("RNNCell", 6.450_113) { RNNCell(3, 4) },
            Drawn("MultiheadAttention", -4.867_549) { MultiheadAttention(6, heads: 2) },
            Drawn("MultiheadAttention of three widths", -0.518_210) {
                MultiheadAttention(6, heads: 3, addsBiasKeys: true, keyDimension: 4, valueDimension: 5)
            },
            Drawn("TransformerEncoderLayer", 44.266_226) {
                TransformerEncoderLayer(TransformerOptions(4, heads: 2, feedForward: 8))
            },
            Drawn("TransformerDecoderLayer", 21.934_819) {
                TransformerDecoderLayer(TransformerOptions(4, heads: 2, feedForward: 8))
            },
            Drawn("Transformer", 120.215_936) {
                Transformer(TransformerOptions(4, heads: 2, feedForward: 8), encoderLayers: 2, decoderLayers: 1)
            },
            Drawn("PReLU", 1.5) { PReLU(3) },
            Drawn("LayerNorm", 10) { LayerNorm([4]) },
            Drawn("BatchNorm2d", 6) { BatchNorm2d(3) },
        ]
    }

    @Test(arguments: Drawn.layers)
    func layersBeginAsPyTorchs(_ layer: Drawn) {
        let module = Generator.$current.withValue(Generator(seed: 7)) { layer.make() }
        #expect(abs(sum(module.parameters) - layer.sum) < 1e-4)
    }

    struct Way: Sendable, CustomTestStringConvertible {
        let name: String
        let shape: Shape
        let sum: Double
        let draw: @Sendable (Parameter) -> Void
        var testDescription: String { name }

        init(_ name: String, _ shape: Shape, _ sum: Double, _ draw: @escaping @Sendable (Parameter) -> Void) {
            (self.name, self.shape, self.sum, self.draw) = (name, shape, sum, draw)
        }

        static let all: [Way] = [
            Way("uniform", [20, 7], 576.734_219) { $0.initializeUniform(in: -1..<3) },
            Way("normal", [20, 7], 556.474_321) { $0.initializeNormal(mean: 1, standardDeviation: 2) },
            Way("truncated normal", [20, 7], 257.111_602) {
                $0.initializeTruncatedNormal(mean: 0.5, standardDeviation: 0.5, bounds: 0...1)
            },
            Way("tail of a normal", [20, 7], 1172.460_123) { $0.initializeTruncatedNormal(bounds: 2...2.2) },
            Way("Xavier uniform", [6, 4, 3], 20.645_528) { $0.initializeXavierUniform(gain: 2) },
            Way("Xavier normal", [6, 4, 3], -4.131_695) { $0.initializeXavierNormal() },
            Way("Kaiming uniform", [6, 4, 3], 19.235_336) { $0.initializeKaimingUniform(nonlinearity: .tanh) },
            Way("Kaiming normal", [6, 4, 3], -2.828_778) {
                $0.initializeKaimingNormal(fanOut: true, nonlinearity: .selu)
            },
            Way("Kaiming normal, leaky", [6, 4, 3], -6.405_921) {
                $0.initializeKaimingNormal(nonlinearity: .leakyReLU(slope: 0.2))
            },
            Way("orthogonal, wide", [5, 9], -27.499_355) { $0.initializeOrthogonal(gain: 2) },
            Way("orthogonal, tall", [12, 3, 2], -8.494_816) { $0.initializeOrthogonal() },
            Way("sparse", [10, 6], 5.463_79) { $0.initializeSparse(sparsity: 0.25, standardDeviation: 1) },
            Way("Dirac", [6, 2, 3, 5], 15) { $0.initializeDirac(groups: 2) },
            Way("identity", [3, 5], 14) { $0.initializeIdentity() },
        ]
    }

    @Test(arguments: Way.all)
    func initialisersDrawAsPyTorchs(_ way: Way) {
        let parameter = Parameter(.zeros(way.shape))
        Generator.$current.withValue(Generator(seed: 5)) { way.draw(parameter) }
        #expect(abs(sum([parameter]) - way.sum) < 1e-4)
    }
}
