import CressetOptim
import Testing

/// Schedules as functions, and interrupted schedulers. The cases of `conformance` compare their values with PyTorch's.
@Suite struct ScheduleTests {
    private func rates(_ schedule: some Schedule, _ count: Int) -> [Double] {
        (0..<count).map { schedule.learningRate(at: $0, base: 1) }
    }

    private func areClose(_ a: [Double], _ b: [Double]) -> Bool {
        a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) < 1e-12 }
    }

    @Test func schedulesAreFunctionsOfTheStep() {
        #expect(areClose(rates(StepLR(stepSize: 2), 5), [1, 1, 0.1, 0.1, 0.01]))
        #expect(areClose(rates(MultiplicativeLR { 1 / Double($0) }, 4), [1, 1, 0.5, 1.0 / 6]))
        #expect(areClose(rates(SWALR(swaLR: 0.5, annealEpochs: 2, anneal: .linear), 4), [1, 0.75, 0.5, 0.5]))
        #expect(
            areClose(
                rates(ChainedScheduler([StepLR(stepSize: 1), ConstantLR(factor: 0.5, totalIters: 2)]), 3),
                [0.5, 0.05, 0.01]))
        #expect(areClose(rates(ExponentialLR(gamma: 0.5).warmedUp(over: 2, from: 0.2), 5), [0.2, 0.6, 1, 0.5, 0.25]))
        let rule = ReduceLROnPlateau.Rule(patience: 1)
        #expect(areClose(rule.learningRates(for: [1, 1, 1, 1], base: 1), [1, 1, 1, 0.1, 0.1]))
    }

    @Test func schedulersGoOnWhereTheyWere() throws {
        let p = Parameter(.ones([1]))
        let optimizer = try Adam([p], lr: 0.4)
        let scheduler = Scheduler(optimizer, OneCycleLR(maxLR: 1, totalSteps: 10))
        for _ in 0..<3 { scheduler.step() }
        #expect(optimizer.groups[0][.beta1] != 0.9)
        let other = try Adam([p], lr: 0.4)
        let resumed = Scheduler(other, OneCycleLR(maxLR: 1, totalSteps: 10))
        try resumed.load(scheduler.state)
        scheduler.step()
        resumed.step()
        #expect(scheduler.learningRates == resumed.learningRates)
        #expect(throws: OptimizerError.self) { try resumed.load(.init(epoch: 1, baseRates: [1, 2])) }
    }
}
