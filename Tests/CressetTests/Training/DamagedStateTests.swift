import Cresset
import CressetData
import CressetNN
import CressetOptim
import CressetTrain
import Foundation
import Testing

/// A number in the state of a run is a claim: what no run can have counted to is bad data, and never a trap.
@Suite struct DamagedStateTests {
    private let folder = TemporaryFolder()
    private var statePath: String { folder.path + "/run/state.safetensors" }

    /// Ends a run within its second epoch: there are a history, sums and a place.
    private func makeRun() throws {
        try folder.drawPictures()
        let plan = try folder.plan {
            ($0.epochs, $0.averageDecay, $0.scheduler, $0.warmupEpochs) = (2, 0.5, .cosine, 0.5)
        }
        try plan.makeRun(in: folder.path + "/run").train(observers: [Interruption(after: 4)])
    }

    /// What becomes of the run after a change of a text in its state.
    private func failure(_ key: String = "state", _ change: (String) throws -> String) throws -> Failure {
        let saved = try Checkpoint(contentsOf: statePath)
        defer { try? Checkpoint.save(saved.state, to: statePath, metadata: saved.metadata) }
        var texts = saved.metadata
        let text = try #require(texts[key]), changed = try change(text)
        #expect(text != changed)
        texts[key] = changed
        try Checkpoint.save(saved.state, to: statePath, metadata: texts)
        do {
            try RunContinuation(folder.path + "/run", epochs: 3).run.train()
        } catch {
            return Failure(error)
        }
        return Failure("it went on", kind: .bug)
    }

    /// Of a small network, whose state has a history, sums and a place within its second epoch.
    @Test func numbersThatCannotBeAreBadData() throws {
        let network = Linear(2, 2), points = TensorDataset(Tensor.zeros([6, 2]), Tensor((0..<6).map { Int64($0 % 2) }))
        var recipe = Recipe(try SGD(network.parameters, lr: 0.1), epochs: 2)
        (recipe.schedule, recipe.averaging) = (
            .eachStep(StepLR(stepSize: 2)), WeightAveraging(.exponential(decay: 0.5))
        )
        let loop = TrainingLoop(ClassificationTask(network), recipe), path = folder.path + "/state.safetensors"
        loop.observers = [StateFile(path), Interruption(after: 8)]
        let loader = DataLoader(points, batchSize: 2)
        try loop.run(training: loader, validation: loader)
        let saved = try Checkpoint(contentsOf: path), text = try #require(saved.metadata["state"])
        #expect(try TrainingState(contentsOf: path).history.count == 1)
        let (most, least) = ("\(Int.max)", "\(Int.min)")
        for (field, values) in [
            ("epoch", [most, least, "-1", "1e300", "null"]), ("nextBatch", [most, least, "-1"]),
            ("sampleCount", [most, least, "-1"]), ("seconds", ["-1e300", "1e300", "\"nan\"", "\"-inf\""]),
            ("averageCount", [most, "-1"]), ("count", [most, least]),
        ] {
            for value in values {
                // Every field of that name, at whatever level.
                let changed = text.replacing(try Regex("\"\(field)\":[^,}]*"), with: "\"\(field)\":\(value)")
                #expect(changed != text)
                try Checkpoint.save(saved.state, to: path, metadata: ["state": changed])
                let found = try #require(throws: Failure.self) { try TrainingState(contentsOf: path) }
                #expect(found.kind == .badData && found.message.contains("not the state of a run"), "\(field) \(value)")
            }
        }
    }

    /// What is possible, but not for this run.
    @Test func statesOfOtherRunsAreBadData() throws {
        try makeRun()
        for (field, value) in [
            ("nextBatch", "1000"), ("sampleCount", "1000"), ("baseRates", "[]"), ("words", "[1]"), ("position", "-1"),
        ] {
            let found = try failure { text in
                text.replacing(try Regex("\"\(field)\":(\\[[^\\]]*\\]|[^,}]*)"), with: "\"\(field)\":\(value)")
            }
            #expect(found.kind == .badData, "\(field) \(value): \(found)")
            #expect(found.message.contains("run/state.safetensors: "), "\(field) \(value): \(found)")
        }
    }

    @Test func whereTheRunCameFromMustBeSaid() throws {
        try makeRun()
        for (old, new) in [
            ("\"dataPath\":[", "\"dataPath\":[0,"), ("\"threads\":", "\"threads\":-"),
            ("\"threads\":", "\"threads\":99999"),
            ("{", "{\"validationPath\":[0],"), ("{", "{\"validationPath\":[],"),
        ] {
            let found = try failure("run") { text in
                let range = try #require(text.range(of: old))
                return text.replacingCharacters(in: range, with: new)
            }
            #expect(
                found.kind == .badData && found.message.contains("does not say what the run was trained on"), "\(found)"
            )
        }
    }

    @Test func optionsThatCannotBeAreTheRecordsFault() throws {
        try makeRun()
        let text = try folder.text("run/run.json")
        for (old, new) in [("\"batchSize\" : 4", "\"batchSize\" : -4"), ("\"workers\" : 0", "\"workers\" : 65")] {
            let range = try #require(text.range(of: old))
            _ = folder.file("run/run.json", Array(text.replacingCharacters(in: range, with: new).utf8))
            let failure = try #require(throws: Failure.self) { try RunContinuation(folder.path + "/run") }
            #expect(failure.kind == .badData && failure.message.contains("run/run.json: "), "\(failure)")
        }
    }

    /// The last weights cannot stand for the best ones.
    @Test func bestWeightsThatAreGoneAreMissed() throws {
        try makeRun()
        try FileManager.default.removeItem(atPath: folder.path + "/run/model.safetensors")
        let failure = try #require(throws: Failure.self) { try RunContinuation(folder.path + "/run") }
        #expect(
            failure.kind == .inputMissing
                && failure.message.contains("the weights of epoch 1, the best so far, are gone"))
        #expect(failure.hint == "bring the file back, or begin a new run")
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/run/model.safetensors"))
    }
}
