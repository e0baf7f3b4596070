import CressetNN

/// A small network of inverted residuals, some with squeeze-and-excitation: large and small.
///
/// *Shape*: (N, 3, H, W) gives (N, classes), for any size.
/// *Source*: Howard et al., "Searching for MobileNetV3", 2019.
public final class MobileNetV3: FeatureModel {
    public let features: Sequential
    public let avgpool = AdaptiveAvgPool2d(1)
    /// A hidden linear layer, dropout and the head, `classifier[3]`.
    public let classifier: Sequential
    public var heads: [Head] { [Head(lastOf: classifier, in: self)] }

    /// The paper's two networks.
    public enum Size: Sendable { case large, small }

    /// A row of the paper's tables 1 and 2.
    fileprivate struct Row {
        let kernel, inner, output: Int
        let excites, isHard: Bool
        let stride: Int

        init(_ kernel: Int, _ inner: Int, _ output: Int, excites: Bool, isHard: Bool, _ stride: Int) {
            (self.kernel, self.inner, self.output, self.stride) = (kernel, inner, output, stride)
            (self.excites, self.isHard) = (excites, isHard)
        }
    }

    private static func rows(_ size: Size) -> [Row] {
        switch size {
        case .large:
            [
                Row(3, 16, 16, excites: false, isHard: false, 1), Row(3, 64, 24, excites: false, isHard: false, 2),
                Row(3, 72, 24, excites: false, isHard: false, 1), Row(5, 72, 40, excites: true, isHard: false, 2),
                Row(5, 120, 40, excites: true, isHard: false, 1), Row(5, 120, 40, excites: true, isHard: false, 1),
                Row(3, 240, 80, excites: false, isHard: true, 2), Row(3, 200, 80, excites: false, isHard: true, 1),
                Row(3, 184, 80, excites: false, isHard: true, 1), Row(3, 184, 80, excites: false, isHard: true, 1),
                Row(3, 480, 112, excites: true, isHard: true, 1), Row(3, 672, 112, excites: true, isHard: true, 1),
                Row(5, 672, 160, excites: true, isHard: true, 2), Row(5, 960, 160, excites: true, isHard: true, 1),
                Row(5, 960, 160, excites: true, isHard: true, 1),
            ]
        case .small:
            [
                Row(3, 16, 16, excites: true, isHard: false, 2), Row(3, 72, 24, excites: false, isHard: false, 2),
                Row(3, 88, 24, excites: false, isHard: false, 1), Row(5, 96, 40, excites: true, isHard: true, 2),
                Row(5, 240, 40, excites: true, isHard: true, 1), Row(5, 240, 40, excites: true, isHard: true, 1),
                Row(5, 120, 48, excites: true, isHard: true, 1), Row(5, 144, 48, excites: true, isHard: true, 1),
                Row(5, 288, 96, excites: true, isHard: true, 2), Row(5, 576, 96, excites: true, isHard: true, 1),
                Row(5, 576, 96, excites: true, isHard: true, 1),
            ]
        }
    }

    /// A network with random weights, drawn as in torchvision.
    ///
    /// - Parameters:
    ///   - size: Which of the two.
    ///   - classes: The number of classes.
    ///   - dropout: The probability of dropping each feature before the head.
    public init(_ size: Size, classes: Int = 1000, dropout: Double = 0.2) {
        var channels = 16
        var layers: [any Layer] = [
            Sequential.convolution(3, channels, stride: 2, norm: tensorFlowNorm, activation: Hardswish())
        ]
        for row in MobileNetV3.rows(size) {
            layers.append(Block(channels, row))
            channels = row.output
        }
        layers.append(
            Sequential.convolution(channels, 6 * channels, kernel: 1, norm: tensorFlowNorm, activation: Hardswish()))
        features = Sequential(layers)
        let hidden = size == .large ? 1280 : 1024
        classifier = Sequential(
            Linear(6 * channels, hidden), Hardswish(), Dropout(dropout), Linear(hidden, classes))
        drawWeights(
            ofConvolutions: { $0.initializeKaimingNormal(fanOut: true) },
            ofLinear: { $0.initializeNormal(standardDeviation: 0.01) })
    }

    public func features(of x: Tensor) -> Tensor { avgpool(features(x)).flattened(from: 1) }
    public func scores(ofFeatures x: Tensor) -> Tensor { classifier(x) }

    /// A 1×1 convolution to many channels, a convolution of each of them, perhaps squeeze-and-excitation, and a 1×1
    /// convolution to few.
    final class Block: Layer {
        let block: Sequential
        private let hasShortcut: Bool

        fileprivate init(_ input: Int, _ row: Row) {
            hasShortcut = row.stride == 1 && input == row.output
            let activation: () -> any Layer = { row.isHard ? Hardswish() : ReLU() }
            var layers: [any Layer] = []
            if row.inner != input {
                layers.append(
                    Sequential.convolution(
                        input, row.inner, kernel: 1, norm: tensorFlowNorm, activation: activation()))
            }
            layers.append(
                Sequential.convolution(
                    row.inner, row.inner, kernel: row.kernel, stride: row.stride, groups: row.inner,
                    norm: tensorFlowNorm, activation: activation()))
            if row.excites {
                let squeezed = Double(row.inner / 4).channels()
                layers.append(SqueezeExcitation(row.inner, squeezed: squeezed, scaling: Hardsigmoid()))
            }
            layers.append(Sequential.convolution(row.inner, row.output, kernel: 1, norm: tensorFlowNorm))
            block = Sequential(layers)
        }

        static var className: String { "InvertedResidual" }
        func forward(_ x: Tensor) -> Tensor { hasShortcut ? block(x) + x : block(x) }
    }
}
