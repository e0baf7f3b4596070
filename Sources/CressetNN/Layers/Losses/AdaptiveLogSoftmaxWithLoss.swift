import Cresset

/// Log-probabilities of very many classes: frequent ones individually, rare ones in clusters with smaller matrices.
///
/// Classes are numbered by frequency, 0 the most frequent. *Shape*: (N, inFeatures), labels (N).
/// *Source*: Grave et al., "Efficient softmax approximation for GPUs", 2016; `torch.nn.AdaptiveLogSoftmaxWithLoss`.
public final class AdaptiveLogSoftmaxWithLoss: Module {
    /// The scores of the frequent classes, and one for each cluster.
    public let head: Linear
    /// Two matrices per cluster.
    public let tail: [Sequential]
    /// The first class of each cluster, then the number of classes.
    public let cutoffs: [Int]

    /// Traps unless the cutoffs increase and lie between 1 and the number of classes.
    ///
    /// - Parameters:
    ///   - inFeatures: The number of input features.
    ///   - classes: The number of classes.
    ///   - cutoffs: The first class of each cluster; those before the first are the frequent ones.
    ///   - divisor: The factor by which each cluster's inner length is smaller than that of the one before.
    ///   - headBias: Whether the head has a bias.
    ///   - dtype: The type of the parameters.
    public init(
        _ inFeatures: Int, classes: Int, cutoffs: [Int], divisor: Double = 4, headBias: Bool = false,
        dtype: DType = .float32
    ) {
        guard let first = cutoffs.first, first >= 1, zip(cutoffs, cutoffs.dropFirst() + [classes]).allSatisfy(<) else {
            fatalError("AdaptiveLogSoftmaxWithLoss: cutoffs \(cutoffs) must increase between 1 and \(classes) classes")
        }
        self.cutoffs = cutoffs + [classes]
        head = Linear(inFeatures, first + cutoffs.count, bias: headBias, dtype: dtype)
        let sizes = zip(self.cutoffs.dropFirst(), cutoffs).map { $0 - $1 }
        var divided = Double(inFeatures)
        tail = sizes.map { size in
            divided /= divisor
            let inner = Int(divided)
            return Sequential(
                Linear(inFeatures, inner, bias: false, dtype: dtype), Linear(inner, size, bias: false, dtype: dtype))
        }
    }

    /// The log-probability of each label, and their negative mean: the loss. Traps if a label is not a class.
    ///
    /// - Parameters:
    ///   - x: The inputs, (N, in features).
    ///   - target: The correct class of each, int64 (N).
    public func callAsFunction(_ x: Tensor, _ target: Tensor) -> (output: Tensor, loss: Tensor) {
        let labels = target.scalars(as: Int64.self).map(Int.init)
        guard x.rank == 2, target.shape == [x.shape[0]], labels.allSatisfy({ (0..<cutoffs.last!).contains($0) }) else {
            fatalError(
                "AdaptiveLogSoftmaxWithLoss: an input of shape \(x.shape) and labels of shape \(target.shape), expected"
                    + " (N, features) with N labels from 0 to \(cutoffs.last! - 1)")
        }
        func column(_ numbers: [Int]) -> Tensor {
            Tensor(numbers.map(Int64.init), shape: [numbers.count, 1], device: x.device)
        }
        // In the head a rare class is represented by its cluster.
        let clusters = labels.map { label in cutoffs.dropLast().lastIndex { $0 <= label } }
        let places = zip(labels, clusters).map { label, cluster in cluster.map { cutoffs[0] + $0 } ?? label }
        var output = head(x).logSoftmax(axis: 1).gather(axis: 1, indices: column(places)).squeezed(axis: 1)
        for (number, layers) in tail.enumerated() {
            let rows = clusters.indices.filter { clusters[$0] == number }
            if rows.isEmpty { continue }
            let indices = column(rows).flattened()
            let within = layers(x.indexSelect(axis: 0, indices: indices)).logSoftmax(axis: 1)
                .gather(axis: 1, indices: column(rows.map { labels[$0] - cutoffs[number] })).squeezed(axis: 1)
            output = output.indexAdd(axis: 0, indices: indices, within)
        }
        return (output, -output.mean())
    }

    /// The log-probabilities of all classes, (N, classes).
    ///
    /// - Parameter x: The inputs, (N, in features).
    public func logProbabilities(_ x: Tensor) -> Tensor {
        let scores = head(x).logSoftmax(axis: 1)
        let rare = tail.enumerated().map { number, layers in
            layers(x).logSoftmax(axis: 1) + scores.narrowed(axis: 1, start: cutoffs[0] + number, count: 1)
        }
        return .concatenated([scores.narrowed(axis: 1, start: 0, count: cutoffs[0])] + rare, axis: 1)
    }

    /// The most probable class of each row.
    ///
    /// - Parameter x: The inputs, (N, in features).
    public func predict(_ x: Tensor) -> Tensor { logProbabilities(x).argmax(axis: 1) }
}
