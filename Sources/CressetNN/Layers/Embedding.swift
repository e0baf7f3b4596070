import Cresset

/// A table of vectors, looked up by index: words, users, categories.
///
/// *Shape*: integers of any shape give (…, dimension).
public final class Embedding: Layer {
    /// (count, dimension).
    public let weight: Parameter
    /// The index whose vector starts as zeros and gets no gradient.
    public let paddingIndex: Int?
    /// Whether the gradient contains only the rows used (`SparseRows`), as `SparseAdam` requires.
    public let isSparse: Bool
    private let limit: NormLimit
    private let scalesByFrequency: Bool

    /// A table of vectors drawn from the standard normal distribution, as PyTorch draws them.
    ///
    /// - Parameters:
    ///   - count: The number of rows.
    ///   - dimension: The length of a row.
    ///   - paddingIndex: An index whose vector is zeros and stays so; negative ones count from the end.
    ///   - maxNorm: Vectors that are looked up are first scaled down to this norm, in the table itself.
    ///   - normOrder: The order of that norm.
    ///   - scalesByFrequency: Whether a vector's gradient is divided by how often it was looked up.
    ///   - isSparse: Whether the gradient contains only the rows used instead of the whole table.
    ///   - dtype: The type of the parameters.
    public init(
        _ count: Int, _ dimension: Int, paddingIndex: Int? = nil, maxNorm: Double? = nil, normOrder: Double = 2,
        scalesByFrequency: Bool = false, isSparse: Bool = false, dtype: DType = .float32
    ) {
        weight = Parameter(zeros: [count, dimension], dtype: dtype)
        weight.initializeNormal(standardDeviation: 1)
        self.paddingIndex = weight.clearRow(paddingIndex, "Embedding")
        limit = NormLimit(norm: maxNorm, order: normOrder)
        self.scalesByFrequency = scalesByFrequency
        self.isSparse = isSparse
    }

    /// A table initialised with `vectors`; frozen by default.
    ///
    /// - Parameters:
    ///   - vectors: The table, (count, dimension).
    ///   - isFrozen: Whether the table is frozen.
    ///   - paddingIndex: The row that gets no gradient; nil for none.
    ///   - isSparse: Whether the gradient contains only the rows that were used.
    public init(vectors: Tensor, isFrozen: Bool = true, paddingIndex: Int? = nil, isSparse: Bool = false) {
        guard vectors.rank == 2 else { fatalError("Embedding: the shape \(vectors.shape) does not have two axes") }
        weight = Parameter(vectors, requiresGradient: !isFrozen)
        self.paddingIndex = paddingIndex.map { $0 < 0 ? $0 + vectors.shape[0] : $0 }
        limit = NormLimit(norm: nil, order: 2)
        scalesByFrequency = false
        self.isSparse = isSparse
    }

    public var details: String {
        "\(weight.shape[0]), \(weight.shape[1])" + (paddingIndex.map { ", padding_idx=\($0)" } ?? "") + limit.details
            + (scalesByFrequency ? ", scale_grad_by_freq=True" : "") + (isSparse ? ", sparse=True" : "")
    }

    /// Traps if an index is not in the table: check data when it is read.
    ///
    /// - Parameter indices: Integers that number the elements.
    public func forward(_ indices: Tensor) -> Tensor {
        limit.apply(to: weight, indices)
        let vectors = weight.value.embedding(indices, padding: paddingIndex, isSparse: isSparse)
        guard scalesByFrequency, vectors.requiresGradient else { return vectors }
        let (_, inverse, counts) = indices.unique()
        // The gradient's share changes, the value does not.
        let share = 1 / counts.take(inverse).to(vectors.dtype).unsqueezed(at: -1)
        return vectors * share + vectors.detached() * (1 - share)
    }
}

/// A table of vectors; those named by a bag of indices are summed or averaged, or their largest elements are taken.
///
/// *Shape*: (bags, n), or (n) with the offsets at which the bags begin, give (bags, dimension).
public final class EmbeddingBag: Module {
    /// (count, dimension).
    public let weight: Parameter
    public let mode: BagMode
    /// The index that is ignored.
    public let paddingIndex: Int?
    public let includesEnd: Bool
    /// Whether the gradient contains only the rows used (`SparseRows`), as `SparseAdam` requires.
    public let isSparse: Bool
    private let limit: NormLimit

    /// A table of vectors drawn from the standard normal distribution, as PyTorch draws them.
    ///
    /// - Parameters:
    ///   - count: The number of rows.
    ///   - dimension: The length of a row.
    ///   - maxNorm: Vectors that are looked up are first scaled down to this norm, in the table itself.
    ///   - normOrder: The order of that norm.
    ///   - mode: Whether the rows of a bag are added up, averaged, or their maximum is taken.
    ///   - includesEnd: Whether the last offset is the end of the last bag.
    ///   - paddingIndex: An index that is ignored; negative ones count from the end.
    ///   - isSparse: Whether the gradient contains only the rows used instead of the whole table (sums and averages
    ///     only).
    ///   - dtype: The type of the parameters.
    public init(
        _ count: Int, _ dimension: Int, maxNorm: Double? = nil, normOrder: Double = 2, mode: BagMode = .mean,
        includesEnd: Bool = false, paddingIndex: Int? = nil, isSparse: Bool = false, dtype: DType = .float32
    ) {
        weight = Parameter(zeros: [count, dimension], dtype: dtype)
        weight.initializeNormal(standardDeviation: 1)
        self.paddingIndex = weight.clearRow(paddingIndex, "EmbeddingBag")
        self.mode = mode
        self.includesEnd = includesEnd
        self.isSparse = isSparse
        limit = NormLimit(norm: maxNorm, order: normOrder)
    }

    public var details: String {
        "\(weight.shape[0]), \(weight.shape[1])" + limit.details + (isSparse ? ", sparse=True" : "")
            + ", mode='\(mode.rawValue)'" + (paddingIndex.map { ", padding_idx=\($0)" } ?? "")
    }

    ///
    /// - Parameters:
    ///   - indices: The indices of rows: (N, L), or all bags concatenated.
    ///   - offsets: Where each bag begins, int64; nil if the indices have two axes.
    ///   - weights: A factor for each index, in the same shape (sums only).
    public func callAsFunction(_ indices: Tensor, offsets: Tensor? = nil, weights: Tensor? = nil) -> Tensor {
        limit.apply(to: weight, indices)
        return weight.value.embeddingBag(
            indices, offsets: offsets, mode: mode, weights: weights, padding: paddingIndex, includesEnd: includesEnd,
            isSparse: isSparse)
    }
}

/// The maximum norm of a table's rows, enforced on the rows that are used.
private struct NormLimit: Sendable {
    let norm: Double?
    let order: Double

    var details: String {
        (norm.map { ", max_norm=\($0)" } ?? "") + (order == 2 ? "" : ", norm_type=\(order)")
    }

    func apply(to weight: Parameter, _ indices: Tensor) {
        guard let norm, indices.elementCount > 0 else { return }
        withoutGradients {
            let used = indices.unique().values.to(.int64)
            let rows = weight.value.indexSelect(axis: 0, indices: used)
            let shortened = rows.renormalized(order: order, axis: 0, maximum: norm)
            weight.value = weight.value.indexCopy(axis: 0, indices: used, shortened)
        }
    }
}

extension Parameter {
    /// Sets a row to zeros; returns its index, counted from the beginning.
    fileprivate func clearRow(_ row: Int?, _ layer: String) -> Int? {
        guard let row else { return nil }
        guard row >= -shape[0], row < shape[0] else { fatalError("\(layer): row \(row) is not one of \(shape[0])") }
        let at = row < 0 ? row + shape[0] : row
        withoutGradients {
            value = value.indexFill(
                axis: 0, indices: Tensor([at], device: device), .zeros([], dtype: dtype, device: device))
        }
        return at
    }
}
