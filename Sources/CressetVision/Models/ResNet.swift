import CressetNN

/// Deep residual networks: ResNet, ResNeXt and Wide ResNet, with torchvision's names for every part.
///
/// *Shape*: (N, 3, H, W) gives (N, classes); the pretrained weights were trained on 224 × 224 pixels.
/// *Source*: He et al., "Deep Residual Learning for Image Recognition", 2015, with the stride on the 3×3 convolution
/// (v1.5); Xie et al., "Aggregated Residual Transformations", 2016; Zagoruyko and Komodakis, "Wide Residual Networks".
public final class ResNet: FeatureModel {
    /// The first convolution: replace it for pictures with a different number of channels.
    public var conv1: Conv2d
    public let bn1: BatchNorm2d
    public let relu = ReLU()
    public let maxpool = MaxPool2d(3, stride: 2, padding: 1)
    public let layer1, layer2, layer3, layer4: Sequential
    public let avgpool = AdaptiveAvgPool2d([1, 1])
    /// The head: replace it for a different set of classes.
    public var fc: Linear
    public var heads: [Head] { [Head(\.fc, of: self)] }

    /// The block of which a network is built.
    public enum Block: Sendable {
        case basic, bottleneck
        var expansion: Int { self == .basic ? 1 : 4 }
    }

    /// A network with random weights, drawn as in torchvision.
    ///
    /// - Parameters:
    ///   - block: Which kind of block.
    ///   - layers: The number of blocks of each of the four stages.
    ///   - classes: The number of classes.
    ///   - groups: Groups of the 3×3 convolutions: 32 for ResNeXt.
    ///   - widthPerGroup: Their channels per group in the first stage: 64 for ResNet, 128 for Wide ResNet.
    ///   - zeroInitResidual: Whether the last normalisation of each block starts at zero.
    public init(
        _ block: Block, layers: [Int], classes: Int = 1000, groups: Int = 1, widthPerGroup: Int = 64,
        zeroInitResidual: Bool = false
    ) {
        precondition(layers.count == 4, "a ResNet has four stages")
        conv1 = Conv2d(3, 64, kernelSize: 7, stride: 2, padding: 3, bias: false)
        bn1 = BatchNorm2d(64)
        var channels = 64
        let stages = zip(layers, [64, 128, 256, 512]).enumerated().map { stage, size in
            let (count, planes) = size
            return Sequential(
                (0..<count).map { i -> any Layer in
                    let options = BlockOptions(
                        input: channels, planes: planes, stride: i == 0 && stage > 0 ? 2 : 1, groups: groups,
                        widthPerGroup: widthPerGroup)
                    channels = planes * block.expansion
                    return block == .basic ? BasicBlock(options) : Bottleneck(options)
                })
        }
        (layer1, layer2, layer3, layer4) = (stages[0], stages[1], stages[2], stages[3])
        fc = Linear(512 * block.expansion, classes)
        initialize(zeroInitResidual)
    }

    private func initialize(_ zeroInitResidual: Bool) {
        drawWeights(ofConvolutions: { $0.initializeKaimingNormal(fanOut: true) })
        guard zeroInitResidual else { return }
        apply { module in
            (module as? BasicBlock)?.bn2.weight?.initializeConstant(0)
            (module as? Bottleneck)?.bn3.weight?.initializeConstant(0)
        }
    }

    public func features(of x: Tensor) -> Tensor {
        let stem = maxpool(conv1(x, norm: bn1, activation: relu))
        return avgpool(layer4(layer3(layer2(layer1(stem))))).flattened(from: 1)
    }
    public func scores(ofFeatures x: Tensor) -> Tensor { fc(x) }
}

/// The sizes of one residual block.
struct BlockOptions {
    let input, planes, stride, groups, widthPerGroup: Int

    /// The projection of the shortcut, if the block changes size or channels.
    func makeDownsample(expansion: Int) -> Sequential? {
        if stride == 1 && input == planes * expansion { return nil }
        return Sequential(
            Conv2d(input, planes * expansion, kernelSize: 1, stride: PerAxis(stride), bias: false),
            BatchNorm2d(planes * expansion))
    }
}

/// Two 3×3 convolutions and a shortcut: the block of ResNet-18 and 34.
public final class BasicBlock: Layer {
    public let conv1: Conv2d
    public let bn1: BatchNorm2d
    public let relu = ReLU()
    public let conv2: Conv2d
    public let bn2: BatchNorm2d
    public let downsample: Sequential?

    init(_ options: BlockOptions) {
        let planes = options.planes
        // Created first, as in torchvision, so that the random generator is used in the same order.
        downsample = options.makeDownsample(expansion: 1)
        conv1 = Conv2d(
            options.input, planes, kernelSize: 3, stride: PerAxis(options.stride), padding: 1, bias: false)
        bn1 = BatchNorm2d(planes)
        conv2 = Conv2d(planes, planes, kernelSize: 3, padding: 1, bias: false)
        bn2 = BatchNorm2d(planes)
    }

    public func forward(_ x: Tensor) -> Tensor {
        let y = conv1(x, norm: bn1, activation: relu)
        return conv2(y, norm: bn2, adding: downsample?(x) ?? x, activation: relu)
    }
}

/// 1×1, 3×3 and 1×1 convolutions and a shortcut: the block of ResNet-50 and deeper, ResNeXt and Wide ResNet.
public final class Bottleneck: Layer {
    public let conv1: Conv2d
    public let bn1: BatchNorm2d
    public let conv2: Conv2d
    public let bn2: BatchNorm2d
    public let conv3: Conv2d
    public let bn3: BatchNorm2d
    public let relu = ReLU()
    public let downsample: Sequential?

    init(_ options: BlockOptions) {
        let width = options.planes * options.widthPerGroup / 64 * options.groups
        let output = options.planes * 4
        downsample = options.makeDownsample(expansion: 4)
        conv1 = Conv2d(options.input, width, kernelSize: 1, bias: false)
        bn1 = BatchNorm2d(width)
        conv2 = Conv2d(
            width, width, kernelSize: 3, stride: PerAxis(options.stride), padding: 1, groups: options.groups,
            bias: false)
        bn2 = BatchNorm2d(width)
        conv3 = Conv2d(width, output, kernelSize: 1, bias: false)
        bn3 = BatchNorm2d(output)
    }

    public func forward(_ x: Tensor) -> Tensor {
        let y = conv1(x, norm: bn1, activation: relu)
        let z = conv2(y, norm: bn2, activation: relu)
        return conv3(z, norm: bn3, adding: downsample?(x) ?? x, activation: relu)
    }
}
