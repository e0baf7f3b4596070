import Cresset
import CressetCommands
import CressetTrain
import Foundation
import Testing

/// What a run leaves beside weights and figures: files, predictions, environment.
@Suite struct RunFilesTests {
    private let folder = TemporaryFolder()

    private func rows(_ name: String) throws -> [[String]] {
        try folder.text(name).split(separator: "\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
    }

    private var places: String { SystemFiles.realPath(FilePath(folder.path + "/data"))?.string ?? "" }

    @Test func predictionsAreThoseOfEvaluateToTheLastDigit() throws {
        try folder.drawPictures(train: 4, validation: 3)
        try folder.plan { ($0.epochs, $0.learningRate) = (2, 0.05) }.makeRun(in: folder.path + "/run").train()
        let run = try EvaluationRun(
            RunFolder(path: folder.path + "/run"), data: folder.path + "/data", progress: Lines().terminal)
        let written = try rows("run/predictions.csv")
        try PredictionFile.write(run.evaluation, to: FilePath(folder.path + "/evaluated.csv"))
        let evaluated = try rows("evaluated.csv")
        #expect(written.map { $0.dropFirst() } == evaluated.map { $0.dropFirst() })
        #expect(written.count == 7 && written[1][0] == places + "/val/dark/0.jpg")
        let isClose = { abs(run.evaluation.accuracy - $0) < 1e-12 }
        #expect(try isClose(#require(folder.record(of: "run").best?.validationAccuracy)))
    }

    @Test func predictionsAreThereOnlyWhenTheRunHasEnded() throws {
        try folder.drawPictures()
        let file = folder.path + "/run/predictions.csv"
        try folder.plan { $0.epochs = 2 }.makeRun(in: folder.path + "/whole").train()
        try folder.plan { $0.epochs = 2 }.makeRun(in: folder.path + "/run").train(observers: [Interruption(after: 4)])
        #expect(!FileManager.default.fileExists(atPath: file))
        try RunContinuation(folder.path + "/run").run.train()
        #expect(try rows("run/predictions.csv") == rows("whole/predictions.csv"))
        // Those of other weights no longer count.
        _ = try RunContinuation(folder.path + "/run", epochs: 3)
        #expect(!FileManager.default.fileExists(atPath: file))
    }

    @Test func everyFileIsListedWithWhatBecameOfIt() throws {
        try folder.drawPictures(train: 60, validation: 2)
        _ = folder.file("data/train/dark/notes.txt", Array("text".utf8))
        _ = folder.file("data/train/stray.jpg", Array("text".utf8))
        // A missing end is noticed when the picture is decoded, and it is used all the same.
        let name = "data/train/light/1.jpg"
        _ = folder.file(name, try Array(folder.bytes(name).dropLast(2)))
        let options: (inout TrainingOptions) -> Void = { ($0.epochs, $0.maxBad, $0.batchSize) = (2, "10%", 40) }
        try folder.plan(options).makeRun(in: folder.path + "/whole").train()
        try folder.plan(options).makeRun(in: folder.path + "/run").train(observers: [Interruption(after: 6)])
        try RunContinuation(folder.path + "/run").run.train()
        let table = try rows("whole/data.csv")
        #expect(table == (try rows("run/data.csv")), "a run that goes on knows what was found before")
        #expect(table[0] == ["image", "split", "class", "status", "reason"])
        #expect(table[1] == [places + "/train/dark/0.jpg", "train", "dark", "used", ""])
        #expect(table.count { $0[1] == "train" } == 122 && table.count { $0[1] == "val" } == 4)
        #expect(RunFolder(path: folder.path + "/run").trainingCounts(of: ["dark", "light"]) == [60, 60])
        #expect(RunFolder(path: folder.path + "/data").trainingCounts(of: ["dark", "light"]).isEmpty)
        let others = table.dropFirst().filter { $0[3] != "used" }
        let found = Dictionary(uniqueKeysWithValues: others.map { ($0[0].replacing(places + "/train/", with: ""), $0) })
        #expect(found.keys.sorted() == ["dark/notes.txt", "light/1.jpg", "stray.jpg"])
        #expect(found["dark/notes.txt"]?[2...3] == ["dark", "skipped"])
        #expect(found["stray.jpg"]?[2...3] == ["", "skipped"])
        #expect(found["light/1.jpg"]?[3] == "suspect" && found["light/1.jpg"]?[4].isEmpty == false)
    }

    @Test func theEnvironmentNamesSoftwareAndMachineButNobody() throws {
        try folder.drawPictures()
        struct Environment: Decodable {
            let firstEpoch, threads, processors: Int
            let version, compiler, system, processor, device, precision: String
            let oneDNN: String?
        }
        func environments() throws -> [Environment] {
            try JSONDecoder().decode([Environment].self, from: folder.bytes("run/environment.json"))
        }
        try folder.plan().makeRun(in: folder.path + "/run").train()
        let first = try environments()
        #expect(first.count == 1 && first[0].firstEpoch == 1 && first[0].version == cressetVersion)
        #expect(first[0].device == "cpu" && first[0].precision == "float32" && first[0].threads == threadCount)
        #expect(first[0].oneDNN?.hasPrefix("3.") == true)
        try RunContinuation(folder.path + "/run", epochs: 2).run.train()
        #expect(try environments().map(\.firstEpoch) == [1, 2])
        let keys = try #require(
            JSONSerialization.jsonObject(with: folder.bytes("run/environment.json")) as? [[String: Any]])
        let known: Set = [
            "firstEpoch", "version", "compiler", "system", "processor", "vectors", "processors", "threads",
            "memoryBytes", "device", "precision", "oneDNN", "driverVersion",
        ]
        #expect(keys.allSatisfy { known.isSuperset(of: $0.keys) })
    }

    /// Sums that are no scalars are part of a state, too.
    @Test func aRunByF1GoesOnAsIfNothingHadHappened() throws {
        try folder.drawPictures(train: 6, validation: 2)
        let options: (inout TrainingOptions) -> Void = { ($0.epochs, $0.metric) = (2, .f1) }
        try folder.plan(options).makeRun(in: folder.path + "/whole").train()
        try folder.plan(options).makeRun(in: folder.path + "/run").train(observers: [Interruption(after: 2)])
        try RunContinuation(folder.path + "/run").run.train()
        #expect(try folder.figures(of: "run") == folder.figures(of: "whole"))
        #expect(try folder.figures(of: "run")[0].contains("val_f1"))
    }
}
