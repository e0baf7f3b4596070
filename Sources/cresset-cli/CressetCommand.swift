import ArgumentParser
import CressetCommands
import CressetTrain

/// The command `cresset`.
@main
struct CressetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cresset",
        abstract: "Train image classifiers on folders of pictures, and use them.",
        discussion: """
            A first try, on pictures drawn by the program:

              cresset sample-data toys
              cresset train toys --weights none --epochs 3
              cresset predict runs/train-1 toys/val/Scenes/*.jpg
            """,
        version: cressetVersion,
        subcommands: [
            CheckCommand.self, FindRateCommand.self, TrainCommand.self, ResumeCommand.self, EvaluateCommand.self,
            PredictCommand.self, ReportCommand.self, ModelsCommand.self, SummaryCommand.self, ExportCommand.self,
            ConvertCommand.self, InspectCommand.self, WeightsCommand.self, SampleDataCommand.self, BenchCommand.self,
            DoctorCommand.self,
        ])

    /// Runs the command given by the process's arguments, and ends the process.
    ///
    /// Whatever goes wrong, on the command line or later, becomes a ``Failure``.
    static func main() {
        CommandProcess.prepare()
        var line = Array(CommandLine.arguments.dropFirst())
        OptionName.$areFlags.withValue(true) {
            do {
                if let failure = UsageFailure.unknownSubcommand(line) { throw failure }
                line = try TrainingConfiguration.expanded(line)
                var command = try parseAsRoot(line)
                try command.run()
            } catch {
                end(error, line)
            }
        }
        LastResort.exit(.success)
    }

    private static func end(_ error: any Error, _ line: [String]) -> Never {
        if let code = error as? ExitCode { LastResort.exit(ExitStatus(rawValue: code.rawValue) ?? .bug) }
        if error is Failure { LastResort.end(Failure(error)) }
        switch exitCode(for: error) {
        case .success:
            // The request was for the help, the version, or a shell script.
            do throws(Failure) {
                try Results.writeLine(fullMessage(for: error))
            } catch {
                LastResort.end(error)
            }
            LastResort.exit(.success)
        case .validationFailure:
            LastResort.end(UsageFailure.of(message(for: error), line))
        default:
            LastResort.end(Failure(error))
        }
    }
}
