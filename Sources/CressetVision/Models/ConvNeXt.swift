import CressetNN

/// Convolutional networks built like transformers: tiny, small, base and large.
///
/// *Shape*: (N, 3, H, W) gives (N, classes); sides of 32 pixels or more.
/// *Source*: Liu et al., "A ConvNet for the 2020s", 2022.
public final class ConvNeXt: FeatureModel {
    public let features: Sequential
    public let avgpool = AdaptiveAvgPool2d(1)
    /// A normalisation, flattening and the head, `classifier[2]`.
    public let classifier: Sequential
    public var heads: [Head] { [Head(lastOf: classifier, in: self)] }

    /// A network with random weights, drawn as in torchvision.
    ///
    /// - Parameters:
    ///   - channels: The number of channels of each stage.
    ///   - depths: The number of blocks of each stage.
    ///   - classes: The number of classes.
    ///   - stochasticDepth: The probability of skipping the last block; it grows from zero at the first.
    public init(channels: [Int], depths: [Int], classes: Int = 1000, stochasticDepth: Double) {
        precondition(!depths.isEmpty && channels.count == depths.count, "ConvNeXt: a number of channels for each stage")
        func norm(_ channels: Int) -> LayerNorm2d { LayerNorm2d(channels, epsilon: 1e-6) }
        let stem = Sequential(Conv2d(3, channels[0], kernelSize: 4, stride: 4), norm(channels[0]))
        var layers: [any Layer] = [stem]
        let total = depths.reduce(0, +)
        var done = 0
        for (i, (width, depth)) in zip(channels, depths).enumerated() {
            if i > 0 {
                let input = channels[i - 1]
                layers.append(Sequential(norm(input), Conv2d(input, width, kernelSize: 2, stride: 2)))
            }
            layers.append(
                Sequential(
                    (done..<done + depth).map {
                        Block(width, stochasticDepth: stochasticDepth.ofBlock($0, of: total))
                    }))
            done += depth
        }
        features = Sequential(layers)
        let width = channels[channels.count - 1]
        classifier = Sequential(norm(width), Flatten(), Linear(width, classes))
        drawWeights(
            ofConvolutions: { $0.initializeTruncatedNormal(standardDeviation: 0.02) },
            ofLinear: { $0.initializeTruncatedNormal(standardDeviation: 0.02) })
    }

    public func features(of x: Tensor) -> Tensor { avgpool(features(x)) }
    public func scores(ofFeatures x: Tensor) -> Tensor { classifier(x) }

    /// A 7×7 convolution of each channel, then two linear layers at each position.
    final class Block: Layer {
        let layerScale: Parameter
        let block: Sequential
        let stochasticDepth: StochasticDepth

        init(_ channels: Int, stochasticDepth: Double) {
            block = Sequential(
                Conv2d(channels, channels, kernelSize: 7, padding: 3, groups: channels), Permute([0, 2, 3, 1]),
                LayerNorm(channels, epsilon: 1e-6), Linear(channels, 4 * channels), GELU(),
                Linear(4 * channels, channels), Permute([0, 3, 1, 2]))
            layerScale = Parameter(.full([channels, 1, 1], 1e-6))
            self.stochasticDepth = StochasticDepth(stochasticDepth)
        }

        static var className: String { "CNBlock" }
        func forward(_ x: Tensor) -> Tensor { stochasticDepth(block(x) * layerScale.value) + x }
    }
}
