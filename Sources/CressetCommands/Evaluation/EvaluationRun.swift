import Cresset
import CressetTrain
import CressetVision

/// What `cresset evaluate` does: reads a run and pictures of known classes, and reports how well one predicts the other.
package struct EvaluationRun {
    /// How pictures are read.
    package struct Options: Sendable, Hashable {
        /// Pictures that go through the network together; nil for as many as are usual.
        package var batchSize: Int?
        /// Threads that read pictures.
        package var workers = 2
        /// The share of pictures that may be unusable, as `--max-bad` gives it; nil for ``BadPictureLimit/standard``.
        package var maxBad: String?

        /// A CSV file with the classes of the pictures; nil if they are in class folders.
        package var labels: FilePath?
        /// Whether classes that the run does not know are left out, even if it did not do so itself.
        package var ignoresUnknownClasses = false
        /// What becomes of files that end before their pictures do; nil for what the run did.
        package var truncated: ImageReadingOptions.TruncationRule?
        /// Whether pictures that look damaged are skipped; nil for what the run did.
        package var rejectsSuspect: Bool?

        /// Whether the network is evaluated in integers of 8 bits too.
        package var usesIntegers = false

        package init() {}

        var badPictureLimit: BadPictureLimit { maxBad.flatMap { BadPictureLimit($0) } ?? .standard }

        /// Which pictures are used to evaluate a run.
        func selection(for run: RunRecord) -> PictureSelection {
            var selection = run.options.selection
            selection.labels = labels
            selection.ignoresUnknownClasses = selection.ignoresUnknownClasses || ignoresUnknownClasses
            selection.truncated = truncated ?? selection.truncated
            selection.rejectsSuspect = rejectsSuspect ?? selection.rejectsSuspect
            return selection
        }

        /// The first option that cannot be used, as a usage failure, or nil.
        package var problem: Failure? {
            TrainingOptions.problem(batchSize: batchSize, workers: workers, maxBad: maxBad)
        }
    }

    /// The run folder, or the weight file.
    package let place: FilePath
    package let record: RunRecord
    package let pictures: LabelledPictures
    package let device: Device
    package let precision: Precision
    package let evaluation: Evaluation
    /// Seconds for reading and classifying.
    package let seconds: Double
    /// The same in integers of 8 bits, and the seconds it took.
    package let integers: (evaluation: Evaluation, seconds: Double)?

    /// Evaluates a run, or a weight file that describes itself.
    ///
    /// *Throws* ``Failure`` if an option, the run or the folder of pictures cannot be used, or too many pictures cannot;
    /// `ImageFolderError` if the folder has no classes, `LabelFileError` if a table of classes cannot be used;
    /// `CheckpointError` if the weights cannot be read.
    ///
    /// - Parameters:
    ///   - run: The run folder, or the weight file.
    ///   - data: The pictures: see ``LabelledPictures``.
    ///   - options: How they are read.
    ///   - device: Where they are classified.
    ///   - precision: The type of the network's products.
    ///   - allowsNonFinite: Whether the weights may contain infinities or NaN.
    ///   - progress: Where the progress bar, warnings and skipped pictures are reported.
    package init(
        _ run: some PathConvertible, data: some PathConvertible, options: Options = Options(),
        device: Device = .current,
        precision: Precision = .float32, allowsNonFinite: Bool = false, progress: Terminal = .standardError
    ) throws {
        if let problem = options.problem { throw problem }
        // The folder is looked at first: that takes less time than reading weights.
        let source = TrainedSource(run)
        let record = try source.record()
        let pictures = try LabelledPictures(
            data, for: record, limit: options.badPictureLimit, workers: options.workers,
            selection: options.selection(for: record))
        let classifier = try Classifier(
            run, device: device, precision: precision, allowsNonFinite: allowsNonFinite)
        try self.init(classifier, at: source.path, pictures: pictures, options: options, progress: progress)
    }

    /// Evaluates a classifier that is in memory already.
    ///
    /// *Throws* ``Failure`` if too many pictures cannot be used, or the network's output is not finite.
    ///
    /// - Parameters:
    ///   - classifier: The classifier.
    ///   - place: Its run folder.
    ///   - pictures: The pictures.
    ///   - options: How they are read.
    ///   - progress: Where the progress bar, warnings and skipped pictures are reported.
    package init(
        _ classifier: Classifier, at place: FilePath, pictures: LabelledPictures, options: Options = Options(),
        progress: Terminal = .standardError
    ) throws {
        for warning in pictures.warnings { progress.writeLine("warning: " + TerminalText.escaped(warning)) }
        let count = pictures.folder.count
        func evaluated(_ classifier: Classifier) throws -> (evaluation: Evaluation, seconds: Double) {
            var bar = ProgressBar("evaluating", total: count, terminal: progress)
            let evaluation = try classifier.evaluate(
                pictures, batchSize: options.batchSize, workers: options.workers
            ) { bar.update(to: count * $0 / $1) }
            bar.clear()
            return (evaluation, bar.elapsedSeconds)
        }
        if options.usesIntegers, classifier.device != .cpu {
            progress.writeLine("note: integers of 8 bits are computed on the CPU, all else on \(classifier.device)")
        }
        (evaluation, seconds) = try evaluated(classifier)
        integers =
            options.usesIntegers
            ? try evaluated(classifier.inIntegers(calibratedWith: pictures, workers: options.workers)) : nil
        progress.writeFirst(evaluation.skipped.map { "skipped: \($0)" })
        self.place = place
        self.pictures = pictures
        record = classifier.record
        device = classifier.device
        precision = classifier.precision
    }
}
