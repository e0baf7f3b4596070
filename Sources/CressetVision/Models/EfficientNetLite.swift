import CressetNN

/// EfficientNets for small devices, 0 to 4: without squeeze-and-excitation, with ReLU6, and with a stem and head of the
/// same width in all of them.
///
/// *Shape*: (N, 3, H, W) gives (N, classes), for any size. They were trained on sides of 224, 240, 260, 280 and 300.
/// *Source*: Liu, "Higher accuracy on vision models with EfficientNet-Lite", 2020. Convolutions are padded as in
/// TensorFlow, and parts are named as in the published weights.
public final class EfficientNetLite: FeatureModel {
    let _convStem: Conv2d
    let _bn0: BatchNorm2d
    let _blocks: [Block]
    let _convHead: Conv2d
    let _bn1: BatchNorm2d
    let _dropout: Dropout
    /// The head.
    public var _fc: Linear
    private let activation = ReLU6()
    public var heads: [Head] { [Head(\._fc, of: self)] }

    /// The five sizes.
    public enum Size: Int, Sendable { case lite0, lite1, lite2, lite3, lite4 }

    /// A network with random weights, drawn as PyTorch's layers draw them.
    ///
    /// - Parameters:
    ///   - size: Which of the five.
    ///   - classes: The number of classes.
    ///   - dropout: The probability of dropping each feature before the head; 0.2 or, from lite 2 on, 0.3 if nil.
    ///   - stochasticDepth: The probability of skipping the last block; it grows from zero at the first.
    public init(_ size: Size, classes: Int = 1000, dropout: Double? = nil, stochasticDepth: Double = 0.2) {
        let (width, depth) = [(1, 1), (1, 1.1), (1.1, 1.2), (1.2, 1.4), (1.4, 1.8)][size.rawValue]
        var stages = EfficientNet.Stage.b0.map { $0.scaled(width: width, depth: depth) }
        // Neither the stem nor the depth of the outermost stages is scaled.
        stages[0].input = 32
        (stages[0].count, stages[stages.count - 1].count) = (1, 1)
        _convStem = Conv2d(3, 32, kernelSize: 3, stride: 2, padding: .tensorFlow, bias: false)
        _bn0 = tensorFlowNorm(32)
        let rows = stages.flatMap(\.blocks)
        _blocks = rows.enumerated().map { i, row in
            Block(row, stochasticDepth: StochasticDepth(stochasticDepth * Double(i) / Double(rows.count)))
        }
        _convHead = Conv2d(stages[stages.count - 1].output, 1280, kernelSize: 1, bias: false)
        _bn1 = tensorFlowNorm(1280)
        _dropout = Dropout(dropout ?? (size.rawValue < 2 ? 0.2 : 0.3))
        _fc = Linear(1280, classes)
    }

    public func features(of x: Tensor) -> Tensor {
        let stem = _convStem(x, norm: _bn0, activation: activation)
        let last = _convHead(_blocks.reduce(stem) { $1($0) }, norm: _bn1, activation: activation)
        return last.adaptiveAveragePool(output: [1, 1]).flattened(from: 1)
    }
    public func scores(ofFeatures x: Tensor) -> Tensor { _fc(_dropout(x)) }

    /// A 1×1 convolution to many channels, a convolution of each of them, and a 1×1 convolution to few.
    final class Block: Layer {
        let _expandConv: Conv2d?
        let _bn0: BatchNorm2d?
        let _depthwiseConv: Conv2d
        let _bn1: BatchNorm2d
        let _projectConv: Conv2d
        let _bn2: BatchNorm2d
        private let activation = ReLU6()
        private let stochasticDepth: StochasticDepth
        private let hasShortcut: Bool

        init(_ stage: EfficientNet.Stage, stochasticDepth: StochasticDepth) {
            hasShortcut = stage.stride == 1 && stage.input == stage.output
            self.stochasticDepth = stochasticDepth
            let inner = stage.input * stage.expansion
            let expands = inner != stage.input
            _expandConv = expands ? Conv2d(stage.input, inner, kernelSize: 1, bias: false) : nil
            _bn0 = expands ? tensorFlowNorm(inner) : nil
            _depthwiseConv = Conv2d(
                inner, inner, kernelSize: stage.kernel, stride: stage.stride, padding: .tensorFlow, groups: inner,
                bias: false)
            _bn1 = tensorFlowNorm(inner)
            _projectConv = Conv2d(inner, stage.output, kernelSize: 1, bias: false)
            _bn2 = tensorFlowNorm(stage.output)
        }

        static var className: String { "MBConvBlock" }

        func forward(_ x: Tensor) -> Tensor {
            var y = x
            if let _expandConv, let _bn0 { y = _expandConv(y, norm: _bn0, activation: activation) }
            y = _depthwiseConv(y, norm: _bn1, activation: activation)
            y = _projectConv(y, norm: _bn2)
            return hasShortcut ? stochasticDepth(y) + x : y
        }
    }
}
