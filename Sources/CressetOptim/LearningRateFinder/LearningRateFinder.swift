import Cresset
import Glibc

/// Finds a learning rate: trains with a rate that rises batch by batch, and finds where the loss falls.
///
/// ```swift
/// let curve = try LearningRateFinder(optimizer).run(model) { lr in
///     let loss = model(x).crossEntropy(y)
///     optimizer.step(loss.gradients())
///     return loss.item()
/// }
/// print(curve.suggestion ?? "none")
/// try curve.plot.write(to: "lr.svg")
/// ```
///
/// The defaults are those of fastai's `lr_find`: a hundred rates from 1e-7 to 10, until the smoothed loss is four times its
/// least.
///
/// *Source*: Smith, "Cyclical Learning Rates for Training Neural Networks", 2015, section 3.3.
public struct LearningRateFinder {
    private let optimizer: any Optimizer
    public var lowest, highest: Double
    public var steps: Int
    /// How much of the smoothed loss is kept from one batch to the next.
    public var smoothing: Double
    /// The run ends when the smoothed loss is this many times the smallest.
    public var divergence: Double

    /// Traps unless 0 < lowest < highest and there are two steps or more.
    ///
    /// - Parameters:
    ///   - optimizer: The optimizer whose parameters are trained.
    ///   - lowest: The first rate.
    ///   - highest: The last rate.
    ///   - steps: The number of rates to try.
    ///   - smoothing: The decay rate of the curve's average.
    ///   - divergence: The search ends when the loss is this many times the best.
    public init(
        _ optimizer: any Optimizer, from lowest: Double = 1e-7, to highest: Double = 10, steps: Int = 100,
        smoothing: Double = 0.98, divergence: Double = 4
    ) {
        requireSchedule(
            lowest > 0 && highest > lowest && steps >= 2 && smoothing >= 0 && smoothing < 1,
            "LearningRateFinder: cannot make \(steps) steps from \(lowest) to \(highest)")
        self.optimizer = optimizer
        self.lowest = lowest
        self.highest = highest
        self.steps = steps
        self.smoothing = smoothing
        self.divergence = divergence
    }

    /// Trains batch by batch and restores everything afterwards: weights, buffers, optimizer.
    ///
    /// Where parameter groups have different rates, the largest is the one that is tried, and the others keep their ratios
    /// to it. A loss that is infinite or NaN ends the search.
    ///
    /// - Parameters:
    ///   - model: The network, which is unchanged at the end.
    ///   - train: Trains on one batch (with the given learning rate, which is already set), and returns the loss.
    /// - Throws: What `train` throws.
    public func run(_ model: some Module, train: (Double) throws -> Double) throws -> LearningRateCurve {
        let (weights, saved) = (model.stateDict().copied(), optimizer.state)
        defer {
            // Both were taken from the same objects a moment ago, so they fit.
            try! model.load(weights)
            try! optimizer.load(saved)
        }
        let rates = optimizer.groups.map { $0[.lr] }
        let largest = rates.max() ?? 0
        var curve = LearningRateCurve(stepCount: steps)
        var average = 0.0
        for step in 0..<steps {
            let rate = lowest * pow(highest / lowest, Double(step) / Double(steps - 1))
            for (index, own) in rates.enumerated() {
                optimizer.groups[index][.lr] = largest > 0 ? rate * (own / largest) : rate
            }
            let loss = try train(rate)
            if !loss.isFinite { break }
            average = smoothing * average + (1 - smoothing) * loss
            let smooth = average / (1 - pow(smoothing, Double(step + 1)))
            curve.points.append(.init(learningRate: rate, loss: loss, smoothedLoss: smooth))
            if smooth > divergence * curve.points.map(\.smoothedLoss).min()! { break }
        }
        return curve
    }
}

extension StateDict {
    /// Copies of the tensors in separate memory.
    fileprivate func copied() -> StateDict {
        StateDict(
            map { name, tensor in
                (
                    name,
                    tensor.withUnsafeBytes {
                        Tensor(bytes: $0, dtype: tensor.dtype, shape: tensor.shape, device: tensor.device)
                    }
                )
            })
    }
}
