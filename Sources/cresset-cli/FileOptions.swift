import ArgumentParser
import Cresset
import CressetTrain
import CressetVision

extension ImageReadingOptions.AlphaRule: ExpressibleByArgument {}
extension ImageReadingOptions.TruncationRule: ExpressibleByArgument {}

/// The options that say what becomes of damaged files. All are rare.
struct DamageOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "What becomes of JPEG and PNG files that end early: skip, or pad with grey (default: skip, or what the run did).",
            visibility: .hidden))
    var truncated: ImageReadingOptions.TruncationRule?

    @Flag(
        inversion: .prefixedNo, exclusivity: .chooseLast,
        help: ArgumentHelp("Skip pictures that can be read but look damaged.", visibility: .hidden))
    var strict: Bool?

    func validate() throws {
        guard let problem = TrainingOptions.problem(truncated: truncated, rejectsSuspect: strict) else { return }
        throw ValidationError(problem.message + (problem.hint.map { "; \($0)" } ?? ""))
    }
}

/// The options that say how what a file holds becomes a picture. A run remembers them. All are rare.
struct LookOptions: ParsableArguments {
    /// What is done with the orientation that a camera noted.
    enum Orientation: String, CaseIterable, ExpressibleByArgument {
        case apply, ignore
    }

    @Option(
        help: ArgumentHelp(
            "What is under transparent pictures: white, black, or nothing (drop; the default, or as the weights expect).",
            visibility: .hidden))
    var alpha: ImageReadingOptions.AlphaRule?

    @Option(
        help: ArgumentHelp(
            "Whether pictures are turned as their cameras noted (default: apply, or as the weights expect).",
            visibility: .hidden))
    var exif: Orientation?

    /// Whether pictures are turned; nil if that is not said.
    var appliesOrientation: Bool? { exif.map { $0 == .apply } }
}

/// The options that say which folders and files are classes and pictures. All are rare.
struct FolderOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A CSV file with the classes of the pictures in DATA, which then need no folders.",
            discussion: """
                A row is a file, relative to DATA, and its class. A row of headings may come first; the columns file and label \
                are then the ones that count, or else the first two. The pictures are divided as those of class folders are.
                """,
            valueName: "file.csv", visibility: .hidden),
        completion: .file(extensions: ["csv"]))
    var labels: String?

    @Flag(
        inversion: .prefixedNo, exclusivity: .chooseLast,
        help: ArgumentHelp(
            "Let a class have an empty folder; it keeps its place among the classes.", visibility: .hidden))
    var allowEmpty = false

    @Flag(
        inversion: .prefixedNo, exclusivity: .chooseLast,
        help: ArgumentHelp(
            "Leave out classes for validation that DATA has no pictures of for training.", visibility: .hidden))
    var ignoreUnknownClasses = false

    /// The table of classes, if there is one.
    var table: FilePath? { labels.map { FilePath(argument: $0) } }
}
