import Cresset
import CressetData

/// A step between the loader and the model that mixes the samples of a batch.
///
/// ```swift
/// let mixUp = MixUp(alpha: 0.2, classes: 10)
/// for try await batch in loader.batches(epoch: epoch) {
///     let mixed = mixUp(batch, seed: 0, epoch: epoch)
///     let loss = model(mixed.inputs).crossEntropy(mixed.labels)
/// }
/// ```
///
/// The labels become probabilities, which `crossEntropy` accepts in place of class numbers. Each sample is mixed with the
/// one before it, the first with the last, so the batches must be shuffled.
public protocol BatchTransform: Sendable {
    /// The batch after this step.
    ///
    /// - Parameters:
    ///   - batch: Inputs (N, C, H, W) and labels: class numbers (N), or probabilities (N, classes).
    ///   - random: The only source of random numbers.
    func apply(to batch: Batch, random: inout SampleRandom) -> Batch
}

extension BatchTransform {
    /// Mixes a batch; the random numbers depend on the seed, the epoch and the batch's number alone.
    ///
    /// - Parameters:
    ///   - batch: Inputs (N, C, H, W) and labels: class numbers (N), or probabilities (N, classes).
    ///   - seed: The random seed: equal seeds give equal mixtures.
    ///   - epoch: The number of the pass over the data, from 0.
    public func callAsFunction(_ batch: Batch, seed: UInt64 = 0, epoch: Int = 0) -> Batch {
        // Not the numbers of the sample that has this batch's number.
        var random = SampleRandom(seed: ~seed, epoch: epoch, index: batch.number)
        return apply(to: batch, random: &random)
    }
}

/// Adds to each sample a random share of its neighbour in the batch.
///
/// The share λ is drawn from the distribution Beta(α, α): inputs and labels become λ x + (1 - λ) neighbour.
/// - Source: Zhang et al., *mixup: Beyond Empirical Risk Minimization*, arXiv:1710.09412.
public struct MixUp: BatchTransform {
    public let alpha: Double
    public let classes: Int?

    /// Traps unless alpha is from 1e-6 to 1e6, and the number of classes positive.
    ///
    /// - Parameters:
    ///   - alpha: The concentration of the distribution of shares: the larger, the closer to one half.
    ///   - classes: How many classes there are. Needed unless labels are probabilities.
    public init(alpha: Double = 1, classes: Int? = nil) {
        checkMixing("MixUp", alpha, classes)
        self.alpha = alpha
        self.classes = classes
    }

    /// Traps unless inputs are floating-point numbers, and labels fit them and ``classes``.
    public func apply(to batch: Batch, random: inout SampleRandom) -> Batch {
        mixed(batch, share: random.beta(alpha))
    }

    /// The mixture in which each sample keeps the given share.
    package func mixed(_ batch: Batch, share: Double) -> Batch {
        let x = batch.inputs
        if !x.dtype.isFloatingPoint {
            fatalError("MixUp: inputs must be floating-point numbers, got \(x.dtype)\n  hint: put ToTensor() before it")
        }
        return batch.replacing(
            inputs: x * share + x.rolled([1], axes: [0]) * (1 - share),
            labels: batch.mixedLabels("MixUp", classes, share: share))
    }
}

/// Replaces a random rectangle of each sample with its neighbour's in the batch.
///
/// The rectangle's area, before it is cut off at the picture's border, is 1 - λ of the picture's, where λ is drawn from
/// Beta(α, α); labels are mixed by the area that is left.
/// - Source: Yun et al., *CutMix: Regularization Strategy to Train Strong Classifiers with Localizable Features*,
///   arXiv:1905.04899.
public struct CutMix: BatchTransform {
    public let alpha: Double
    public let classes: Int?

    /// Traps unless alpha is from 1e-6 to 1e6, and the number of classes positive.
    ///
    /// - Parameters:
    ///   - alpha: The concentration of the distribution of shares: the larger, the closer to one half.
    ///   - classes: How many classes there are. Needed unless labels are probabilities.
    public init(alpha: Double = 1, classes: Int? = nil) {
        checkMixing("CutMix", alpha, classes)
        self.alpha = alpha
        self.classes = classes
    }

    /// Traps unless labels fit the inputs and ``classes``.
    public func apply(to batch: Batch, random: inout SampleRandom) -> Batch {
        let shape = batch.inputs.shape
        if shape.count != 4 { fatalError("CutMix: inputs must be of shape (N, C, H, W), got \(shape)") }
        let part = part(width: shape[3], height: shape[2], random: &random)
        return mixed(batch, columns: part.columns, rows: part.rows)
    }

    /// The columns and rows that are replaced, of which there may be none.
    package func part(
        width: Int, height: Int, random: inout SampleRandom
    ) -> (columns: Range<Int>, rows: Range<Int>) {
        let half = 0.5 * (1 - random.beta(alpha)).squareRoot()
        func span(_ count: Int) -> Range<Int> {
            let (middle, reach) = (random.integer(below: count), Int(half * Double(count)))
            return max(middle - reach, 0)..<min(middle + reach, count)
        }
        return (span(width), span(height))
    }

    /// The mixture in which the given part comes from the neighbour.
    package func mixed(_ batch: Batch, columns: Range<Int>, rows: Range<Int>) -> Batch {
        var x = batch.inputs
        let area = Double(columns.count * rows.count) / Double(x.shape[2] * x.shape[3])
        if area > 0 {
            let neighbours = x.rolled([1], axes: [0])
            x[.ellipsis, rows, columns] = neighbours[.ellipsis, rows, columns]
        }
        return batch.replacing(inputs: x, labels: batch.mixedLabels("CutMix", classes, share: 1 - area))
    }
}

extension Batch {
    fileprivate func replacing(inputs: Tensor, labels: Tensor) -> Batch {
        Batch(fields: [inputs, labels] + fields.dropFirst(2), indices: indices, number: number)
    }

    /// The labels as probabilities, each mixed with the one before.
    fileprivate func mixedLabels(_ name: String, _ classes: Int?, share: Double) -> Tensor {
        var y = labels
        if y.rank > 2 || y.rank == 0 || y.shape[0] != inputs.shape[0] {
            fatalError("\(name): labels of shape \(y.shape) do not fit inputs of shape \(inputs.shape)")
        }
        if y.rank == 1 {
            guard let classes else { fatalError("\(name): class numbers need `classes:`") }
            y = y.oneHot(classes: classes)
        } else if let classes, y.shape[1] != classes {
            fatalError("\(name): labels of shape \(y.shape) do not have \(classes) classes")
        }
        if !y.dtype.isFloatingPoint { y = y.to(.float32) }
        return y * share + y.rolled([1], axes: [0]) * (1 - share)
    }
}

/// Traps unless alpha is from 1e-6 to 1e6, and the number of classes positive.
private func checkMixing(_ name: String, _ alpha: Double, _ classes: Int?) {
    if !(1e-6...1e6).contains(alpha) || classes ?? 1 < 1 {
        fatalError(
            "\(name): alpha must be from 1e-6 to 1e6 and the number of classes positive, got \(alpha) and \(classes ?? 1)"
        )
    }
}
