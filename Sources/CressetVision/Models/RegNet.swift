import CressetNN
import Glibc

/// Networks from a design space in which the widths of the blocks follow a straight line, rounded: RegNet X, and Y
/// with squeeze-and-excitation.
///
/// *Shape*: (N, 3, H, W) gives (N, classes), for any size.
/// *Source*: Radosavovic et al., "Designing Network Design Spaces", 2020.
public final class RegNet: FeatureModel {
    public let stem: Sequential
    public let trunkOutput: Sequential
    public let avgpool = AdaptiveAvgPool2d([1, 1])
    /// The head.
    public var fc: Linear
    public var heads: [Head] { [Head(\.fc, of: self)] }

    /// A network with random weights, drawn as in torchvision.
    ///
    /// - Parameters:
    ///   - depth: The number of blocks.
    ///   - initialWidth: The width of the first block, `w_0` in the paper.
    ///   - slope: By how much each block is wider than the one before it, `w_a`.
    ///   - multiplier: The ratio of the widths of neighbouring stages, `w_m`.
    ///   - groupWidth: The number of channels of each group of the 3×3 convolutions.
    ///   - squeeze: The channels inside squeeze-and-excitation as a share of the block's; nil for RegNet X, which has
    ///     none.
    ///   - classes: The number of classes.
    public init(
        depth: Int, initialWidth: Int, slope: Double, multiplier: Double, groupWidth: Int, squeeze: Double? = nil,
        classes: Int = 1000
    ) {
        var channels = 32
        stem = .convolution(3, channels, stride: 2, activation: ReLU())
        let stages = RegNet.stages(depth, Double(initialWidth), slope, multiplier)
        trunkOutput = Sequential(
            named: stages.enumerated().map { stage, blocks in
                // The groups divide the width.
                let groupWidth = min(groupWidth, blocks.width)
                let width = Double(blocks.width).channels(multipleOf: groupWidth)
                let layers = (0..<blocks.count).map { i in
                    defer { channels = width }
                    let block = Block(
                        channels, width, stride: i == 0 ? 2 : 1, groups: width / groupWidth, squeeze: squeeze)
                    return (name: "block\(stage + 1)-\(i)", layer: block as any Layer)
                }
                return (name: "block\(stage + 1)", layer: Sequential(named: layers))
            })
        fc = Linear(channels, classes)
        apply { module in
            switch module {
            case let layer as Conv2d: layer.weight.initializeKaimingNormal(fanOut: true)
            case let layer as Linear:
                layer.weight.initializeNormal(standardDeviation: 0.01)
                layer.bias?.initializeConstant(0)
            default: break
            }
        }
    }

    /// Runs of blocks of the same width.
    private static func stages(
        _ depth: Int, _ initial: Double, _ slope: Double, _ multiplier: Double
    ) -> [(width: Int, count: Int)] {
        let widths = (0..<depth).map { i in
            let power = (log((initial + slope * Double(i)) / initial) / log(multiplier)).rounded(.toNearestOrEven)
            return 8 * Int((initial * pow(multiplier, power) / 8).rounded(.toNearestOrEven))
        }
        return widths.reduce(into: []) { stages, width in
            if stages.last?.width == width {
                stages[stages.count - 1].count += 1
            } else {
                stages.append((width, 1))
            }
        }
    }

    public func features(of x: Tensor) -> Tensor { avgpool(trunkOutput(stem(x))).flattened(from: 1) }
    public func scores(ofFeatures x: Tensor) -> Tensor { fc(x) }

    /// 1×1, 3×3 and 1×1 convolutions, perhaps with squeeze-and-excitation, and a shortcut.
    final class Block: Layer {
        /// The projection of the shortcut, if the block changes size or width.
        let proj: Sequential?
        let f: Sequential
        let activation = ReLU()

        init(_ input: Int, _ width: Int, stride: Int, groups: Int, squeeze: Double?) {
            let keeps = stride == 1 && input == width
            proj = keeps ? nil : .convolution(input, width, kernel: 1, stride: stride)
            var layers: [(name: String, layer: any Layer)] = [
                ("a", Sequential.convolution(input, width, kernel: 1, activation: ReLU())),
                ("b", Sequential.convolution(width, width, stride: stride, groups: groups, activation: ReLU())),
            ]
            if let squeeze {
                let squeezed = Int((squeeze * Double(input)).rounded(.toNearestOrEven))
                layers.append(("se", SqueezeExcitation(width, squeezed: squeezed)))
            }
            layers.append(("c", Sequential.convolution(width, width, kernel: 1)))
            f = Sequential(named: layers)
        }

        static var className: String { "ResBottleneckBlock" }
        func forward(_ x: Tensor) -> Tensor { activation((proj?(x) ?? x) + f(x)) }
    }
}
