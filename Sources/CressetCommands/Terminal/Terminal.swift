import Cresset
import Glibc

/// Where progress is written, and what can be shown there.
package struct Terminal: Sendable {
    /// Whether a person is watching: lines may be redrawn.
    package var isInteractive: Bool
    /// Whether colours are wanted.
    package var usesColor: Bool
    /// Whether block characters can be shown.
    package var usesUnicode: Bool
    /// Columns per line.
    package var columns: Int
    private let output: @Sendable (String) -> Void
    /// Is given each line that ``writeLine(_:)`` writes; nil for nothing.
    var log: (@Sendable (String) -> Void)?

    /// Creates one from its parts.
    ///
    /// - Parameters:
    ///   - isInteractive: Whether a person is watching.
    ///   - usesColor: Whether to use colours.
    ///   - usesUnicode: Whether block characters can be shown.
    ///   - columns: The number of columns in a line.
    ///   - output: Called with the text to write.
    package init(
        isInteractive: Bool, usesColor: Bool = false, usesUnicode: Bool = true, columns: Int = 80,
        output: @escaping @Sendable (String) -> Void
    ) {
        self.isInteractive = isInteractive
        self.usesColor = usesColor
        self.usesUnicode = usesUnicode
        self.columns = columns
        self.output = output
    }

    /// The terminal behind a file descriptor, as the environment describes it.
    ///
    /// `NO_COLOR` (not empty) turns colours off, `CLICOLOR_FORCE` and `FORCE_COLOR` turn them on again; `TERM=dumb`
    /// means nobody is watching.
    ///
    /// - Parameters:
    ///   - descriptor: The file descriptor.
    ///   - environment: The environment variables; by default the process's.
    package init(
        descriptor: Int32, environment: [String: String]? = nil
    ) {
        let environment =
            environment
            ?? SystemFiles.environment(
                "TERM", "NO_COLOR", "CLICOLOR_FORCE", "FORCE_COLOR", "LC_ALL", "LC_CTYPE", "LANG", "COLUMNS")
        func isSet(_ name: String) -> Bool { !(environment[name] ?? "").isEmpty }
        let isDumb = environment["TERM"] == "dumb"
        isInteractive = isatty(descriptor) == 1 && !isDumb
        usesColor = !isSet("NO_COLOR") && (isInteractive || isSet("CLICOLOR_FORCE") || isSet("FORCE_COLOR"))
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
        usesUnicode = locale.uppercased().filter { $0 != "-" }.contains("UTF8")
        columns = Terminal.columns(of: descriptor, environment)
        // If nobody is reading any more, the work continues.
        output = { _ = writeAll($0, to: descriptor) }
    }

    /// Where progress and errors go.
    package static let standardError = Terminal(descriptor: STDERR_FILENO)
    /// The destination of a running command's progress. The results of a command go to ``Results``.
    package static let standardOutput = Terminal(descriptor: STDOUT_FILENO)

    /// Writes `text` as it is.
    package func write(_ text: String) { output(text) }

    /// Writes a line.
    ///
    /// - Parameter line: The line, without its line break.
    package func writeLine(_ line: String) {
        output(line + "\n")
        log?(line)
    }

    /// Writes the first ten of some lines, and how many more there are.
    func writeFirst(_ lines: [String], remark: String = "") {
        for line in lines.prefix(10) { writeLine(line) }
        if lines.count > 10 { writeLine("… and \(lines.count - 10) more\(remark)") }
    }

    /// `text` in bold, if colours are wanted.
    package func bold(_ text: String) -> String { usesColor ? "\u{1B}[1m\(text)\u{1B}[0m" : text }

    /// `text` in red, if colours are wanted.
    package func red(_ text: String) -> String { usesColor ? "\u{1B}[31m\(text)\u{1B}[0m" : text }

    /// The width of a line: according to the terminal, or else the environment. Nonsense is ignored.
    private static func columns(of descriptor: Int32, _ environment: [String: String]) -> Int {
        var size = winsize()
        let isKnown = ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0
        let candidates = [isKnown ? Int(size.ws_col) : nil, environment["COLUMNS"].flatMap { Int($0) }]
        return candidates.compactMap { $0 }.first { (1...10_000).contains($0) } ?? 80
    }
}
