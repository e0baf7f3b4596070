import CressetCommands

/// Runs cases in this process and reports on standard output how each went, one line at a time, for ``Supervisor``.
struct Worker {
    /// How a line begins. The text of a trap begins with none of these.
    enum Mark {
        static let begins = "\u{1}begin "
        static let passed = "\u{1}passed"
        static let failed = "\u{1}failed "
        static let unsupported = "\u{1}unsupported "
        static let note = "\u{1}note "
    }

    let options: Options

    func run(from first: Int) throws {
        var number = 0
        for subject in try subjects(options) {
            guard let run = subject.run else { continue }
            for index in 0..<subject.caseCount {
                defer { number += 1 }
                if number < first { continue }
                Self.say("\(Mark.begins)\(subject.path)#\(index)")
                do {
                    try run(index)
                    Self.say(Mark.passed)
                } catch {
                    let mark = error is Unsupported ? Mark.unsupported : Mark.failed
                    Self.say(mark + "\(error)".replacing("\n", with: " "))
                }
            }
        }
    }

    /// Shows `text` beside the case that is running, whatever its result.
    static func note(_ text: String) { say(Mark.note + text.replacing("\n", with: " ")) }

    private static func say(_ line: String) { Terminal.standardOutput.writeLine(line) }
}
