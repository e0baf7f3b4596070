import Cresset
import CressetData
import CressetTrain
import CressetVision
import Foundation
import Testing

/// Runs whose pictures are elsewhere when they go on.
@Suite struct MovedPicturesTests {
    private let folder = TemporaryFolder()

    private func path(_ name: String) -> FilePath { FilePath(folder.path + "/" + name) }

    private func move(_ old: String, _ new: String) throws {
        try FileManager.default.moveItem(atPath: folder.path + "/" + old, toPath: folder.path + "/" + new)
    }

    private func real(_ name: String) -> String { SystemFiles.realPath(path(name))?.string ?? "" }

    private func weights(of run: String) throws -> [[Double]] {
        try Checkpoint.load(folder.path + "/\(run)/model.safetensors").map { $0.tensor.scalars(as: Double.self) }
    }

    /// Keeps the names of the pictures of which the loop tells.
    private final class Told: TrainingObserver {
        var names: [String] = []
        func observe(_ event: TrainingEvent, of loop: TrainingLoop) {
            if case .samplesFailed(let problems) = event { names += problems.map(\.name) }
        }
    }

    private func plan(_ data: String = "data", validation: String? = nil) throws -> TrainingPlan {
        var options = TrainingOptions()
        (options.epochs, options.batchSize, options.imageSize, options.workers) = (3, 4, 32, 0)
        (options.weights, options.maxBad) = ("none", "50%")
        return try TrainingPlan(
            data: path(data), validation: validation.map(path), model: "mobilenet_v3_small", options: options)
    }

    @Test func theRunRemembersWhereThePicturesAre() throws {
        try folder.drawPictures(train: 4, validation: 2)
        // A missing end is noticed when the picture is decoded, and it is used all the same.
        let name = "data/train/light/1.jpg"
        _ = folder.file(name, try Array(folder.bytes(name).dropLast(2)))
        try plan().makeRun(in: path("whole")).train()
        // Two batches of training and one of validation in each epoch.
        let first = Told()
        try plan().makeRun(in: path("run")).train(observers: [first, Interruption(after: 4)])
        #expect(first.names.count == 1)
        try move("data", "elsewhere")
        let gone = try #require(throws: Failure.self) { try RunContinuation(path("run")) }
        #expect(gone.kind == .inputMissing && gone.hint == "say where they are now: data FOLDER", "\(gone)")
        let told = Told()
        // It is killed before it saves anything; where the pictures are is known all the same.
        _ = try RunContinuation(path("run"), data: path("elsewhere"))
        try RunContinuation(path("run")).run.train(observers: [told, Interruption(after: 1)])
        try RunContinuation(path("run")).run.train(observers: [told])
        #expect(told.names.isEmpty, "what was found before is not told again")
        let data = try folder.record(of: "run").data
        #expect(data.path == real("elsewhere") && data.trainPath == real("elsewhere/train"))
        #expect(data.validationPath == real("elsewhere/val"))
        #expect(
            try weights(of: "run") == weights(of: "whole") && folder.figures(of: "run") == folder.figures(of: "whole"))
        let table = try folder.text("run/data.csv")
        #expect(table.contains("\(real("elsewhere"))/train/light/1.jpg,train,light,suspect,"), "\(table)")
        #expect(!table.contains("/data/") && table.split(separator: "\n").count == 13)
    }

    /// What the run kept for validation is known by its own folder.
    @Test func aFolderThatTheRunDividedIsRecognisedInItsNewPlace() throws {
        try folder.drawPictures(train: 6, validation: 1)
        try move("data/train", "own")
        try plan("own").makeRun(in: path("run")).train(observers: [Interruption(after: 1)])
        try move("own", "moved")
        try RunContinuation(path("run"), data: path("moved")).run.train()
        let record = try folder.record(of: "run")
        let pictures = try LabelledPictures(path("moved"), for: record, workers: 1)
        #expect(pictures.folder.count == record.data.validationCount && pictures.folder.count < 12)
        #expect(pictures.warnings.contains { $0.contains("that it kept for validation are used") })
    }

    @Test func aFolderForValidationMovesByItselfOrWithTheRest() throws {
        try folder.drawPictures()
        try move("data/val", "held")
        try plan(validation: "held").makeRun(in: path("run")).train(observers: [Interruption(after: 1)])
        try move("held", "kept")
        let gone = try #require(throws: Failure.self) { try RunContinuation(path("run")) }
        #expect(gone.message.contains("/held: the run's pictures are not there any more"))
        #expect(gone.hint == "say where they are now: validation FOLDER")
        try move("data", "elsewhere")
        try RunContinuation(path("run"), data: path("elsewhere"), validation: path("kept")).run
            .train(observers: [Interruption(after: 1)])
        try move("kept", "elsewhere/kept")
        try RunContinuation(path("run"), validation: path("elsewhere/kept")).run
            .train(observers: [Interruption(after: 1)])
        // Inside of the folder of the data, it moves with that.
        try move("elsewhere", "again")
        try RunContinuation(path("run"), data: path("again")).run.train()
        #expect(try folder.record(of: "run").data.validationPath == real("again/kept"))
    }

    /// A name is bytes, also in a record.
    @Test func foldersWhoseNamesAreNoTextAreFound() throws {
        try folder.drawPictures()
        for name in [Array("caf".utf8) + [0xE9], Array("a\u{1B}b\\c".utf8)] {
            let odd = path("").pushing(FilePath(bytes: name))
            #expect(path("data").withPlatformString { old in odd.withPlatformString { rename(old, $0) } } == 0)
            let run = "run-\(name.count)"
            var options = TrainingOptions()
            (options.epochs, options.batchSize, options.imageSize, options.weights) = (1, 4, 32, "none")
            try TrainingPlan(data: odd, model: "mobilenet_v3_small", options: options).makeRun(in: path(run)).train()
            let data = try folder.record(of: run).data
            #expect(data.path != data.folder.string || name.contains(0x5C))
            #expect(data.folder == SystemFiles.realPath(odd) && SystemFiles.isFolder(data.folder))
            #expect(
                data.trainFolder?.lastComponent == "train" && data.validationFolder.map(SystemFiles.isFolder) == true)
            let used = try LabelledPictures(odd, for: folder.record(of: run), workers: 1)
            #expect(used.warnings.contains { $0.contains("was chosen by its accuracy") }, "\(used.warnings)")
            #expect(odd.withPlatformString { old in path("data").withPlatformString { rename(old, $0) } } == 0)
        }
    }
}
