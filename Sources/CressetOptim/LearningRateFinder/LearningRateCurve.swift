import Cresset
import Glibc

/// The measurements of ``LearningRateFinder``.
public struct LearningRateCurve: Sendable {
    /// What was measured at one rate.
    public struct Point: Sendable, Equatable {
        public var learningRate: Double
        public var loss: Double
        public var smoothedLoss: Double

        /// Creates one from its parts.
        ///
        /// - Parameters:
        ///   - learningRate: The rate.
        ///   - loss: The loss of the step's batches, before the step.
        ///   - smoothedLoss: The average of it and the losses before.
        public init(learningRate: Double, loss: Double, smoothedLoss: Double) {
            self.learningRate = learningRate
            self.loss = loss
            self.smoothedLoss = smoothedLoss
        }
    }

    public var points: [Point] = []
    /// The number of rates that were to be tried; there are fewer points if the loss grew too much.
    public let stepCount: Int

    /// An empty curve.
    ///
    /// - Parameter stepCount: The number of rates to be tried; 0 for as many as there are points.
    public init(stepCount: Int = 0) { self.stepCount = stepCount }

    /// The points that say something: without the first tenth of the rates, whose losses are those of too few batches, and
    /// the last five, where the loss may be growing already.
    private var telling: [Point] { Array(points.dropFirst(max(stepCount, points.count) / 10).dropLast(5)) }

    /// A rate in the middle of the valley that the smoothed loss falls into; nil if it never falls.
    ///
    /// This is fastai's default rule, `valley`. Of all ways to pick points of the curve, in
    /// order, so that the loss of each is lower than that of the one before, the one with the most points is the longest
    /// descent; small rises on the way do not end it. Where it ends, the loss is about to grow. Counted in points, the
    /// suggestion lies half of the descent's length before that end: on the logarithmic scale of the rates, far enough down
    /// the slope to learn fast, and far enough from the end to be safe. The first tenth of the rates and the last five
    /// points are left out.
    ///
    /// *Source*: fastai, `fastai.callback.schedule.valley`.
    public var suggestion: Double? {
        let points = telling, losses = points.map(\.smoothedLoss)
        // The most points of a descent that ends with each point.
        var lengths = [Int](repeating: 1, count: losses.count)
        var end = 0
        for i in losses.indices.dropFirst() {
            for j in 0..<i where losses[i] < losses[j] { lengths[i] = max(lengths[i], lengths[j] + 1) }
            if lengths[i] > lengths[end] { end = i }
        }
        guard !points.isEmpty, lengths[end] > 1 else { return nil }
        // A third of the descent and half of a third, as if its points were neighbours.
        let third = Double(lengths[end]) / 3
        return points[max(end - lengths[end] + Int(third) + Int(third / 2), 0)].learningRate
    }

    /// The rate at which the smoothed loss falls most steeply, over the logarithm of the rate; nil if it never falls.
    public var steepest: Double? {
        let points = telling
        var best: (slope: Double, rate: Double)?
        for (before, after) in zip(points, points.dropFirst()) {
            let slope = (after.smoothedLoss - before.smoothedLoss) / log(after.learningRate / before.learningRate)
            if slope < best?.slope ?? 0 { best = (slope, before.learningRate) }
        }
        return best?.rate
    }

    /// The curve as a plot: the smoothed loss over the rate, the individual losses as dots, the suggestion marked.
    public var plot: LinePlot {
        var plot = LinePlot(title: "learning-rate finder", x: "learning rate", y: "loss", scale: .logarithmic)
        plot.add("smoothed", points.map { (x: $0.learningRate, y: $0.smoothedLoss) })
        plot.add("a batch", points.map { (x: $0.learningRate, y: $0.loss) }, style: .dots)
        if let suggestion { plot.mark(x: suggestion, suggestion.general(2)) }
        return plot
    }
}
