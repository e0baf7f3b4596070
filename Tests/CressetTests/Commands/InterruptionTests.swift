import Cresset
import CressetTrain
import Foundation
import Testing

extension CommandTests {
    /// What happens to a run from outside: Ctrl-C, a scheduler's signal, a full disk. The best weights survive all of
    /// it.
    @Suite struct InterruptionTests {
        private let folder = TemporaryFolder()

        private func start(_ more: String..., fileLimit: Int? = nil) throws -> CommandProcess {
            let arguments = [
                "train", "data", "--weights", "none", "--epochs", "50", "--batch-size", "4", "--out", "run",
            ]
            return try CommandProcess(arguments + more, in: folder, fileLimit: fileLimit)
        }

        @Test func controlCKeepsTheBestWeights() throws {
            try folder.drawPictures()
            let process = try start()
            try process.wait(for: " 1/50 val", in: \.output)
            process.send(SIGINT)
            #expect(try process.status() == 130, "\(process.errors)")
            #expect(process.errors.contains("stopping after this step"))
            #expect(process.output.contains("best    epoch ") && process.output.contains("cresset predict run"))
            #expect(try folder.record(of: "run").state == .interrupted)
            #expect(try folder.bestWeightsAreIntact(in: "run"))
            #expect(try folder.figures(of: "run").count >= 2)
        }

        @Test func controlCBeforeTheFirstEpochIsWholeKeepsTheLastWeights() throws {
            try folder.drawPictures(train: 60, validation: 1)
            let process = try start()
            // The handler is installed once the run's header has been printed and training has begun.
            try process.wait(for: "device  cpu", in: \.output)
            usleep(500_000)
            process.send(SIGINT)
            #expect(try process.status() == 130, "\(process.errors)")
            #expect(process.output.contains("stopped before the first epoch was complete"))
            let record = try folder.record(of: "run")
            #expect(record.state == .interrupted && record.best == nil)
            #expect(try cresset("predict", "run", "data/val/dark/0.jpg", in: folder).status == 0)
        }

        @Test func weightsThatAreNotFiniteAreNotKept() throws {
            // One step per epoch, which takes long enough to be interrupted, and ruins the weights.
            try folder.drawPictures(train: 30, validation: 1)
            let process = try start("--batch-size", "60", "--lr", "1e45")
            try process.wait(for: "device  cpu", in: \.output)
            usleep(300_000)
            process.send(SIGINT)
            #expect(try process.status() == 130, "\(process.errors)")
            #expect(process.output.contains("its weights are not finite numbers"), "\(process.output)")
            #expect(!process.output.contains("cresset predict"))
            #expect(!FileManager.default.fileExists(atPath: folder.path + "/run/model.safetensors"))
            #expect(try cresset("predict", "run", "data/val/dark/0.jpg", in: folder).status == 66)
        }

        @Test(arguments: [SIGTERM, SIGHUP, SIGUSR1])
        func aSchedulersSignalHasAStatusOfItsOwn(signal: Int32) throws {
            try folder.drawPictures(train: 2, validation: 1)
            let process = try start()
            try process.wait(for: " 1/50 train", in: \.output)
            process.send(signal)
            #expect(try process.status() == 75, "\(process.errors)")
            #expect(try folder.record(of: "run").state == .interrupted)
        }

        /// As `nohup` and the background jobs of a shell are started.
        @Test func signalsThatWereSwitchedOffStaySo() throws {
            try folder.drawPictures(train: 2, validation: 1)
            let process = try CommandProcess(
                ["train", "data", "--weights", "none", "--epochs", "2", "--out", "run"], in: folder,
                shell: "trap '' HUP INT; exec \"$0\" \"$@\"")
            try process.wait(for: "1/2 train", in: \.output)
            process.send(SIGHUP)
            process.send(SIGINT)
            #expect(try process.status() == 0, "\(process.errors)")
        }

        /// There is nothing to save yet, or never.
        @Test(arguments: zip([SIGINT, SIGTERM, SIGHUP, SIGUSR1], [Int32(130), 143, 143, 143]))
        func nothingToSave(signal: Int32, status: Int32) throws {
            let process = try CommandProcess(
                ["bench", "--only", "infer_resnet18_b16_f32", "--repeat", "10000"], in: folder)
            try process.waitForHandlers()
            process.send(signal)
            #expect(try process.status() == status, "\(process.errors)")
        }

        @Test func memoryThatRunsOutIsSaid() throws {
            try folder.drawPictures(train: 2, validation: 1)
            // Rarely, what a run already has is enough for all that is left of it.
            for attempt in 1...4 {
                let run = "run-\(attempt)"
                let process = try start("--out", run)
                try process.wait(for: " 1/50 train", in: \.output)
                try process.setLimit("--as=1000000")
                let status = try process.status()
                if status == 0, attempt < 4 { continue }
                // libgomp ends the program by itself where its own memory is refused.
                if process.errors.contains("libgomp: Out of memory"), attempt < 4 { continue }
                #expect(status == 71, "\(process.errors)")
                #expect(process.errors.contains("error: "), "\(process.errors)")
                #expect(process.errors.contains("  hint: "), "\(process.errors)")
                #expect(try folder.record(of: run).state == .failed)
                return
            }
        }

        @Test func aRunThatWasKilledBeforeItHadWeightsSaysSo() throws {
            try folder.drawPictures(train: 40, validation: 1)
            let process = try start()
            try process.wait(for: "device  cpu", in: \.output)
            while !FileManager.default.fileExists(atPath: folder.path + "/run/run.json") { usleep(2000) }
            let early = try cresset("predict", "run", "data/val/dark/0.jpg", in: folder)
            #expect(early.status == 66 && early.errors.contains("run: the run is still under way"), "\(early.errors)")
            let second = try cresset("train", "data", "--weights", "none", "--out", "run", in: folder)
            #expect(second.status == 73 && second.errors.contains("another run is writing"), "\(second.errors)")
            process.send(SIGKILL)
            #expect(try process.status() == -SIGKILL)
            let late = try cresset("predict", "run", "data/val/dark/0.jpg", in: folder)
            #expect(late.status == 66 && late.errors.contains("run: the run has no weights"), "\(late.errors)")
        }

        @Test func aSecondControlCEndsTheProcessAtOnce() throws {
            // One long step: all validation pictures in a batch.
            try folder.drawPictures(train: 4, validation: 40)
            let process = try start("--batch-size", "80")
            try process.wait(for: " 1/50 train", in: \.output)
            process.send(SIGINT)
            try process.wait(for: "Ctrl-C again", in: \.errors)
            process.send(SIGINT)
            #expect(try process.status() == 130)
            #expect(try folder.record(of: "run").state == .running, "nothing more was written")
            #expect(!process.output.contains("stopped before"))
        }

        @Test func whereTheWeightsDoNotFitNothingIsTrained() throws {
            try folder.drawPictures(train: 2, validation: 1)
            // The record and the figures would fit.
            let process = try start(fileLimit: 2000)
            #expect(try process.status() == 74, "\(process.errors)")
            #expect(process.errors.contains("error: run/model.safetensors: cannot be written: "), "\(process.errors)")
            #expect(process.errors.contains("hint: ") && !process.output.contains("1/50"))
            #expect(folder.names == ["data"], "nothing is left behind")
        }

        @Test func aFullDiskWhileSavingIsSaid() throws {
            // One long pass, during which the disk fills up: the record and the figures fit, weights and state do not.
            try folder.drawPictures(train: 4, validation: 40)
            let process = try start("--batch-size", "80")
            try process.wait(for: " 1/50 train", in: \.output)
            try process.setLimit("--fsize=2000")
            #expect(try process.status() == 74, "\(process.errors)")
            #expect(process.errors.contains("error: run/state.safetensors: cannot be written: "), "\(process.errors)")
            #expect(process.errors.contains("hint: "))
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/run").sorted()
                .map { $0.hasPrefix("events.out.tfevents.") ? "events" : $0 }
            #expect(
                names == [
                    "config.json", "data.csv", "environment.json", "events", "log.txt", "metrics.csv", "run.json",
                    "state.safetensors",
                ],
                "the state is that of the beginning")
            #expect(try folder.record(of: "run").state == .failed)
        }

        @Test func aDiskThatFillsUpLaterLeavesTheBestWeights() throws {
            try folder.drawPictures()
            let process = try start()
            try process.wait(for: " 1/50 val", in: \.output)
            // Enough for the error message, but not for another row of figures.
            try process.setLimit("--fsize=200")
            #expect(try process.status() == 74, "\(process.errors)")
            #expect(process.errors.contains("error: run/"), "\(process.errors)")
            #expect(try folder.bestWeightsAreIntact(in: "run"))
            #expect(try folder.text("run/metrics.csv").hasSuffix("\n"), "no row is there in part")
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/run").sorted()
                .map { $0.hasPrefix("events.out.tfevents.") ? "events" : $0 }
            #expect(
                names == [
                    "config.json", "data.csv", "environment.json", "events", "log.txt", "metrics.csv",
                    "model.safetensors", "run.json",
                    "state.safetensors",
                ])
        }

        @Test func nobodyListeningIsNoReasonToStop() throws {
            try folder.drawPictures(train: 1, validation: 1)
            let pipe = Pipe()
            let process = Process()
            process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
                .deletingLastPathComponent()
                .appending(path: "cresset")
            process.arguments = ["train", "data", "--weights", "none", "--epochs", "1", "--out", "run"]
            process.currentDirectoryURL = URL(filePath: folder.path)
            process.standardOutput = pipe
            try process.run()
            try pipe.fileHandleForReading.close()
            process.waitUntilExit()
            #expect(process.terminationReason == .exit && process.terminationStatus == 0)
        }
    }
}
