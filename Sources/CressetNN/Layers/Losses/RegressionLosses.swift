import Cresset

/// The absolute difference between predictions and targets of the same shape.
public final class L1Loss: Loss {
    public let reduction: Reduction

    /// Creates one with these options.
    ///
    /// - Parameter reduction: How the elements' losses are combined: mean, sum, or none.
    public init(reduction: Reduction = .mean) { self.reduction = reduction }

    public func callAsFunction(_ x: Tensor, _ target: Tensor) -> Tensor { x.l1Loss(target, reduction: reduction) }
}

/// The squared difference between predictions and targets of the same shape.
public final class MSELoss: Loss {
    public let reduction: Reduction

    /// Creates one with these options.
    ///
    /// - Parameter reduction: How the elements' losses are combined: mean, sum, or none.
    public init(reduction: Reduction = .mean) { self.reduction = reduction }

    public func callAsFunction(_ x: Tensor, _ target: Tensor) -> Tensor {
        x.meanSquaredError(target, reduction: reduction)
    }
}

/// Half the squared difference up to delta, beyond that delta (|difference| - delta / 2).
///
/// *Source*: Huber, "Robust Estimation of a Location Parameter", 1964.
public final class HuberLoss: Loss {
    public let delta: Double
    public let reduction: Reduction

    /// Creates one with these options.
    ///
    /// - Parameters:
    ///   - delta: The difference above which the loss is linear.
    ///   - reduction: How the elements' losses are combined: mean, sum, or none.
    public init(delta: Double = 1, reduction: Reduction = .mean) {
        self.delta = delta
        self.reduction = reduction
    }

    public func callAsFunction(_ x: Tensor, _ target: Tensor) -> Tensor {
        x.huberLoss(target, delta: delta, reduction: reduction)
    }
}

/// Half the squared difference divided by beta while it is below beta, beyond that |difference| - beta / 2.
///
/// *Source*: Girshick, "Fast R-CNN", 2015.
public final class SmoothL1Loss: Loss {
    public let beta: Double
    public let reduction: Reduction

    /// Creates one with these options.
    ///
    /// - Parameters:
    ///   - beta: The difference above which the loss is linear.
    ///   - reduction: How the elements' losses are combined: mean, sum, or none.
    public init(beta: Double = 1, reduction: Reduction = .mean) {
        self.beta = beta
        self.reduction = reduction
    }

    public func callAsFunction(_ x: Tensor, _ target: Tensor) -> Tensor {
        x.smoothL1Loss(target, beta: beta, reduction: reduction)
    }
}

/// The negative log-likelihood of counts under Poisson distributions.
public final class PoissonNLLLoss: Loss {
    public let isLogarithm, isFull: Bool
    public let epsilon: Double
    public let reduction: Reduction

    ///
    /// - Parameters:
    ///   - isLogarithm: Whether predictions are the logarithms of the rates.
    ///   - isFull: Whether to add Stirling's approximation of log(target!).
    ///   - epsilon: Added to rates before their logarithm is taken.
    ///   - reduction: How the elements' losses are combined: mean, sum, or none.
    public init(
        isLogarithm: Bool = true, isFull: Bool = false, epsilon: Double = 1e-8, reduction: Reduction = .mean
    ) {
        self.isLogarithm = isLogarithm
        self.isFull = isFull
        self.epsilon = epsilon
        self.reduction = reduction
    }

    public func callAsFunction(_ x: Tensor, _ target: Tensor) -> Tensor {
        x.poissonNLLLoss(target, isLogarithm: isLogarithm, isFull: isFull, epsilon: epsilon, reduction: reduction)
    }
}

/// The negative log-likelihood of targets under normal distributions with predicted means and variances.
public final class GaussianNLLLoss: Module {
    public let isFull: Bool
    public let epsilon: Double
    public let reduction: Reduction

    ///
    /// - Parameters:
    ///   - isFull: Whether to add the constant log(2 pi) / 2.
    ///   - epsilon: The lower bound of the variance.
    ///   - reduction: How the elements' losses are combined: mean, sum, or none.
    public init(isFull: Bool = false, epsilon: Double = 1e-6, reduction: Reduction = .mean) {
        self.isFull = isFull
        self.epsilon = epsilon
        self.reduction = reduction
    }

    /// *Shape*: the variance has the means' shape, or 1 as its last axis, or lacks that axis.
    ///
    /// - Parameters:
    ///   - means: The expected means.
    ///   - target: The observed values, in the same shape.
    ///   - variance: The expected variances; they broadcast.
    public func callAsFunction(_ means: Tensor, _ target: Tensor, variance: Tensor) -> Tensor {
        means.gaussianNLLLoss(target, variance: variance, isFull: isFull, epsilon: epsilon, reduction: reduction)
    }
}

/// The Kullback-Leibler divergence between target distributions and those whose logarithms are predicted.
public final class KLDivLoss: Module {
    /// How the elements' divergences become one number.
    public enum Reduction: String, Sendable {
        case none, mean, sum
        /// The sum divided by the length of the first axis: the divergence in the mathematical sense.
        case batchMean = "batchmean"
    }

    public let isLogarithm: Bool
    public let reduction: Reduction

    ///
    /// - Parameters:
    ///   - isLogarithm: Whether the targets are logarithms too.
    ///   - reduction: How the elements' losses are combined: mean, sum, or none.
    public init(isLogarithm: Bool = false, reduction: Reduction = .mean) {
        self.isLogarithm = isLogarithm
        self.reduction = reduction
    }

    /// The loss of logarithms of probabilities.
    ///
    /// - Parameters:
    ///   - x: Logarithms of probabilities.
    ///   - target: Probabilities, or their logarithms, of the same shape.
    public func callAsFunction(_ x: Tensor, _ target: Tensor) -> Tensor {
        switch reduction {
        case .none: x.klDivergence(target, isLogarithm: isLogarithm, reduction: .none)
        case .mean: x.klDivergence(target, isLogarithm: isLogarithm, reduction: .mean)
        case .sum: x.klDivergence(target, isLogarithm: isLogarithm, reduction: .sum)
        case .batchMean:
            x.klDivergence(target, isLogarithm: isLogarithm, reduction: .sum) / Double(max(1, x.shape.first ?? 1))
        }
    }
}
