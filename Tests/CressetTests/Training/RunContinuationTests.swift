import Cresset
import CressetData
import CressetNN
import CressetOptim
import CressetTrain
import CressetVision
import Foundation
import Testing

/// A run that was interrupted and goes on equals one that was not.
@Suite struct RunContinuationTests {
    private let folder = TemporaryFolder()

    /// Ends a run after a number of batches, of both phases.
    private func plan(_ change: (inout TrainingOptions) -> Void = { _ in }) throws -> TrainingPlan {
        try folder.plan {
            $0.epochs = 2
            change(&$0)
        }
    }

    private func same(_ a: String, _ b: String) throws -> Bool {
        let weights = try Checkpoint.load(folder.path + "/\(a)/model.safetensors").map { "\($0)" }
        let others = try Checkpoint.load(folder.path + "/\(b)/model.safetensors").map { "\($0)" }
        let states = try [a, b].map { try Checkpoint(contentsOf: folder.path + "/\($0)/state.safetensors").state }
        let isSameState = zip(states[0], states[1]).allSatisfy { first, second in
            first.name == second.name
                && first.tensor.scalars(as: Double.self).map(\.bitPattern)
                    == second.tensor.scalars(as: Double.self).map(\.bitPattern)
        }
        return try weights == others && isSameState && states[0].count == states[1].count
            && folder.figures(of: a) == folder.figures(of: b)
            && folder.record(of: a).best == folder.record(of: b).best
    }

    /// Dropout draws from the generator, and the average, moments, schedule and mixtures have states of their own.
    @Test(arguments: [1, 3, 4])
    func anInterruptedRunGoesOnAsIfNothingHadHappened(_ batches: Int) throws {
        // Three batches of training and one of validation in each epoch; two batches make a step.
        try folder.drawPictures(train: 5, validation: 2)
        func change(_ options: inout TrainingOptions) {
            (options.optimizer, options.scheduler, options.warmupEpochs) = (.adamw, .cosine, 0.5)
            (options.averageDecay, options.mixUp, options.accumulatedBatches) = (0.5, 0.5, 2)
            (options.frozenEpochs, options.layerDecay) = (1, 0.9)
        }
        try plan(change).makeRun(in: folder.path + "/whole").train()
        let ending = try plan(change).makeRun(in: folder.path + "/parts").train(observers: [
            Interruption(after: batches)
        ])
        #expect(ending == .interrupted("enough"))
        #expect(try folder.record(of: "parts").state == .interrupted)
        // And once more, soon after.
        let again = try RunContinuation(folder.path + "/parts").run.train(observers: [Interruption(after: 2)])
        #expect(again == .interrupted("enough"))
        #expect(try RunContinuation(folder.path + "/parts").run.train() == .finished)
        #expect(try same("whole", "parts"))
    }

    /// Features are remembered from epoch to epoch; a run that goes on computes them anew.
    @Test(arguments: [1, 4, 5, 9]) func aRunWithAFrozenBodyGoesOnToo(_ batches: Int) throws {
        try folder.drawPictures(train: 5, validation: 2)
        func change(_ options: inout TrainingOptions) {
            (options.epochs, options.freezesBody, options.augmentation) = (3, true, .none)
        }
        try plan(change).makeRun(in: folder.path + "/whole").train()
        try plan(change).makeRun(in: folder.path + "/parts").train(observers: [Interruption(after: batches)])
        #expect(try RunContinuation(folder.path + "/parts").run.train() == .finished)
        #expect(try same("whole", "parts") && folder.bestWeightsAreIntact(in: "parts"))
    }

    @Test func aCompleteRunGoesOnForMoreEpochs() throws {
        try folder.drawPictures()
        try plan().makeRun(in: folder.path + "/whole").train()
        try plan { $0.epochs = 1 }.makeRun(in: folder.path + "/parts").train()
        let failure = try #require(throws: Failure.self) { try RunContinuation(folder.path + "/parts") }
        #expect(failure.kind == .usage && failure.message.contains("all 1 epochs of the run are complete"))
        let continuation = try RunContinuation(folder.path + "/parts", epochs: 2)
        #expect(continuation.note == "going on after epoch 1")
        try continuation.run.train()
        #expect(try same("whole", "parts") && folder.record(of: "parts").options.epochs == 2)
    }

    /// The moments at which a run may be killed between the state and the files that follow from it.
    @Test func filesThatAreBehindTheStateAreBroughtUpToIt() throws {
        try folder.drawPictures()
        final class Kill: TrainingObserver {
            struct Killed: Error {}
            func observe(_ event: TrainingEvent, of loop: TrainingLoop) throws {
                if case .improved = event { throw Killed() }
            }
        }
        try plan().makeRun(in: folder.path + "/whole").train()
        #expect(throws: Kill.Killed.self) {
            try plan().makeRun(in: folder.path + "/parts").train(observers: [Kill()])
        }
        try FileManager.default.removeItem(atPath: folder.path + "/parts/model.safetensors")
        #expect(try folder.figures(of: "parts").count == 1)
        #expect(try RunContinuation(folder.path + "/parts").run.train() == .finished)
        #expect(try same("whole", "parts"))
    }

    @Test func aRunKilledAfterItsLastEpochIsCompleted() throws {
        try folder.drawPictures()
        final class Kill: TrainingObserver {
            struct Killed: Error {}
            func observe(_ event: TrainingEvent, of loop: TrainingLoop) throws {
                if case .checkpoint = event, loop.epoch == 2 { throw Killed() }
            }
        }
        try plan().makeRun(in: folder.path + "/whole").train()
        #expect(throws: Kill.Killed.self) {
            try plan().makeRun(in: folder.path + "/parts").train(observers: [Kill()])
        }
        #expect(try RunContinuation(folder.path + "/parts").run.train() == .finished)
        #expect(try same("whole", "parts") && folder.record(of: "parts").state == .finished)
    }

    @Test func whatCannotGoOnIsRefused() throws {
        try folder.drawPictures()
        try plan().makeRun(in: folder.path + "/run").train(observers: [Interruption(after: 3)])
        func failure(_ change: () throws -> Void) throws -> Failure {
            try change()
            do {
                _ = try RunContinuation(folder.path + "/run")
            } catch {
                return Failure(error)
            }
            return Failure("none", kind: .bug)
        }
        let path = folder.path + "/run/state.safetensors", picture = folder.path + "/data/train/dark/0.jpg"
        let bytes = try folder.bytes("run/state.safetensors")
        let renamed = try failure {
            try FileManager.default.moveItem(atPath: picture, toPath: folder.path + "/data/train/dark/9.jpg")
        }
        #expect(renamed.kind == .configuration && renamed.message.contains("are not those that"))
        try FileManager.default.moveItem(atPath: folder.path + "/data/train/dark/9.jpg", toPath: picture)
        let cut = try failure { try bytes.dropLast(100).write(to: URL(filePath: path)) }
        #expect(cut.kind == .badData)
        let other = try failure {
            try FileManager.default.removeItem(atPath: path)
            try FileManager.default.copyItem(atPath: folder.path + "/run/model.safetensors", toPath: path)
        }
        #expect(other.kind == .badData && other.message.contains("not the state of a run"))
        let missing = try failure { try FileManager.default.removeItem(atPath: path) }
        #expect(missing.kind == .inputMissing && missing.message.contains("has no state.safetensors"))
    }
}
