import Cresset

/// Attention in several heads: each looks up values by how well keys match queries, in its own subspace.
///
/// *Shape*: queries (L, N, E), keys (S, N, K) and values (S, N, V) give (L, N, E) and weights (N, L, S); with
/// `batchFirst` N comes first, and without N everything is without it.
/// *Source*: Vaswani et al., "Attention Is All You Need", 2017; `torch.nn.MultiheadAttention`.
public final class MultiheadAttention: Module {
    /// Separate matrices for queries, keys and values; nil if keys and values have the embedding's length.
    public let qProjWeight, kProjWeight, vProjWeight: Parameter?
    /// The three matrices stacked, (3 E, E).
    public let inProjWeight: Parameter?
    /// (3 E).
    public let inProjBias: Parameter?
    /// A key and a value, (1, 1, E), appended to those of every sequence.
    public let biasK, biasV: Parameter?
    public let outProj: Linear
    public var isTraining = true
    public let heads: Int
    public let dropout: Double
    public let batchFirst, addsZeroAttention: Bool

    /// A layer with random weights as PyTorch draws them.
    ///
    /// - Parameters:
    ///   - dimension: The length E of queries and results; `heads` must divide it.
    ///   - heads: The number of heads, which divides the dimension.
    ///   - dropout: The share of weights set to zero in training.
    ///   - bias: Whether the projections have biases.
    ///   - addsBiasKeys: Whether a learned key and value are appended to those of every sequence.
    ///   - addsZeroAttention: Whether a key and value of zeros are appended, so that a query can attend to nothing.
    ///   - keyDimension: The length K of keys; E if nil.
    ///   - valueDimension: The length V of values; E if nil.
    ///   - batchFirst: Whether the batch is the first axis.
    ///   - dtype: The type of the parameters.
    public init(
        _ dimension: Int, heads: Int, dropout: Double = 0, bias: Bool = true, addsBiasKeys: Bool = false,
        addsZeroAttention: Bool = false, keyDimension: Int? = nil, valueDimension: Int? = nil, batchFirst: Bool = false,
        dtype: DType = .float32
    ) {
        guard dimension >= 1, heads >= 1, dimension % heads == 0 else {
            fatalError("MultiheadAttention: \(heads) heads do not divide a dimension of \(dimension)")
        }
        self.heads = heads
        self.dropout = dropout
        self.batchFirst = batchFirst
        self.addsZeroAttention = addsZeroAttention
        // PyTorch draws the output's matrix (and its bias, which is then set to zeros) before the others.
        outProj = Linear(dimension, dimension, bias: bias, dtype: dtype)
        outProj.bias?.initializeConstant(0)
        func matrix(_ rows: Int, _ columns: Int) -> Parameter {
            let parameter = Parameter(zeros: [rows, columns], dtype: dtype)
            parameter.initializeXavierUniform()
            return parameter
        }
        let (keys, values) = (keyDimension ?? dimension, valueDimension ?? dimension)
        let isUniform = keys == dimension && values == dimension
        inProjWeight = isUniform ? matrix(3 * dimension, dimension) : nil
        qProjWeight = isUniform ? nil : matrix(dimension, dimension)
        kProjWeight = isUniform ? nil : matrix(dimension, keys)
        vProjWeight = isUniform ? nil : matrix(dimension, values)
        inProjBias = bias ? Parameter(zeros: [3 * dimension], dtype: dtype) : nil
        func row() -> Parameter {
            let parameter = Parameter(zeros: [1, 1, dimension], dtype: dtype)
            // Xavier's normal distribution: for this shape both fans are the dimension.
            parameter.initializeNormal(standardDeviation: 1 / Double(dimension).squareRoot())
            return parameter
        }
        biasK = addsBiasKeys ? row() : nil
        biasV = addsBiasKeys ? row() : nil
    }

    /// The length E.
    public var dimension: Int { outProj.inFeatures }

    ///
    /// - Parameters:
    ///   - query: The queries, (L, N, E), or (N, L, E) if the batch is first.
    ///   - keys: The keys, (S, N, K), or (N, S, K).
    ///   - values: The values, (S, N, V), or (N, S, V).
    ///   - keyPadding: (N, S): bool, true if a key is padding and must be ignored; or numbers added to the scores.
    ///   - mask: (L, S) or (N · heads, L, S): bool, true if a query must not look; or numbers added to the scores.
    ///     (`Tensor.attention` uses the opposite convention, as PyTorch does.)
    ///   - isCausal: Whether a query sees only the keys up to its own position.
    ///   - needsWeights: Whether the weights are returned.
    ///   - averagesWeights: Whether they are averaged over the heads; otherwise they are (N, heads, L, S).
    public func callAsFunction(
        _ query: Tensor, keys: Tensor, values: Tensor, keyPadding: Tensor? = nil, mask: Tensor? = nil,
        isCausal: Bool = false, needsWeights: Bool = true, averagesWeights: Bool = true
    ) -> (output: Tensor, weights: Tensor?) {
        let isBatched = query.rank == 3
        guard query.rank == 2 || isBatched, keys.rank == query.rank, values.rank == query.rank else {
            fatalError("MultiheadAttention: queries \(query.shape), keys \(keys.shape), values \(values.shape)")
        }
        func rows(_ x: Tensor) -> Tensor {
            isBatched ? (batchFirst ? x : x.transposed(0, 1)) : x.unsqueezed(at: 0)
        }
        let projected = project(rows(query), rows(keys), rows(values))
        let (q, k, v) = (inHeads(projected.q), inHeads(projected.k), inHeads(projected.v))
        let masks = AttentionMask(
            batch: q.shape[0], heads: heads, queries: q.shape[2],
            keys: keys.shape[isBatched && !batchFirst ? 0 : keys.rank - 2],
            dtype: q.dtype, device: q.device
        ).sum(keyPadding: keyPadding, mask: mask, isCausal: isCausal)
        // Keys that the layer adds are never masked.
        let added = k.shape[2] - (masks?.shape.last ?? k.shape[2])
        let scores = masks.map { added == 0 ? $0 : $0.padded([0, added]) }
        let dropout = isTraining ? dropout : 0
        let (mixed, weights) = attend(q, k, v, scores, dropout, needsWeights: needsWeights)
        let joined = outProj(mixed.permuted([0, 2, 1, 3]).reshaped([q.shape[0], q.shape[2], dimension]))
        let output = isBatched ? (batchFirst ? joined : joined.transposed(0, 1)) : joined.squeezed(axis: 0)
        let shown = weights.map { averagesWeights ? $0.mean(axes: [1]) : $0 }
        return (observed(output), isBatched ? shown : shown?.squeezed(axis: 0))
    }

    private func attend(
        _ q: Tensor, _ k: Tensor, _ v: Tensor, _ mask: Tensor?, _ dropout: Double, needsWeights: Bool
    ) -> (Tensor, weights: Tensor?) {
        guard needsWeights else { return (q.attention(keys: k, values: v, mask: mask, dropout: dropout), nil) }
        var scores = (q * (1 / Double(q.shape[3]).squareRoot())).matmul(k.t)
        if let mask { scores = scores + mask }
        let weights = scores.softmax(axis: -1).dropout(probability: dropout)
        return (weights.matmul(v), weights)
    }

    /// The inputs multiplied by their matrices, with the keys and values that the layer adds.
    private func project(_ query: Tensor, _ keys: Tensor, _ values: Tensor) -> (q: Tensor, k: Tensor, v: Tensor) {
        let weights = inProjWeight?.value.chunked(3) ?? [qProjWeight!.value, kProjWeight!.value, vProjWeight!.value]
        let biases = inProjBias?.value.chunked(3)
        let q = query.linear(weight: weights[0], bias: biases?[0])
        var k = keys.linear(weight: weights[1], bias: biases?[1])
        var v = values.linear(weight: weights[2], bias: biases?[2])
        let one: Shape = [k.shape[0], 1, dimension]
        if let biasK, let biasV {
            k = .concatenated([k, biasK.value.broadcast(to: one)], axis: 1)
            v = .concatenated([v, biasV.value.broadcast(to: one)], axis: 1)
        }
        if addsZeroAttention {
            let zeros = Tensor.zeros(one, dtype: k.dtype, device: k.device)
            k = .concatenated([k, zeros], axis: 1)
            v = .concatenated([v, zeros], axis: 1)
        }
        return (q, k, v)
    }

    /// (N, L, E) as (N, heads, L, E / heads).
    private func inHeads(_ x: Tensor) -> Tensor {
        x.reshaped([x.shape[0], x.shape[1], heads, dimension / heads]).permuted([0, 2, 1, 3])
    }
}

/// A term added to the scores of attention: -inf where a query must not look at a key.
private struct AttentionMask {
    let batch, heads, queries, keys: Int
    let dtype: DType
    let device: Device

    /// The given masks, added up and broadcastable to (N, heads, L, S); nil if there are none.
    func sum(keyPadding: Tensor?, mask: Tensor?, isCausal: Bool) -> Tensor? {
        var parts: [Tensor] = []
        if let keyPadding {
            guard keyPadding.shape == [batch, keys] || batch == 1 && keyPadding.shape == [keys] else {
                fatalError(
                    "MultiheadAttention: a key padding of shape \(keyPadding.shape), expected (\(batch), \(keys)), a row"
                        + " per example")
            }
            parts.append(numbers(keyPadding.reshaped([batch, 1, 1, keys])))
        }
        if let mask {
            guard mask.shape == [queries, keys] || mask.shape == [batch * heads, queries, keys] else {
                fatalError(
                    "MultiheadAttention: a mask of shape \(mask.shape), expected (\(queries), \(keys)) or"
                        + " (\(batch * heads), \(queries), \(keys))")
            }
            parts.append(numbers(mask.rank == 2 ? mask : mask.reshaped([batch, heads, queries, keys])))
        }
        if isCausal {
            parts.append(
                numbers(Tensor.ones([queries, keys], dtype: .bool, device: device).upperTriangle(diagonal: 1)))
        }
        return parts.isEmpty ? nil : parts.dropFirst().reduce(parts[0]) { $0 + $1 }
    }

    private func numbers(_ mask: Tensor) -> Tensor {
        mask.dtype == .bool
            ? .select(mask, -Double.infinity, Tensor.zeros([], dtype: dtype, device: device)) : mask.to(dtype)
    }
}
