import Cresset

/// Normalises groups of channels of each example, then scales and shifts channel by channel.
///
/// *Shape*: (N, channels, …); the result has the same shape. One example with a single value per group traps.
/// *Source*: Wu and He, "Group Normalization", 2018.
public final class GroupNorm: Layer {
    public var isTraining = true
    public let weight, bias: Parameter?
    public let groups, channels: Int
    public let epsilon: Double

    ///
    /// - Parameters:
    ///   - groups: The number of groups; must divide the number of channels.
    ///   - channels: The number of channels.
    ///   - epsilon: Added to the variance before the square root.
    ///   - affine: Whether there are a weight and a bias.
    ///   - bias: Whether there is a bias in addition to the weight.
    ///   - dtype: The type of the parameters.
    public init(
        _ groups: Int, _ channels: Int, epsilon: Double = 1e-5, affine: Bool = true, bias: Bool = true,
        dtype: DType = .float32
    ) {
        guard groups >= 1, channels % groups == 0 else {
            fatalError("GroupNorm: \(groups) groups do not divide \(channels) channels")
        }
        self.groups = groups
        self.channels = channels
        self.epsilon = epsilon
        (weight, self.bias) = makeAffine(affine ? [channels] : nil, bias: bias, dtype)
    }

    public var details: String {
        "\(groups), \(channels), eps=\(epsilon), affine=\((weight != nil).python), bias=\((bias != nil).python)"
    }

    public func forward(_ x: Tensor) -> Tensor {
        guard x.rank >= 2, x.shape[1] == channels else {
            fatalError("GroupNorm: an input of shape \(x.shape), expected (N, \(channels), …)")
        }
        return x.groupNormalized(groups: groups, weight: weight?.value, bias: bias?.value, epsilon: epsilon)
    }
}

/// Divides each element by a power of the mean square of the channels around it.
///
/// x / (k + alpha · mean square)^beta. *Shape*: (N, C, …); the result has the same shape.
/// *Source*: Krizhevsky, Sutskever and Hinton, "ImageNet Classification with Deep Convolutional Neural Networks", 2012.
public final class LocalResponseNorm: Layer {
    public let size: Int
    public let alpha, beta, k: Double

    ///
    /// - Parameters:
    ///   - size: The number of channels in each mean.
    ///   - alpha: The factor of the mean square.
    ///   - beta: The exponent.
    ///   - k: The constant added to the mean square.
    public init(_ size: Int, alpha: Double = 1e-4, beta: Double = 0.75, k: Double = 1) {
        self.size = size
        self.alpha = alpha
        self.beta = beta
        self.k = k
    }

    public var details: String { "\(size), alpha=\(alpha), beta=\(beta), k=\(k)" }

    public func forward(_ x: Tensor) -> Tensor {
        x.localResponseNormalized(size: size, alpha: alpha, beta: beta, k: k)
    }
}
