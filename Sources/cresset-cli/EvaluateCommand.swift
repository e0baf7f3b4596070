import ArgumentParser
import Cresset
import CressetCommands
import CressetTrain
import CressetVision

/// `cresset evaluate`.
struct EvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Measure how well a trained run classifies pictures of known classes.",
        discussion: """
            DATA contains one folder of pictures per class, with the names of the run's classes; or it is laid out as \
            for cresset train, and its val is used (or else its valid, validation or test). Prints the accuracy with \
            its 95 % confidence interval, the loss, what probabilities are worth, precision, recall, F1, average precision \
            and area under the ROC curve of each class against all others, which classes were taken for which, and the \
            worst mistakes. n/a is what cannot be measured. The probabilities are those of cresset predict.

            On validation pictures the accuracy is a little too good: the run's epoch was chosen by them. Pictures that \
            took no part in training say more:

              cresset evaluate runs/train-1 pets/test
            """)

    @Argument(
        help: ArgumentHelp(
            "A run folder, such as runs/train-1, or weights that describe themselves.", valueName: "run"),
        completion: .file())
    var runFolder: String

    @Argument(help: "The folder of pictures.", completion: .directory)
    var data: String

    @Flag(help: "Print one JSON object, with all mistakes.")
    var json = false

    @Option(
        help:
            "A file to which each picture's prediction is written, as CSV; - for standard output instead of the report.",
        completion: .file())
    var csv: String?

    @Option(help: "How many mistakes to list, those with the highest loss first.")
    var mistakes = 10

    @Option(help: "Pictures that are classified together (default: 16 of 224 pixels, or as many pixels).")
    var batchSize: Int?

    @Option(help: "Threads that read pictures.")
    var workers = EvaluationRun.Options().workers

    @Option(
        help: "The share of pictures that may be unusable, such as 5% or 0.05 (default: 1%, and always one picture).")
    var maxBad: String?

    @Flag(
        help: """
            Evaluate in integers of 8 bits too, with scales from 128 pictures of all classes, and say what that costs (on \
            the CPU, whatever --device says).
            """)
    var int8 = false

    @Flag(name: .customLong("allow-nonfinite"), help: "Use the weights even if they contain infinities or NaN.")
    var allowsNonFinite = false

    @OptionGroup var computing: DeviceOptions

    @Option(
        help: ArgumentHelp(
            "A CSV file with the classes of the pictures in DATA, as for cresset train.", valueName: "file.csv",
            visibility: .hidden),
        completion: .file(extensions: ["csv"]))
    var labels: String?

    @Flag(help: ArgumentHelp("Leave out folders of classes that the run does not know.", visibility: .hidden))
    var ignoreUnknownClasses = false

    @OptionGroup var damage: DamageOptions

    private var options: EvaluationRun.Options {
        var options = EvaluationRun.Options()
        options.batchSize = batchSize
        options.workers = workers
        options.maxBad = maxBad
        options.usesIntegers = int8
        options.labels = labels.map { FilePath(argument: $0) }
        options.ignoresUnknownClasses = ignoreUnknownClasses
        options.truncated = damage.truncated
        options.rejectsSuspect = damage.strict
        return options
    }

    func validate() throws {
        if mistakes < 0 { throw ValidationError("--mistakes must be 0 or more, got \(mistakes)") }
        if json, csv == "-" { throw ValidationError("--json and --csv - both write to standard output") }
        if let problem = options.problem { throw ValidationError(problem.message) }
    }

    func run() throws {
        computing.setThreads()
        let table = csv == "-" ? nil : csv.map { FilePath(argument: $0) }
        if let table { try AtomicFile.check(table) }
        let run = try EvaluationRun(
            FilePath(argument: runFolder), data: FilePath(argument: data), options: options,
            device: computing.selected(), precision: computing.precision, allowsNonFinite: allowsNonFinite)
        // Who reads standard output may stop before its end.
        if let table { try PredictionFile.write(run.evaluation, to: table) }
        if csv == "-" {
            for line in PredictionFile.lines(run.evaluation) { try Results.writeLine(line) }
        } else if json {
            try Results.writeLine(Results.json(EvaluationRecord(run)))
        } else {
            for line in EvaluationReport(run, mistakeCount: mistakes).lines { try Results.writeLine(line) }
        }
    }
}
