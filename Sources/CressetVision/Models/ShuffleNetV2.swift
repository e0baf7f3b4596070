import CressetNN

/// Small networks whose blocks work on half of the channels and then shuffle them.
///
/// *Shape*: (N, 3, H, W) gives (N, classes), for any size.
/// *Source*: Ma et al., "ShuffleNet V2: Practical Guidelines for Efficient CNN Architecture Design", 2018.
public final class ShuffleNetV2: FeatureModel {
    public let conv1: Sequential
    public let maxpool = MaxPool2d(3, stride: 2, padding: 1)
    public let stage2, stage3, stage4: Sequential
    public let conv5: Sequential
    /// The head.
    public var fc: Linear
    public var heads: [Head] { [Head(\.fc, of: self)] }

    /// A network with random weights, drawn as in torchvision.
    ///
    /// - Parameters:
    ///   - channels: The numbers of channels of the first convolution, the three stages and the last convolution; the
    ///     paper's table 5 has them for four widths.
    ///   - repetitions: The number of blocks of each stage.
    ///   - classes: The number of classes.
    public init(channels: [Int], repetitions: [Int] = [4, 8, 4], classes: Int = 1000) {
        precondition(
            channels.count == 5 && repetitions.count == 3, "ShuffleNetV2: five numbers of channels and three stages")
        conv1 = .convolution(3, channels[0], stride: 2, activation: ReLU())
        let stages = (0..<3).map { stage in
            Sequential(
                (0..<repetitions[stage]).map { i in
                    Block(channels[i == 0 ? stage : stage + 1], channels[stage + 1], stride: i == 0 ? 2 : 1)
                })
        }
        (stage2, stage3, stage4) = (stages[0], stages[1], stages[2])
        conv5 = .convolution(channels[3], channels[4], kernel: 1, activation: ReLU())
        fc = Linear(channels[4], classes)
    }

    public func features(of x: Tensor) -> Tensor {
        let stages = stage4(stage3(stage2(maxpool(conv1(x)))))
        return conv5(stages).mean(axes: [2, 3])
    }
    public func scores(ofFeatures x: Tensor) -> Tensor { fc(x) }

    /// Two branches, of which the first is the half of the channels as it is, unless the picture becomes smaller.
    final class Block: Layer {
        let branch1, branch2: Sequential
        private let stride: Int

        init(_ input: Int, _ output: Int, stride: Int) {
            self.stride = stride
            let half = output / 2
            func depthwise(_ channels: Int) -> Conv2d {
                Conv2d(
                    channels, channels, kernelSize: 3, stride: stride, padding: 1, groups: channels, bias: false)
            }
            func pointwise(_ channels: Int) -> Conv2d { Conv2d(channels, half, kernelSize: 1, bias: false) }
            branch1 =
                stride == 1
                ? Sequential()
                : Sequential(
                    depthwise(input), BatchNorm2d(input), pointwise(input), BatchNorm2d(half), ReLU())
            branch2 = Sequential(
                pointwise(stride == 1 ? half : input), BatchNorm2d(half), ReLU(),
                depthwise(half), BatchNorm2d(half), pointwise(half), BatchNorm2d(half), ReLU())
        }

        static var className: String { "InvertedResidual" }

        func forward(_ x: Tensor) -> Tensor {
            let inputs = stride == 1 ? x.chunked(2, axis: 1) : [x, x]
            return .concatenated([branch1(inputs[0]), branch2(inputs[1])], axis: 1).channelShuffled(groups: 2)
        }
    }
}
