import Cresset
import CressetNN
import CressetOptim
import CressetTrain
import CressetVision
import Foundation
import Testing

/// A plan's learning rate can be looked for, and a run rehearsed.
@Suite struct LearningRateSearchTests {
    private let folder = TemporaryFolder()

    private func values(_ model: any Module) -> [[Double]] {
        model.stateDict().map { $0.tensor.scalars(as: Double.self) }
    }

    /// Dropout, augmentation and mixtures draw random numbers; two batches make a step; the body is frozen.
    @Test func theSameSeedGivesTheSameCurveAndTheNetworkStaysAsItWas() throws {
        try folder.drawPictures(train: 5, validation: 1)
        func change(_ options: inout TrainingOptions) {
            (options.mixUp, options.accumulatedBatches, options.frozenEpochs, options.layerDecay) = (0.5, 2, 1, 0.5)
            options.epochs = 2
        }
        let plan = try folder.plan(change)
        let before = values(plan.model)
        var counts: [Int] = []
        let curve = try plan.learningRateCurve(steps: 12) { counts.append($0) }
        #expect(values(plan.model) == before)
        let learning = plan.model.parameters.filter(\.requiresGradient)
        #expect(learning.count == plan.model.parameters.count)
        #expect(counts == Array(1...12) && curve.points.count == 12)
        #expect(curve.points.map(\.learningRate).first == 1e-7 && abs(curve.points[11].learningRate - 10) < 1e-12)
        #expect(try plan.learningRateCurve(steps: 12).points == curve.points)
        #expect(try folder.plan(change).learningRateCurve(steps: 12).points == curve.points)
        let other = try folder.plan {
            change(&$0)
            $0.seed = 7
        }
        #expect(try other.learningRateCurve(steps: 12).points != curve.points)
    }

    @Test func aRunAfterASearchIsTheOneWithThatRate() throws {
        try folder.drawPictures(train: 4, validation: 1)
        var searching = try folder.plan()
        var curve = try searching.learningRateCurve(steps: 5)
        // Too few steps to find anything: a curve with a valley in their place.
        curve.points = (0..<30).map { (step: Int) -> LearningRateCurve.Point in
            let rate = 0.001234 * pow(2, Double(step - 12))
            return LearningRateCurve.Point(learningRate: rate, loss: 3, smoothedLoss: abs(20 - Double(step)))
        }
        let suggestion = try #require(curve.suggestion)
        searching.use(curve)
        let rate = try #require(searching.options.learningRate)
        #expect(abs(rate / suggestion - 1) < 0.05 && "\(rate)".filter { $0 != "0" && $0 != "." }.count <= 2)
        try searching.makeRun(in: folder.path + "/found").train()
        try folder.plan { $0.learningRate = rate }.makeRun(in: folder.path + "/given").train()
        #expect(
            try folder.bytes("found/model.safetensors") == folder.bytes("given/model.safetensors"))
        let (found, given) = (try folder.record(of: "found"), try folder.record(of: "given"))
        #expect(found.rateSearch == RateSearch(curve) && found.rateSearch?.suggestion == suggestion)
        #expect(found.options == given.options && given.rateSearch == nil)
        let table = try folder.text("found/learning-rates.csv").split(separator: "\n")
        #expect(table.count == 31 && table[0] == "learning_rate,loss,smoothed_loss" && table[30].hasSuffix(",3.0,9.0"))
    }

    @Test func withoutASuggestionTheUsualRateIsUsed() throws {
        try folder.drawPictures(train: 2, validation: 1)
        var plan = try folder.plan()
        plan.use(LearningRateCurve(stepCount: 100))
        #expect(plan.options.learningRate == 0.001)
        _ = try plan.makeRun(in: folder.path + "/run")
        let search = try #require(try folder.record(of: "run").rateSearch)
        #expect(search.suggestion == nil && search.steps == 0)
    }

    // MARK: Rehearsals

    @Test func aRehearsalSaysWhatARunWouldDo() throws {
        try folder.drawPictures(train: 5, validation: 1)
        let plan = try folder.plan { $0.accumulatedBatches = 2 }
        let rehearsal = try Rehearsal(plan, in: folder.path + "/runs/new")
        #expect(rehearsal.stepCount == 2 && rehearsal.firstLoss > 0.3 && rehearsal.firstLoss < 2)
        #expect(rehearsal.folder == folder.path.filePath.appending("runs/new"))
        #expect(rehearsal.byteCount > 2 * plan.model.parameterCount * 4)
        #expect(folder.names == ["data"])
        // The loss of a run's first batch is the same.
        let run = try folder.plan { $0.accumulatedBatches = 2 }.makeRun(in: folder.path + "/run")
        final class First: TrainingObserver {
            var loss: Double?
            func observe(_ event: TrainingEvent, of loop: TrainingLoop) {
                if case .batchEnded(let batch) = event { loss = loss ?? batch.assessment.loss.item() }
            }
        }
        let first = First()
        try run.train(observers: [first])
        #expect(abs(try #require(first.loss) - rehearsal.firstLoss) < 1e-4)
    }

    @Test func aRehearsalFailsAsTheRunWould() throws {
        try folder.drawPictures(train: 2, validation: 1)
        _ = folder.file("file", [1])
        try folder.makeFolder("full/inner")
        let plan = try folder.plan()
        for place in ["", "\(folder.path)/file", "\(folder.path)/file/below", "\(folder.path)/full"] {
            let rehearsed = try #require(throws: Failure.self) { try Rehearsal(plan, in: place) }
            let made = try #require(throws: Failure.self) { try plan.makeRun(in: place) }
            #expect(rehearsed.kind == made.kind, "\(place): \(rehearsed) \(made)")
        }
        let spoilt = try folder.plan()
        let weight = try #require(spoilt.model.parameters.last)
        weight.value = .full(weight.value.shape, Double.nan)
        #expect(throws: LossNotFinite.self) { try Rehearsal(spoilt, in: folder.path + "/run") }
    }
}
