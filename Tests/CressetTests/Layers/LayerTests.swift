import CressetNN
import Testing

@Suite struct LayerTests {
    private func close(_ a: Tensor, _ b: Tensor) -> Bool {
        a.shape == b.shape
            && zip(a.scalars(as: Double.self), b.scalars(as: Double.self)).allSatisfy {
                abs($0 - $1) <= 1e-5
            }
    }

    private func normal(_ shape: Shape) -> Tensor {
        Generator.$current.withValue(Generator(seed: 11)) { .normal(shape) }
    }

    @Test func unpoolingPutsBack() {
        let x = normal([2, 3, 4, 6])
        let (values, indices) = MaxPool2d(2).withIndices(x)
        let back = MaxUnpool2d(2)(values, indices: indices)
        #expect(back.shape == x.shape)
        // There are zeros around each element.
        #expect(close(MaxPool2d(2)(back), values.relu()))
        #expect(back.sum().item().isApproximately(values.sum().item()))
        #expect(MaxUnpool2d(2)(values[0], indices: indices[0], outputSize: [5, 6]).shape == [3, 5, 6])
    }

    @Test func foldingSumsWhatUnfoldingRepeats() {
        let x = normal([2, 3, 5, 6])
        let (unfold, fold) = (Unfold(3, padding: 1, stride: 2), Fold([5, 6], 3, padding: 1, stride: 2))
        let counts = fold(unfold(.ones(like: x)))
        #expect(close(fold(unfold(x)), x * counts))
    }

    @Test(arguments: [(ConvolutionPaddingMode.reflect, TensorPadding.reflect), (.circular, .circular)])
    func convolutionsPadAsPaddingsDo(_ modes: (ConvolutionPaddingMode, TensorPadding)) throws {
        let padded = Conv2d(3, 4, kernelSize: 3, padding: [1, 2], paddingMode: modes.0)
        let plain = Conv2d(3, 4, kernelSize: 3)
        try plain.load(padded.stateDict())
        let x = normal([2, 3, 5, 6])
        #expect(close(padded(x), plain(x.padded([2, 2, 1, 1], modes.1))))
        #expect(close(padded(x[0]), plain(x.padded([2, 2, 1, 1], modes.1))[0]))
    }

    @Test func transposedConvolutionsReachTheLengthsAskedFor() {
        let layer = ConvTranspose2d(3, 4, kernelSize: 3, stride: 2, padding: 1)
        let x = normal([2, 3, 5, 5])
        #expect(layer(x).shape == [2, 4, 9, 9])
        #expect(layer(x, outputSize: [10, 9]).shape == [2, 4, 10, 9])
    }

    @Test func instanceNormUsesRunningStatisticsInEvaluation() {
        let norm = InstanceNorm1d(3, momentum: 1, tracksRunningStatistics: true)
        let x = normal([1, 3, 8]) * 3 + 2
        let trained = norm(x)
        let evaluated = norm.eval()(x)
        // The running variance is the unbiased one.
        #expect(close(trained * (7.0 / 8).squareRoot(), evaluated))
        #expect(!close(InstanceNorm1d(3).eval()(x), x))
    }

    @Test func anEmbeddingsRows() {
        let table = Embedding(5, 3, paddingIndex: -1, maxNorm: 1)
        #expect(table.paddingIndex == 4)
        let numbers = Tensor([0, 4, 0, 2])
        let vectors = table(numbers)
        #expect(vectors[1].abs().sum().item() == 0)
        #expect(vectors.norm(axes: [1]).scalars(as: Float.self).allSatisfy { $0 <= 1.0001 })
        let gradient = vectors.sum().gradients()[table.weight]!
        #expect(gradient[0].scalars(as: Float.self) == [2, 2, 2] && gradient[4].scalars(as: Float.self) == [0, 0, 0])
        let scaled = Embedding(5, 3, scalesByFrequency: true)
        #expect(scaled(numbers).sum().gradients()[scaled.weight]![0].scalars(as: Float.self) == [1, 1, 1])
    }

    @Test func bagsWithOffsets() {
        let bag = EmbeddingBag(5, 3, mode: .sum)
        let whole = bag(Tensor([0, 1, 2, 3], shape: [2, 2]))
        #expect(close(whole, bag(Tensor([0, 1, 2, 3]), offsets: Tensor([0, 2]))))
    }

    @Test func channelsAreDroppedWhole() {
        let dropped = Dropout2d(0.5)(.ones([4, 8, 3, 3]))
        for channel in dropped.reshaped([32, 9]).unstacked() {
            #expect(Set(channel.scalars(as: Float.self)).count == 1)
        }
        #expect(close(Dropout2d(0.5).eval()(normal([4, 8, 3, 3])), normal([4, 8, 3, 3])))
    }

    @Test func lossesReduce() {
        let (x, y) = (normal([4, 3]).sigmoid(), normal([4, 3]).sigmoid().detached())
        #expect(
            KLDivLoss(reduction: .sum)(x.log(), y).item().isApproximately(
                KLDivLoss(reduction: .batchMean)(x.log(), y).item() * 4))
        let losses: [any Loss] = [L1Loss(reduction: .none), MSELoss(reduction: .none), BCELoss(reduction: .none)]
        for loss in losses { #expect(loss(x, y).shape == [4, 3]) }
        let triplet = TripletMarginLoss(margin: 0.5)
        let own = TripletMarginWithDistanceLoss(margin: 0.5)
        #expect(close(triplet(x, positive: y, negative: x), own(x, positive: y, negative: x)))
    }

    @Test func upsamplingByFactorOrLengths() {
        let x = normal([1, 2, 3, 4])
        #expect(close(Upsample(scale: 2)(x), Upsample(size: [6, 8])(x)))
        #expect(close(PixelUnshuffle(2)(PixelShuffle(2)(normal([1, 8, 3, 3]))), normal([1, 8, 3, 3])))
    }
}

extension Double {
    fileprivate func isApproximately(_ other: Double) -> Bool { abs(self - other) < 1e-4 * max(1, abs(other)) }
}
