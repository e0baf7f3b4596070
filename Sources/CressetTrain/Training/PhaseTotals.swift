import Cresset

/// The running loss and accuracy of one pass over the data.
///
/// They are summed on the device of the scores, and a GPU is waited for only when the figures are read.
struct PhaseTotals {
    private(set) var count = 0
    private var lossSum: Tensor?
    private var correct: Tensor?

    /// Adds a batch: its mean loss, its scores, its labels.
    mutating func add(loss: Tensor, scores: Tensor, labels: Tensor) {
        withoutGradients {
            let batch = labels.elementCount
            let sum = loss.detached().to(.float64) * Double(batch)
            let right = (scores.detached().argmax(axis: 1) .== labels).to(.int64).sum()
            count += batch
            lossSum = lossSum.map { $0 + sum } ?? sum
            correct = correct.map { $0 + right } ?? right
        }
    }

    /// The figures so far. Waits for the device.
    var figures: PhaseFigures {
        let sums = Tensor.items([lossSum, correct].compactMap { $0 })
        guard count > 0, sums.count == 2 else { return PhaseFigures(count: 0, loss: .nan, accuracy: .nan) }
        return PhaseFigures(count: count, loss: sums[0] / Double(count), accuracy: sums[1] / Double(count))
    }
}

/// Mean loss and accuracy over a number of examples.
struct PhaseFigures {
    let count: Int
    let loss: Double
    let accuracy: Double
}
