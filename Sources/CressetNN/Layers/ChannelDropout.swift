import Cresset

/// A layer that sets whole channels to zero at random in training, and scales the others up.
///
/// *Source*: Tompson et al., "Efficient Object Localization Using Convolutional Networks", 2015.
public protocol ChannelDropout: Layer {
    /// The number of spatial axes.
    static var axes: Int { get }
    /// The chance of each channel to be dropped, 0 to 1.
    var probability: Double { get }
}

extension ChannelDropout {
    public var details: String { "p=\(probability), inplace=False" }

    public func callAsFunction(_ x: Tensor) -> Tensor {
        guard isTraining, probability > 0 else { return x }
        return x * x.channelMask(axes: Self.axes, keeping: 1 - probability)
    }
}

/// Drops channels of one spatial axis.
public final class Dropout1d: ChannelDropout {
    public static let axes = 1
    public let probability: Double
    public var isTraining = true

    public init(_ probability: Double = 0.5) { self.probability = probability }
}

/// Drops channels of two spatial axes.
public final class Dropout2d: ChannelDropout {
    public static let axes = 2
    public let probability: Double
    public var isTraining = true

    public init(_ probability: Double = 0.5) { self.probability = probability }
}

/// Drops channels of three spatial axes.
public final class Dropout3d: ChannelDropout {
    public static let axes = 3
    public let probability: Double
    public var isTraining = true

    public init(_ probability: Double = 0.5) { self.probability = probability }
}

/// Sets elements to the value that ``SELU`` nears far below zero, so that mean and variance stay as they are.
///
/// *Source*: Klambauer et al., "Self-Normalizing Neural Networks", 2017.
public final class AlphaDropout: Layer {
    public let probability: Double
    public var isTraining = true

    /// - Parameter probability: The chance of each element to be dropped, 0 to below 1.
    public init(_ probability: Double = 0.5) { self.probability = probability }

    public var details: String { "p=\(probability), inplace=False" }

    public func callAsFunction(_ x: Tensor) -> Tensor {
        guard isTraining, probability > 0 else { return x }
        let keep = 1 - probability
        let mask = Tensor.bernoulli(x.shape, probability: keep, dtype: x.dtype, device: x.device)
        let low = 1.758_099_340_847_376_6
        let scale = 1 / ((low * low * probability + 1) * keep).squareRoot()
        return x * (mask * scale) + ((mask - 1) * (low * scale) + low * scale * probability)
    }
}

extension Tensor {
    /// 0 for channels that are dropped, 1 / `keeping` for the others; broadcasts to this tensor.
    fileprivate func channelMask(axes: Int, keeping keep: Double) -> Tensor {
        guard rank == axes + 1 || rank == axes + 2 else {
            fatalError("Dropout\(axes)d: an input of shape \(shape) has not \(axes) spatial axes")
        }
        let channels = Array(shape.dropLast(axes)) + [Int](repeating: 1, count: axes)
        return keep == 0
            ? .zeros(Shape(channels), dtype: dtype, device: device)
            : .bernoulli(Shape(channels), probability: keep, dtype: dtype, device: device) / keep
    }
}
