import CressetNN

/// Networks of inverted residuals found by a search for accuracy and speed on telephones: the B1 variant.
///
/// *Shape*: (N, 3, H, W) gives (N, classes), for any size.
/// *Source*: Tan et al., "MnasNet: Platform-Aware Neural Architecture Search for Mobile", 2018.
public final class MNASNet: FeatureModel {
    public let layers: Sequential
    /// Dropout and the head, `classifier[1]`.
    public let classifier: Sequential
    public var heads: [Head] { [Head(lastOf: classifier, in: self)] }

    /// The paper's figure 7: kernel, stride of the first, expansion, repetitions.
    private static let stages = [(3, 2, 3, 3), (5, 2, 3, 3), (5, 2, 6, 3), (3, 1, 6, 2), (5, 2, 6, 4), (3, 1, 6, 1)]

    /// A network with random weights, drawn as in torchvision.
    ///
    /// - Parameters:
    ///   - width: The factor of the numbers of channels, `alpha` in torchvision.
    ///   - classes: The number of classes.
    ///   - dropout: The probability of dropping each feature before the head.
    public init(width: Double = 1, classes: Int = 1000, dropout: Double = 0.2) {
        let channels = [32, 16, 24, 40, 80, 96, 192, 320].map { ($0 * width).channels() }
        var layers: [any Layer] = MNASNet.convolution(3, channels[0], kernel: 3, stride: 2) + [ReLU()]
        layers += MNASNet.convolution(channels[0], channels[0], kernel: 3, groups: channels[0]) + [ReLU()]
        layers += MNASNet.convolution(channels[0], channels[1])
        for (i, (kernel, stride, expansion, count)) in MNASNet.stages.enumerated() {
            let (input, output) = (channels[i + 1], channels[i + 2])
            layers.append(
                Sequential(
                    (0..<count).map { repetition in
                        Block(
                            repetition == 0 ? input : output, output, kernel: kernel,
                            stride: repetition == 0 ? stride : 1, expansion: expansion)
                    }))
        }
        layers += MNASNet.convolution(channels[7], 1280) + [ReLU()]
        self.layers = Sequential(layers)
        classifier = Sequential(Dropout(dropout), Linear(1280, classes))
        drawWeights(
            ofConvolutions: { $0.initializeKaimingNormal(fanOut: true) },
            ofLinear: { $0.initializeKaimingUniform(fanOut: true, nonlinearity: .linear) })
    }

    /// A convolution and its normalisation, whose statistics move slowly.
    fileprivate static func convolution(
        _ input: Int, _ output: Int, kernel: Int = 1, stride: Int = 1, groups: Int = 1
    ) -> [any Layer] {
        [
            Conv2d(
                input, output, kernelSize: kernel, stride: stride, padding: kernel / 2, groups: groups, bias: false),
            BatchNorm2d(output, momentum: 1 - 0.9997),
        ]
    }

    public func features(of x: Tensor) -> Tensor { layers(x).mean(axes: [2, 3]) }
    public func scores(ofFeatures x: Tensor) -> Tensor { classifier(x) }

    /// A 1×1 convolution to many channels, a convolution of each of them, and a 1×1 convolution to few.
    final class Block: Layer {
        let layers: Sequential
        private let hasShortcut: Bool

        init(_ input: Int, _ output: Int, kernel: Int, stride: Int, expansion: Int) {
            hasShortcut = stride == 1 && input == output
            let inner = input * expansion
            layers = Sequential(
                convolution(input, inner) + [ReLU()]
                    + convolution(inner, inner, kernel: kernel, stride: stride, groups: inner) + [ReLU()]
                    + convolution(inner, output))
        }

        static var className: String { "_InvertedResidual" }
        func forward(_ x: Tensor) -> Tensor { hasShortcut ? layers(x) + x : layers(x) }
    }
}
