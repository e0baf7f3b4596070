import Cresset

/// The running loss and accuracy of one pass over the data.
struct PhaseTotals {
    private(set) var count = 0
    private var lossSum = 0.0
    private var correct = 0

    /// Adds a batch: its mean loss, its scores, its labels.
    mutating func add(loss: Double, scores: Tensor, labels: Tensor) {
        let batch = labels.elementCount
        let predicted = scores.detached().argmax(axis: 1).scalars(as: Int64.self)
        count += batch
        lossSum += loss * Double(batch)
        correct += zip(predicted, labels.scalars(as: Int64.self)).count { $0 == $1 }
    }

    var loss: Double { count > 0 ? lossSum / Double(count) : .nan }
    var accuracy: Double { count > 0 ? Double(correct) / Double(count) : .nan }
}
