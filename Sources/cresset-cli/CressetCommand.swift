import ArgumentParser
import CressetTrain
import Glibc

/// The command `cresset`.
@main
struct CressetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cresset",
        abstract: "Train image classifiers on folders of pictures, and use them.",
        discussion: """
            A first try, on pictures that are drawn for it:

              cresset sample-data toys
              cresset train toys --weights none --epochs 3
              cresset predict runs/train-1 toys/val/Scenes/*.jpg
            """,
        version: cressetVersion,
        subcommands: [
            TrainCommand.self, PredictCommand.self, ModelsCommand.self, SampleDataCommand.self, BenchCommand.self,
            DoctorCommand.self,
        ])

    /// Runs the command of the process's arguments, and ends the process.
    ///
    /// Wrong usage is reported by ArgumentParser; whatever a command meets while it runs becomes a ``Failure``.
    static func main() {
        // A file that grows beyond a limit is told of like a full disk; by itself the signal would end the process.
        signal(SIGXFSZ, SIG_IGN)
        var command: any ParsableCommand
        do {
            command = try parseAsRoot()
        } catch {
            exit(withError: error)
        }
        do {
            try command.run()
        } catch {
            if !(error is Failure), exitCode(for: error) != .failure { exit(withError: error) }
            let failure = Failure(error)
            Terminal.standardError.writeLine(failure.description)
            Glibc.exit(failure.status.rawValue)
        }
    }
}
