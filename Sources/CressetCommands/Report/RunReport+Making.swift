import Cresset
import CressetTrain
import CressetVision

extension RunReport {
    /// The name of the page in a run's folder.
    package static let fileName = "report.html"

    /// The seconds that judging may take where somebody waits for the process to end.
    private static let patience = 10.0

    /// Writes the page of a run that has just ended into its folder, and says so.
    ///
    /// The run is complete without it: whatever goes wrong is a warning.
    ///
    /// - Parameters:
    ///   - run: The run, whose network may still be in memory.
    ///   - ending: How it ended. After an interruption, pictures are judged only if that takes a moment.
    ///   - results: Where the line about the page goes.
    ///   - progress: Where the progress bar and warnings go.
    package static func write(
        after run: TrainingRun, _ ending: Ending, results: Terminal = .standardOutput,
        progress: Terminal = .standardError
    ) {
        let path = run.folder.path.appending(fileName)
        var report = RunReport(run.folder, run.record)
        do {
            try report.judge(run, ending, progress)
        } catch {
            report.notes.append("The pictures could not be judged: \(Failure(error).message).")
        }
        do {
            try report.write(to: path)
            results.writeLine("report  \(path)")
        } catch {
            let reason = TerminalText.escaped(Failure(error).message)
            progress.writeLine("warning: the run is saved, but its report is not: \(reason)")
        }
    }

    /// Judges a run that has just ended by the pictures that it was validated with.
    private mutating func judge(_ run: TrainingRun, _ ending: Ending, _ progress: Terminal) throws {
        let isHurried = if case .interrupted = ending { judgingSeconds(run.data) > Self.patience } else { false }
        if !run.hasWeights {
            notes.append("There are no weights to judge.")
        } else if isHurried {
            notes.append("The pictures were not judged, since an end was asked for; cresset report does it.")
        } else {
            let options = run.record.options
            if run.record.best != nil { notes.append(Self.sentence(options.metric.caution)) }
            let classifier = try Classifier(run.folder, device: run.loop.device)
            if let evaluation = run.evaluation {
                let root = run.data.validation.root
                add(evaluation, of: SystemFiles.realOrSamePath(root))
                return open(classifier) { StopRequest.current != nil }
            }
            try judge(
                classifier, LabelledPictures(validationOf: run.data, for: run.record), workers: options.workers,
                progress: progress)
        }
    }

    /// The page of a run, judged by pictures; of one without weights, a page without a judgement.
    ///
    /// *Throws* ``Failure`` if the folder is no run folder or the pictures that are named cannot be used;
    /// `CheckpointError` if the weights cannot be read.
    ///
    /// - Parameters:
    ///   - folder: The run folder.
    ///   - data: The pictures, see ``LabelledPictures``; those that the run was validated with if nil. Where these are gone,
    ///     the page does without, and a warning says so.
    ///   - options: How pictures are read.
    ///   - device: Where they are classified.
    ///   - precision: The type of the network's products.
    ///   - progress: Where the progress bar and warnings go.
    package init(
        _ folder: RunFolder, data: FilePath? = nil, options: EvaluationRun.Options = .init(),
        device: Device = .current, precision: Precision = .float32, progress: Terminal = .standardError
    ) throws {
        if let problem = options.problem { throw problem }
        let record = try RunRecord(readingFrom: folder)
        self.init(folder, record)
        guard SystemFiles.exists(folder.weightsPath) else {
            notes.append("There are no weights to judge.")
            return
        }
        let usual = record.data.validationFolder ?? record.data.folder
        let pictures: LabelledPictures
        do {
            pictures = try LabelledPictures(
                data ?? usual, for: record, limit: options.badPictureLimit, workers: options.workers)
        } catch  where data == nil {
            let reason = Failure(error).message
            progress.writeLine(
                "warning: the report does without pictures: \(TerminalText.escaped(reason)); --data names others")
            notes.append("No pictures were judged: \(reason).")
            return
        }
        notes += pictures.warnings.map(Self.sentence)
        let classifier = try Classifier(folder, device: device, precision: precision)
        try judge(
            classifier, pictures, isHeldOut: data == nil, batchSize: options.batchSize, workers: options.workers,
            progress: progress)
    }

    private static func sentence(_ remark: String) -> String {
        remark.prefix(1).uppercased() + remark.dropFirst() + "."
    }

    /// About how long judging takes: as long as validation did.
    private func judgingSeconds(_ data: TrainingData) -> Double {
        guard let all = figures["seconds"].last ?? nil, let speed = figures["images_per_second"].last ?? nil, speed > 0
        else { return Double(data.validation.count) / 10 }
        return max(all - Double(data.train.count) / speed, 0)
    }

    private mutating func judge(
        _ classifier: Classifier, _ pictures: LabelledPictures, isHeldOut: Bool = true, batchSize: Int? = nil,
        workers: Int, progress: Terminal
    ) throws {
        let count = pictures.folder.count
        var bar = ProgressBar("report", total: count, terminal: progress)
        let evaluation = try classifier.evaluate(pictures, batchSize: batchSize, workers: workers) {
            bar.update(to: count * $0 / $1)
        }
        bar.clear()
        add(evaluation, of: pictures.folder.root, isHeldOut: isHeldOut)
        open(classifier) { StopRequest.current != nil }
    }
}
