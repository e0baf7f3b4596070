import CressetOptim

/// The values of the page "From PyTorch", by the names that it gives them.
struct Spellings {
    var x: Tensor
    let y, a, b, u, v, input, weight, bias, mean, variance, mask, condition, source, indices, offsets, values: Tensor
    let table, grid, queries, keys, labels, target, positive, negative, boundaries, sorted, elements, slopes, q: Tensor
    let tensors: [Tensor]
    let axis, first, second, index, start, end, step, count, length, size, rows, columns, offset, k, groups: Int
    let number, factor, inFeatures, outFeatures, inChannels, outChannels, features, channels, classes, dimension: Int
    let heads, inputs, hidden, layers, blank: Int
    let axes, amounts, counts, shifts, lengths, sources, targets, kernel, stride, padding, left, right: [Int]
    let alpha, beta, value, p, margin, delta, epsilon, low, high, bound, threshold, slope, lower, upper, base,
        correction: Double
    let keeps, descending, accumulates, largest, unbiased, isRight, isTraining: Bool
    let shape: Shape
    let dtype: DType
    let positions: [TensorIndex]
    let equation: String
    let reduction: Reduction
    let parameters: [Parameter]
    let optimizer: any Optimizer
    let warmUp, decay: any Schedule
    let loss: () -> Tensor
}
