import Cresset

/// Drops channels of one spatial axis.
public typealias Dropout1d = ChannelDropout<1>
/// Drops channels of two spatial axes.
public typealias Dropout2d = ChannelDropout<2>
/// Drops channels of three spatial axes.
public typealias Dropout3d = ChannelDropout<3>

/// Sets whole channels to zero at random in training, and scales the others up.
///
/// *Shape*: (N, C, spatial…) with `axes` spatial axes, or without N.
/// *Source*: Tompson et al., "Efficient Object Localization Using Convolutional Networks", 2015.
public final class ChannelDropout<let axes: Int>: Layer {
    public let probability: Double
    public var isTraining = true

    /// - Parameter probability: The probability of dropping each channel, from 0 to 1.
    public init(_ probability: Double = 0.5) { self.probability = probability }

    public static var className: String { "Dropout\(axes)d" }
    public var details: String { "p=\(probability), inplace=False" }

    public func forward(_ x: Tensor) -> Tensor {
        guard isTraining, probability > 0 else { return x }
        return x * x.channelMask(axes: axes, keeping: 1 - probability)
    }
}

extension Tensor {
    /// 0 for dropped channels, 1 / `keeping` for the others; broadcasts to this tensor.
    fileprivate func channelMask(axes: Int, keeping keep: Double) -> Tensor {
        guard rank == axes + 1 || rank == axes + 2 else {
            fatalError("Dropout\(axes)d: an input of shape \(shape) does not have \(axes) spatial axes")
        }
        let channels = Array(shape.dropLast(axes)) + [Int](repeating: 1, count: axes)
        return keep == 0
            ? .zeros(Shape(channels), dtype: dtype, device: device)
            : .bernoulli(Shape(channels), probability: keep, dtype: dtype, device: device) / keep
    }
}
