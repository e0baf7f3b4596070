import ArgumentParser
import Cresset
import CressetCommands
import CressetTrain
import CressetVision

/// `cresset check`.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Look for what is wrong with a folder of pictures, before training on it.",
        discussion: """
            DATA is laid out as for cresset train. Every file is decoded. Problems are what cresset train refuses, \
            warnings what makes its result worse than it looks or could be, notes what does no harm: files that cannot \
            be used or may be damaged, tiny pictures, pictures of a single colour or that stand for missing ones; pictures \
            that are there twice or look the same, in one class, in two, or for training and for validation; classes \
            without pictures, or with few; hidden folders, names that differ only in case; pictures that are turned by \
            their cameras' notes, grey, with a palette, in CMYK or with more than 8 bits.

            Exit status 65 if there are problems, 0 otherwise.

              cresset check pets
            """)

    @Argument(help: "The folder that contains train and val, or the folders of the classes.", completion: .directory)
    var data: String

    @Option(
        name: .customLong("val"),
        help: "The folder of pictures for validation, with the classes of DATA (default: val in DATA).",
        completion: .directory)
    var validation: String?

    @Flag(help: "Print one JSON object, with every file.")
    var json = false

    @Option(
        help: "The share of pictures that may be unusable, such as 5% or 0.05 (default: 1%, and always one picture).")
    var maxBad: String?

    @Option(help: "Threads that read pictures (default: one per core, and 8 at most).")
    var workers = min(threadCount, 8)

    @OptionGroup var folders: FolderOptions

    @OptionGroup var look: LookOptions

    @OptionGroup var damage: DamageOptions

    private var selection: PictureSelection {
        var selection = PictureSelection()
        selection.labels = folders.table
        selection.allowsEmptyClasses = folders.allowEmpty
        selection.ignoresUnknownClasses = folders.ignoreUnknownClasses
        selection.truncated = damage.truncated ?? selection.truncated
        selection.rejectsSuspect = damage.strict ?? selection.rejectsSuspect
        return selection
    }

    func validate() throws {
        if let problem = TrainingOptions.problem(batchSize: nil, workers: workers, maxBad: maxBad) {
            throw ValidationError(problem.message)
        }
    }

    func run() throws {
        let path = FilePath(argument: data)
        var bar: ProgressBar?
        let start = ContinuousClock.now
        let check = try DataCheck(
            path, validation: validation.map { FilePath(argument: $0) },
            limit: maxBad.flatMap { BadPictureLimit($0) } ?? .standard, workers: workers,
            preprocessing: Preprocessing(
                alpha: look.alpha ?? .drop, appliesOrientation: look.appliesOrientation ?? true),
            selection: selection
        ) { done, total in
            bar = bar ?? ProgressBar("reading", total: total)
            bar?.update(to: done)
        }
        bar?.clear()
        if json {
            try Results.writeLine(Results.json(CheckRecord(check, of: path)))
        } else {
            let report = CheckReport(check, of: path, seconds: start.duration(to: .now).seconds)
            for line in report.lines { try Results.writeLine(line) }
        }
        if !check.isAccepted { throw ExitCode(ExitStatus.badData.rawValue) }
    }
}
