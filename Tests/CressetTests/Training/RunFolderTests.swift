import Cresset
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
            let paths = try await withThrowingTaskGroup(of: FilePath.self) { group in
                for _ in 0..<20 { group.addTask { try RunFolder.createNext(in: runs).path } }
                var paths: [FilePath] = []
                for try await path in group { paths.append(path) }
                return paths
            }
            #expect(Set(paths) == Set((1...20).map { runs.appending("train-\($0)") }))
        }
    }

    @Test func neverWritesOverARun() async throws {
        try await withFolder { folder in
            let path = "\(folder)/a/b".filePath
            _ = try RunFolder.create(at: path)
            try withExtendedLifetime(RunFolder.create(at: path)) { run in
                #expect(run.path == path, "an empty folder is free")
                #expect(run.isInUse)
                let failure = try #require(throws: Failure.self) { try RunFolder.create(at: path) }
                #expect(failure.kind == .cannotCreate)
                #expect(failure.description.contains("another run is writing to this folder"))
            }
            #expect(!RunFolder(path: path).isInUse)
            try Data().write(to: URL(filePath: folder + "/a/b/run.json"))
            let failure = try #require(throws: Failure.self) { try RunFolder.create(at: path) }
            #expect(failure.kind == .cannotCreate)
            #expect(failure.description.contains("\(path): the folder is not empty"))
        }
    }

    /// Looking whether a folder is in use must not keep a run from it.
    @Test func whoOnlyLooksIsNotInTheWay() async throws {
        try await withFolder { folder in
            let descriptor = open(folder, O_RDONLY | O_DIRECTORY)
            defer { close(descriptor) }
            #expect(flock(descriptor, LOCK_SH) == 0)
            let claim = Task.detached { try RunFolder.create(at: folder) }
            usleep(20_000)
            #expect(flock(descriptor, LOCK_UN) == 0)
            let run = try await claim.value
            #expect(run.isInUse)
        }
    }

    @Test func whatAKilledRunLeftHalfWrittenIsNoContent() async throws {
        try await withFolder { folder in
            try Data([1]).write(to: URL(filePath: folder + "/.tmp-cresset-abandoned"))
            #expect(throws: Never.self) { try RunFolder.create(at: folder) }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
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
            for name in ["file", "file/run"] {
                let path = "\(folder)/\(name)".filePath
                let failure = try #require(throws: Failure.self) { try RunFolder.create(at: path) }
                #expect(failure.kind == .cannotCreate)
                #expect(failure.description.contains("something else is in its place"))
            }
        }
    }

    @Test func metricsGrowRowByRow() async throws {
        try await withFolder { folder in
            let table = try MetricsTable(creating: folder + "/metrics.csv", columns: ["epoch", "lr", "val_loss"])
            try table.append(["1", "0.001", "nan"])
            try table.append(["2", "0.001", ""])
            let text = try String(contentsOfFile: folder + "/metrics.csv", encoding: .utf8)
            #expect(text == "epoch,lr,val_loss\n1,0.001,nan\n2,0.001,\n")
            #expect(throws: Failure.self) { try MetricsTable(creating: table.path, columns: []) }
        }
    }
}
