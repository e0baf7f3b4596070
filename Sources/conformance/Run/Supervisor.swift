import CressetCommands
import CressetTrain

/// Runs the cases in a separate process and restarts it after a case that ends it: an operator that traps on a shape is
/// a failure of its case, not the end of the run.
struct Supervisor {
    let options: Options
    private var tally = Tally()

    init(options: Options) { self.options = options }

    /// Runs everything and prints the report.
    /// - Returns: whether all cases passed.
    mutating func run() throws -> Bool {
        let all = try subjects(options)
        for subject in all where subject.run == nil {
            print("UNSUPPORTED \(subject.path) (\(subject.caseCount) cases)")
            tally.addUnsupported(subject.folder, subject.caseCount)
        }
        let total = all.reduce(0) { $0 + ($1.run == nil ? 0 : $1.caseCount) }
        var next = 0
        while next < total {
            let ran = try runWorker(from: next)
            guard ran > 0 else { throw Failure("the runner's own process ended before the first case") }
            next += ran
        }
        tally.report()
        return tally.isClean
    }

    /// Starts a worker and reads its output to the end.
    /// - Returns: the number of cases it began.
    private mutating func runWorker(from first: Int) throws -> Int {
        let arguments = Array(CommandLine.arguments.dropFirst()) + ["--from-case", "\(first)"]
        // The trap's message is all that is needed; a stack trace takes seconds and says no more.
        var process = try ChildProcess(
            arguments: arguments, variables: ["SWIFT_BACKTRACE=enable=no"], readsErrors: true)
        var reader = WorkerReader(tally: tally, isVerbose: options.isVerbose)
        while let line = process.nextLine() { reader.read(line) }
        reader.end(status: process.wait())
        tally = reader.tally
        return reader.begun
    }
}

/// Interprets the output lines of a worker.
private struct WorkerReader {
    var tally: Tally
    let isVerbose: Bool
    var begun = 0
    private var current: String?
    /// The output since the current case began: the text of a trap.
    private var noise: [String] = []

    init(tally: Tally, isVerbose: Bool) {
        self.tally = tally
        self.isVerbose = isVerbose
    }

    mutating func read(_ line: String) {
        if line.hasPrefix(Worker.Mark.begins) {
            current = String(line.dropFirst(Worker.Mark.begins.count))
            noise = []
            begun += 1
        } else if line.hasPrefix(Worker.Mark.passed), let case_ = current {
            if isVerbose { print("PASS \(case_)") }
            finish(case_, passed: true)
        } else if line.hasPrefix(Worker.Mark.failed), let case_ = current {
            print("FAIL \(case_) \(line.dropFirst(Worker.Mark.failed.count))")
            finish(case_, passed: false)
        } else if line.hasPrefix(Worker.Mark.unsupported), let case_ = current {
            print("UNSUPPORTED \(case_) \(line.dropFirst(Worker.Mark.unsupported.count))")
            tally.addUnsupported(folder(of: case_), 1)
            current = nil
        } else if line.hasPrefix(Worker.Mark.note), let case_ = current {
            print("NOTE \(case_) \(line.dropFirst(Worker.Mark.note.count))")
        } else if !line.isEmpty {
            noise.append(line)
        }
    }

    mutating func end(status: Int32) {
        guard let case_ = current else {
            if status != 0 { noise.forEach { print($0) } }
            return
        }
        let text = noise.joined(separator: " ")
        let message = text.firstRange(of: "Fatal error: ").map { String(text[$0.upperBound...]) } ?? text
        print("FAIL \(case_) trapped: \(message.isEmpty ? "status \(status)" : message)")
        finish(case_, passed: false)
    }

    private mutating func finish(_ case_: String, passed: Bool) {
        tally.add(folder(of: case_), passed: passed)
        current = nil
    }

    private func folder(of case_: String) -> String { String(case_.prefix { $0 != "/" }) }
}
