import Cresset
import CressetData

/// One pass of a task over data: batches are taken, assessed and totalled, and losses are watched.
struct Pass {
    let task: any TrainingTask
    let phase: Phase
    let device: Device
    /// The number of the epoch, from 1.
    var epoch = 1
    /// Batches of fewer samples are left out.
    var smallestBatch = 1

    /// The failure for a loss that is infinite or NaN.
    var failure: (_ loss: Double, _ batch: Int) -> LossNotFinite

    /// Runs through an epoch of `source`.
    ///
    /// - Parameters:
    ///   - source: The data.
    ///   - start: The number of the first batch.
    ///   - totals: The sums of the batches before it; nil if there are none.
    ///   - assess: Assesses a batch, and makes a step in training.
    ///   - report: Called after each batch; ends the pass by returning false.
    /// - Returns: The sums; nil if the pass was ended early.
    func run(
        _ source: any BatchSource, from start: Int = 0, totals: PhaseTotals? = nil,
        assess: (Batch) throws -> Assessment, report: (BatchResult) throws -> Bool
    ) throws -> PhaseTotals? {
        task.prepare(for: phase)
        let totals = totals ?? PhaseTotals(task)
        let batches = source.batches(epoch: epoch - 1, startingAt: start)
        var latest = 0
        var isThrough = false
        defer { if !isThrough { batches.cancel() } }
        while let batch = try batches.next()?.to(device) {
            latest = batch.number
            if batch.count < smallestBatch { continue }
            let assessment = try assess(batch)
            // On a GPU, reading would wait: there the loss is looked at when somebody reads the figures.
            if assessment.loss.device == .cpu { try check(assessment.loss.item(), latest) }
            totals.add(assessment)
            let result = BatchResult(
                phase: phase, epoch: epoch, number: batch.number, batchCount: source.batchCount, batch: batch,
                assessment: assessment, totals: totals)
            let continues = try report(result)
            if let read = totals.latest { try check(read.loss, latest) }
            if !continues { return nil }
        }
        isThrough = true
        if totals.count > 0 { try check(totals.figures.loss, latest) }
        return totals
    }

    private func check(_ loss: Double, _ batch: Int) throws {
        if !loss.isFinite { throw failure(loss, batch + 1) }
    }
}

extension TrainingTask {
    /// Judges the network on data, without changing it; the module is left in evaluation mode.
    ///
    /// - Parameters:
    ///   - source: The data.
    ///   - device: Where batches go; nil for where the module's first parameter is.
    ///   - report: Called after each batch, for example to keep what the network said of each sample.
    /// - Throws: ``LossNotFinite``; what reading, assessing and `report` throw.
    @discardableResult
    public func evaluate(
        on source: any BatchSource, device: Device? = nil, _ report: (BatchResult) throws -> Void = { _ in }
    ) throws -> Figures {
        let device = device ?? self.device
        let pass = Pass(task: self, phase: .validation, device: device) { loss, batch in
            LossNotFinite(loss: loss, phase: .validation, epoch: 1, batch: batch, learningRate: 0, hasBest: false)
        }
        let totals = try withoutGradients {
            try pass.run(source, assess: { try assess($0, in: .validation).detached() }) {
                try report($0)
                return true
            }
        }
        return totals?.figures ?? Figures(count: 0, loss: .nan)
    }
}
