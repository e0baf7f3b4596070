import Cresset
import CressetTrain

/// The lines at the beginning of a run: what is trained, on what, where, and what is odd about it.
struct RunHeading {
    private let record: RunRecord
    private let folder: FilePath
    private let data: TrainingData
    private let parameterCount: Int
    private let note: String

    /// - Parameter note: Where the first weights come from.
    init(_ record: RunRecord, folder: FilePath, _ data: TrainingData, _ parameterCount: Int, note: String) {
        self.record = record
        self.folder = folder
        self.data = data
        self.parameterCount = parameterCount
        self.note = note
    }

    /// Writes the lines about the run to `results`, warnings and bad pictures to `progress`.
    func write(to results: Terminal, progress: Terminal) {
        let options = record.options
        let millions = (Double(parameterCount) / 1e6).fixed(1)
        results.writeLine(
            "cresset \(cressetVersion)  \(record.model.name) (\(millions) M parameters, \(note))  ->  \(folder)")
        results.writeLine("data    \(data.summary)")
        results.writeLine(
            "device  \(record.device ?? "cpu"), \(options.precision), \(threadCount.counted("thread")), "
                + "\(options.workers.counted("worker")), batch \(options.batchSize), seed \(options.seed)")
        if let search = record.rateSearch {
            results.writeLine(
                "rate    \((options.learningRate ?? 0).general(3)), "
                    + (search.suggestion == nil
                        ? "since none was found in \(search.steps) tries" : "found in \(search.steps) tries"))
        }
        for warning in data.warnings + data.warnings(for: options) {
            progress.writeLine("warning: " + TerminalText.escaped(warning))
        }
        progress.writeFirst(
            data.skipped.map { "skipped: \($0)" }, remark: ", counted in \(folder.appending("run.json"))")
    }
}
