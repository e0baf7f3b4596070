// Connectionist temporal classification: the likelihood of a label sequence over all alignments with the frames.

extension Tensor {
    /// The negative log-likelihood of label sequences, where `self` contains the log-probabilities of each frame.
    ///
    /// *Shape*: (T, N, C) with labels of (N, S), or of (sum of the lengths) concatenated, gives (N) or one
    /// number; (T, C) with (S) is a single sequence.
    ///
    /// - Parameters:
    ///   - target: The labels of the sequences: (N, S), or all of them concatenated.
    ///   - inputLengths: The number of frames of each sequence, at most T.
    ///   - targetLengths: The number of labels of each sequence, by which the mean first divides each loss.
    ///   - blank: The class that means "no new label".
    ///   - reduction: How the elements' losses are combined: mean, sum, or none.
    ///   - zeroesInfinity: Whether sequences that cannot be aligned count as zero, gradient and all, instead of
    ///     infinity.
    /// - Source: Graves et al., "Connectionist Temporal Classification", 2006; `torch.nn.functional.ctc_loss`. As
    ///   there, the gradient is that with respect to scores before `logSoftmax`, exact once it has passed through it.
    ///   Traps if lengths or labels do not fit: check data when it is read.
    public func ctcLoss(
        _ target: Tensor, inputLengths: [Int], targetLengths: [Int], blank: Int = 0, reduction: Reduction = .mean,
        zeroesInfinity: Bool = false
    ) -> Tensor {
        if rank == 2 {
            let loss = unsqueezed(at: 1).ctcLoss(
                target.reshaped([1, target.elementCount]), inputLengths: inputLengths, targetLengths: targetLengths,
                blank: blank, reduction: reduction, zeroesInfinity: zeroesInfinity)
            return reduction == .none ? loss.squeezed(axis: 0) : loss
        }
        if autocastRaised.dtype != dtype {
            return autocastRaised.ctcLoss(
                target, inputLengths: inputLengths, targetLengths: targetLengths, blank: blank, reduction: reduction,
                zeroesInfinity: zeroesInfinity)
        }
        checkAlignment(target, inputLengths, targetLengths, blank)
        let labels = Alignment(
            target: target, lengths: targetLengths, blank: blank, classes: shape[2])
        let likelihoods = labels.logLikelihoods(self, inputLengths)
        let isImpossible = likelihoods.detached() .< Alignment.impossible / 2
        var losses = Tensor.select(isImpossible, zeroesInfinity ? 0 : Double.infinity, -likelihoods)
        losses = losses + softmaxTerm(inputLengths, isImpossible)
        switch reduction {
        case .none: return losses
        case .sum: return losses.sum()
        case .mean:
            let counts = Tensor(targetLengths.map { Double(Swift.max(1, $0)) }, device: device).to(dtype)
            return (losses / counts).mean()
        }
    }

    /// Zeros whose gradient is the frames' probabilities: what the derivative of the softmax would add.
    private func softmaxTerm(_ inputLengths: [Int], _ isImpossible: Tensor) -> Tensor {
        guard requiresGradient else { return .zeros([shape[1]], dtype: dtype, device: device) }
        let frames = Tensor.arange(shape[0], device: device).unsqueezed(at: 1)
        let counts = (frames .< Tensor(inputLengths, device: device)) .& isImpossible.logicalNot()
        let probabilities = Tensor.select(counts.unsqueezed(at: 2), exp(), 0).sum(axes: [0, 2])
        return probabilities - probabilities.detached()
    }

    private func checkAlignment(_ target: Tensor, _ inputLengths: [Int], _ targetLengths: [Int], _ blank: Int) {
        guard rank == 3, inputLengths.count == shape[1], targetLengths.count == shape[1], target.rank <= 2,
            blank >= 0, blank < shape[2]
        else {
            fail(
                "ctcLoss",
                "\(shape) with labels of shape \(target.shape), \(inputLengths.count) and \(targetLengths.count) lengths",
                hint: "log-probabilities are (T, N, C), with one input length and one target length per sequence")
        }
        guard inputLengths.allSatisfy({ $0 >= 0 && $0 <= shape[0] }) else {
            fail("ctcLoss", "input lengths \(inputLengths) are not all in 0…\(shape[0])")
        }
        let room = target.rank == 2 ? target.shape[1] : Int.max
        let total = targetLengths.reduce(0, +)
        guard targetLengths.allSatisfy({ $0 >= 0 && $0 <= room }), target.rank == 2 || total <= target.elementCount
        else { fail("ctcLoss", "target lengths \(targetLengths) do not fit labels of shape \(target.shape)") }
    }
}

/// The labels of a batch with blanks between them: the states that an alignment goes through, two per label plus one.
private struct Alignment {
    /// The logarithm of "impossible", finite so that differences of two of them are numbers.
    static let impossible = -1e30

    private let lengths: [Int]
    /// The class of each state, (N, states).
    private let classes: [[Int]]
    private let states: Int
    private let blank: Int

    init(target: Tensor, lengths: [Int], blank: Int, classes: Int) {
        self.lengths = lengths
        self.blank = blank
        let most = lengths.max() ?? 0
        states = 2 * most + 1
        let all: [Int] = target.scalars()
        var start = 0
        var rows: [[Int]] = []
        for (i, length) in lengths.enumerated() {
            let first = target.rank == 2 ? i * target.shape[1] : start
            start += length
            var row = [Int](repeating: blank, count: states)
            for k in 0..<length {
                let label = all[first + k]
                guard label >= 0, label < classes else {
                    fail("ctcLoss", "label \(label) is not one of \(classes) classes")
                }
                row[2 * k + 1] = label
            }
            rows.append(row)
        }
        self.classes = rows
    }

    /// The logarithm of each sequence's likelihood, by the forward recursion over frames.
    func logLikelihoods(_ frames: Tensor, _ inputLengths: [Int]) -> Tensor {
        let (t, n, device) = (frames.shape[0], frames.shape[1], frames.device)
        let numbers = Tensor(classes.flatMap { $0 }, shape: [1, n, states], device: device)
        // The log-probability of each state's class in each frame.
        let emissions = frames.gather(axis: 2, indices: numbers.broadcast(to: [t, n, states]))
        // A step may skip a blank between two different labels.
        let skips = classes.map { row in row.indices.map { $0 >= 2 && row[$0] != blank && row[$0] != row[$0 - 2] } }
        let maySkip = Tensor(skips.flatMap { $0 }, shape: [n, states], device: device)
        // Before the first frame only a state before the first one is possible: a step from it leads to 0, a skip to 1.
        var alphas = impossibleRow(n, states, frames)
        let slices = emissions.unstacked(axis: 0)
        let shortest = inputLengths.min() ?? 0
        for (time, emission) in slices.enumerated() {
            var next = time == 0 ? entry(n, frames) : reach(alphas, maySkip)
            next = next + emission
            if time >= shortest {
                let isRunning = Tensor(inputLengths.map { time < $0 }, shape: [n, 1], device: device)
                next = .select(isRunning, next, alphas)
            }
            alphas = next
        }
        return ends(alphas, inputLengths)
    }

    /// The logarithms of the paths that lead to each state: stay, step, skip.
    private func reach(_ alphas: Tensor, _ maySkip: Tensor) -> Tensor {
        let n = alphas.shape[0]
        let padded = Tensor.concatenated([impossibleRow(n, 2, alphas), alphas], axis: 1)
        let step = padded.narrowed(axis: 1, start: 1, count: states)
        let skip = Tensor.select(maySkip, padded.narrowed(axis: 1, start: 0, count: states), Self.impossible)
        return logSum([alphas, step, skip])
    }

    /// The states where a sequence may begin: the first blank and the first label.
    private func entry(_ n: Int, _ like: Tensor) -> Tensor {
        let rows = lengths.map { length in (0..<states).map { $0 == 0 || ($0 == 1 && length > 0) ? 0 : Self.impossible }
        }
        return Tensor(rows.flatMap { $0 }, shape: [n, states], device: like.device).to(like.dtype)
    }

    /// The sum over the states where a sequence may end: the last label and the blank after it.
    private func ends(_ alphas: Tensor, _ inputLengths: [Int]) -> Tensor {
        let n = alphas.shape[0]
        let last = Tensor(lengths.map { 2 * $0 }, shape: [n, 1], device: alphas.device)
        let before = Tensor(lengths.map { Swift.max(0, 2 * $0 - 1) }, shape: [n, 1], device: alphas.device)
        let hasLabels = Tensor(lengths.map { $0 > 0 }, shape: [n, 1], device: alphas.device)
        let blankEnd = alphas.gather(axis: 1, indices: last)
        let labelEnd = Tensor.select(hasLabels, alphas.gather(axis: 1, indices: before), Self.impossible)
        let sums = logSum([blankEnd, labelEnd]).squeezed(axis: 1)
        // Without frames only the empty sequence is possible, and certain.
        guard inputLengths.contains(0) else { return sums }
        let isEmpty = Tensor(zip(inputLengths, lengths).map { $0 == 0 && $1 == 0 }, device: alphas.device)
        return .select(isEmpty, 0.0, sums)
    }

    private func logSum(_ parts: [Tensor]) -> Tensor {
        let largest = parts.dropFirst().reduce(parts[0].detached()) { $0.maximum($1.detached()) }
        let sum = parts.dropFirst().reduce((parts[0] - largest).exp()) { $0 + ($1 - largest).exp() }
        return sum.log() + largest
    }

    private func impossibleRow(_ n: Int, _ count: Int, _ like: Tensor) -> Tensor {
        .full([n, count], Self.impossible, dtype: like.dtype, device: like.device)
    }
}
