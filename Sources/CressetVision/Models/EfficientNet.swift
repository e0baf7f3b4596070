import CressetNN

/// Networks of inverted residuals whose width, depth and picture size grow together: EfficientNet B0 to B7, and the
/// second version's S, M and L.
///
/// *Shape*: (N, 3, H, W) gives (N, classes), for any size (the second version: sides of 33 pixels or more).
/// *Source*: Tan and Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", 2019, and
/// "EfficientNetV2: Smaller Models and Faster Training", 2021.
public final class EfficientNet: FeatureModel {
    public let features: Sequential
    public let avgpool = AdaptiveAvgPool2d(1)
    /// Dropout and the head, `classifier[1]`.
    public let classifier: Sequential
    public var heads: [Head] { [Head(lastOf: classifier, in: self)] }

    /// Blocks of one kind in sequence: a row of the papers' tables.
    struct Stage {
        /// Whether the first two convolutions of a block are one (`FusedMBConv`).
        var isFused = false
        var expansion, kernel, stride, input, output, count: Int

        init(_ expansion: Int, _ kernel: Int, _ stride: Int, _ input: Int, _ output: Int, _ count: Int) {
            (self.expansion, self.kernel, self.stride) = (expansion, kernel, stride)
            (self.input, self.output, self.count) = (input, output, count)
        }

        static func fused(
            _ expansion: Int, _ kernel: Int, _ stride: Int, _ input: Int, _ output: Int, _ count: Int
        ) -> Stage {
            var stage = Stage(expansion, kernel, stride, input, output, count)
            stage.isFused = true
            return stage
        }

        /// The row of each block: only the first changes the number of channels and the size.
        var blocks: [Stage] {
            (0..<count).map { i in
                var block = self
                if i > 0 { (block.input, block.stride) = (output, 1) }
                return block
            }
        }

        func scaled(width: Double, depth: Double) -> Stage {
            Stage(
                expansion, kernel, stride, (Double(input) * width).channels(), (Double(output) * width).channels(),
                Int((Double(count) * depth).rounded(.up)))
        }
    }

    /// The sizes and settings of one network.
    public struct Variant: Sendable {
        let stages: [Stage]
        let lastChannels: Int?
        let dropout: Double
        var epsilon = 1e-5
        var momentum = 0.1

        func norm(_ channels: Int) -> BatchNorm2d { BatchNorm2d(channels, epsilon: epsilon, momentum: momentum) }
    }

    /// A network with random weights, drawn as in torchvision.
    ///
    /// - Parameters:
    ///   - variant: Which of the networks: `.b0`, `.v2Small` and so on.
    ///   - classes: The number of classes.
    ///   - dropout: The probability of dropping each feature before the head; the paper's if nil.
    ///   - stochasticDepth: The probability of skipping the last block; it grows from zero at the first.
    public init(_ variant: Variant, classes: Int = 1000, dropout: Double? = nil, stochasticDepth: Double = 0.2) {
        let stages = variant.stages
        var layers: [any Layer] = [
            Sequential.convolution(3, stages[0].input, stride: 2, norm: variant.norm, activation: SiLU())
        ]
        let total = stages.reduce(0) { $0 + $1.count }
        var done = 0
        for stage in stages {
            layers.append(
                Sequential(
                    stage.blocks.map { block in
                        defer { done += 1 }
                        let depth = StochasticDepth(stochasticDepth * Double(done) / Double(total))
                        return MBConv(block, norm: variant.norm, stochasticDepth: depth)
                    }))
        }
        let channels = stages[stages.count - 1].output
        let last = variant.lastChannels ?? 4 * channels
        layers.append(Sequential.convolution(channels, last, kernel: 1, norm: variant.norm, activation: SiLU()))
        features = Sequential(layers)
        classifier = Sequential(Dropout(dropout ?? variant.dropout), Linear(last, classes))
        drawWeights(
            ofConvolutions: { $0.initializeKaimingNormal(fanOut: true) },
            ofLinear: { weight in
                let bound = 1 / Double(weight.shape[0]).squareRoot()
                weight.initializeUniform(in: -bound..<bound)
            })
    }

    public func features(of x: Tensor) -> Tensor { avgpool(features(x)).flattened(from: 1) }
    public func scores(ofFeatures x: Tensor) -> Tensor { classifier(x) }

    /// A 1×1 convolution to many channels, a convolution of each of them, squeeze-and-excitation, and a 1×1 convolution
    /// to few; fused, a full convolution to many and the last one.
    final class MBConv: Layer {
        let block: Sequential
        let stochasticDepth: StochasticDepth
        private let hasShortcut: Bool

        init(_ stage: Stage, norm: (Int) -> BatchNorm2d, stochasticDepth: StochasticDepth) {
            hasShortcut = stage.stride == 1 && stage.input == stage.output
            self.stochasticDepth = stochasticDepth
            let inner = Double(stage.input * stage.expansion).channels()
            func narrow() -> Sequential { .convolution(inner, stage.output, kernel: 1, norm: norm) }
            var layers: [any Layer] = []
            if stage.isFused {
                layers.append(
                    Sequential.convolution(
                        stage.input, inner == stage.input ? stage.output : inner, kernel: stage.kernel,
                        stride: stage.stride, norm: norm, activation: SiLU()))
                if inner != stage.input { layers.append(narrow()) }
            } else {
                if inner != stage.input {
                    layers.append(Sequential.convolution(stage.input, inner, kernel: 1, norm: norm, activation: SiLU()))
                }
                layers.append(
                    Sequential.convolution(
                        inner, inner, kernel: stage.kernel, stride: stage.stride, groups: inner, norm: norm,
                        activation: SiLU()))
                layers.append(SqueezeExcitation(inner, squeezed: max(1, stage.input / 4), activation: SiLU()))
                layers.append(narrow())
            }
            block = Sequential(layers)
        }

        func forward(_ x: Tensor) -> Tensor { hasShortcut ? stochasticDepth(block(x)) + x : block(x) }
    }
}

extension EfficientNet.Variant {
    public static let b0 = scaled(1, 1, dropout: 0.2)
    public static let b1 = scaled(1, 1.1, dropout: 0.2)
    public static let b2 = scaled(1.1, 1.2, dropout: 0.3)
    public static let b3 = scaled(1.2, 1.4, dropout: 0.3)
    public static let b4 = scaled(1.4, 1.8, dropout: 0.4)
    public static let b5 = scaled(1.6, 2.2, dropout: 0.4, epsilon: 1e-3, momentum: 0.01)
    public static let b6 = scaled(1.8, 2.6, dropout: 0.5, epsilon: 1e-3, momentum: 0.01)
    public static let b7 = scaled(2, 3.1, dropout: 0.5, epsilon: 1e-3, momentum: 0.01)

    public static let v2Small = second(
        dropout: 0.2,
        [
            .fused(1, 3, 1, 24, 24, 2), .fused(4, 3, 2, 24, 48, 4), .fused(4, 3, 2, 48, 64, 4),
            .init(4, 3, 2, 64, 128, 6), .init(6, 3, 1, 128, 160, 9), .init(6, 3, 2, 160, 256, 15),
        ])
    public static let v2Medium = second(
        dropout: 0.3,
        [
            .fused(1, 3, 1, 24, 24, 3), .fused(4, 3, 2, 24, 48, 5), .fused(4, 3, 2, 48, 80, 5),
            .init(4, 3, 2, 80, 160, 7), .init(6, 3, 1, 160, 176, 14), .init(6, 3, 2, 176, 304, 18),
            .init(6, 3, 1, 304, 512, 5),
        ])
    public static let v2Large = second(
        dropout: 0.4,
        [
            .fused(1, 3, 1, 32, 32, 4), .fused(4, 3, 2, 32, 64, 7), .fused(4, 3, 2, 64, 96, 7),
            .init(4, 3, 2, 96, 192, 10), .init(6, 3, 1, 192, 224, 19), .init(6, 3, 2, 224, 384, 25),
            .init(6, 3, 1, 384, 640, 7),
        ])

    /// B0, wider and deeper.
    private static func scaled(
        _ width: Double, _ depth: Double, dropout: Double, epsilon: Double = 1e-5, momentum: Double = 0.1
    ) -> Self {
        Self(
            stages: EfficientNet.Stage.b0.map { $0.scaled(width: width, depth: depth) }, lastChannels: nil,
            dropout: dropout, epsilon: epsilon, momentum: momentum)
    }

    private static func second(dropout: Double, _ stages: [EfficientNet.Stage]) -> Self {
        Self(stages: stages, lastChannels: 1280, dropout: dropout, epsilon: 1e-3)
    }
}

extension EfficientNet.Stage {
    /// Those of B0, the paper's table 1.
    static let b0: [Self] = [
        .init(1, 3, 1, 32, 16, 1), .init(6, 3, 2, 16, 24, 2), .init(6, 5, 2, 24, 40, 2), .init(6, 3, 2, 40, 80, 3),
        .init(6, 5, 1, 80, 112, 3), .init(6, 5, 2, 112, 192, 4), .init(6, 3, 1, 192, 320, 1),
    ]
}
