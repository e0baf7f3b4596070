import CressetTrain
import Foundation
import Testing

@Suite struct RunFolderTests {
    /// Calls `body` with a fresh folder, and removes it afterwards.
    private func withFolder(_ body: (String) async throws -> Void) async throws {
        let path = NSTemporaryDirectory() + "/cresset-run-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await body(path)
    }

    @Test func runsThatStartAtOnceGetFoldersOfTheirOwn() async throws {
        try await withFolder { folder in
            let runs = "\(folder)/runs".filePath
            let paths = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<20 { group.addTask { try RunFolder.createNext(in: runs).path.string } }
                var paths: [String] = []
                for try await path in group { paths.append(path) }
                return paths
            }
            #expect(Set(paths) == Set((1...20).map { "\(runs)/train-\($0)" }))
        }
    }

    @Test func neverWritesOverARun() async throws {
        try await withFolder { folder in
            let run = try RunFolder.create(at: folder + "/a/b")
            #expect(try RunFolder.create(at: run.path) == run, "an empty folder is free")
            try Data().write(to: URL(filePath: run.recordPath.string))
            let failure = try #require(throws: Failure.self) { try RunFolder.create(at: run.path) }
            #expect(failure.status == .cannotCreate)
            #expect(failure.description.contains(run.path.string))
        }
    }

    @Test func oneLetterIsAName() async {
        await #expect(processExitsWith: .success) {
            let folder = FileManager.default.temporaryDirectory.appending(path: "cresset-\(UUID())")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            #expect(chdir(folder.path) == 0)
            #expect(try RunFolder.create(at: "g").path == "g")
            try FileManager.default.removeItem(at: folder)
        }
    }

    @Test func aFileInTheWayIsAnError() async throws {
        try await withFolder { folder in
            try Data().write(to: URL(filePath: folder + "/file"))
            let failure = try #require(throws: Failure.self) { try RunFolder.create(at: folder + "/file/run") }
            #expect(failure.status == .cannotCreate)
        }
    }

    @Test func metricsGrowRowByRow() async throws {
        try await withFolder { folder in
            let table = try MetricsTable(creating: folder + "/metrics.csv")
            try table.append(
                MetricsTable.Row(
                    epoch: 1, learningRate: 0.001, trainLoss: 0.5, trainAccuracy: 0.25, validationLoss: .nan,
                    validationAccuracy: 1, imagesPerSecond: 12.3456, seconds: 1.23456))
            let text = try String(contentsOfFile: table.path.string, encoding: .utf8)
            #expect(
                text == """
                    epoch,lr,train_loss,train_accuracy,val_loss,val_accuracy,images_per_second,seconds
                    1,0.001,0.5,0.25,nan,1.0,12.35,1.235

                    """)
            #expect(throws: Failure.self) { try MetricsTable(creating: table.path) }
        }
    }
}
