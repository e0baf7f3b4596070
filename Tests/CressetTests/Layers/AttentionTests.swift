import CressetNN
import Testing

@Suite struct AttentionTests {
    private func seeded<R>(_ body: () throws -> R) rethrows -> R {
        try Generator.$current.withValue(Generator(seed: 7), operation: body)
    }

    private func close(_ a: Tensor, _ b: Tensor) -> Bool {
        a.shape == b.shape
            && zip(a.scalars(as: Double.self), b.scalars(as: Double.self)).allSatisfy {
                abs($0 - $1) <= 1e-5
            }
    }

    @Test func causalIsTheMaskOfWhatComesLater() {
        seeded {
            let layer = MultiheadAttention(4, heads: 2)
            let x = Tensor.normal([3, 2, 4])
            let later = Tensor.ones([3, 3], dtype: .bool).upperTriangle(diagonal: 1)
            let (a, b) = (layer(x, keys: x, values: x, isCausal: true), layer(x, keys: x, values: x, mask: later))
            #expect(close(a.output, b.output) && close(a.weights!, b.weights!))
            #expect(close(a.weights!, a.weights!.lowerTriangle()))
            #expect(close(a.output, layer(x, keys: x, values: x, isCausal: true, needsWeights: false).output))
        }
    }

    @Test func paddingDoesNotMatter() {
        seeded {
            let layer = TransformerEncoderLayer(TransformerOptions(4, heads: 2, feedForward: 8, batchFirst: true))
                .eval()
            let x = Tensor.normal([2, 3, 4])
            let padded = Tensor.concatenated([x, Tensor.full([2, 2, 4], 9.0)], axis: 1)
            let isPadding = Tensor([false, false, false, true, true], shape: [1, 5]).broadcast(to: [2, 5])
            let result = layer(padded, AttentionMasks(keyPadding: isPadding))
            #expect(close(result[.all, 0..<3], layer(x)))
        }
    }

    @Test func withoutABatchIsABatchOfOne() {
        seeded {
            let network = Transformer(
                TransformerOptions(4, heads: 2, feedForward: 8, normalizesFirst: true), encoderLayers: 1,
                decoderLayers: 1
            ).eval()
            let (source, target) = (Tensor.normal([3, 4]), Tensor.normal([2, 4]))
            let one = network(source.unsqueezed(at: 1), target: target.unsqueezed(at: 1), targetMasks: .causal)
            #expect(close(network(source, target: target, targetMasks: .causal), one.squeezed(axis: 1)))
        }
    }

    @Test func keysAndValuesOfOtherLengths() {
        seeded {
            let layer = MultiheadAttention(
                4, heads: 2, addsBiasKeys: true, addsZeroAttention: true, keyDimension: 3, valueDimension: 5,
                batchFirst: true)
            let (output, weights) = layer(
                Tensor.normal([2, 6, 4]), keys: Tensor.normal([2, 7, 3]), values: Tensor.normal([2, 7, 5]),
                averagesWeights: false)
            #expect(output.shape == [2, 6, 4] && weights!.shape == [2, 2, 6, 9])
            #expect(close(weights!.sum(axes: [-1]), .ones([2, 2, 6])))
        }
    }

    @Test func gradientsAreSlopes() throws {
        try seeded {
            let layer = MultiheadAttention(4, heads: 2, addsBiasKeys: true, dtype: .float64)
            let x = Tensor.normal([3, 1, 4], dtype: .float64)
            try checkGradients([x], order: 2) { layer($0[0], keys: $0[0], values: $0[0], isCausal: true).output }
        }
    }
}
