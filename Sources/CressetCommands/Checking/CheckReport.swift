import Cresset
import CressetTrain
import CressetVision

/// What `cresset check` prints: what there is, what is wrong with it by severity, and the verdict.
package struct CheckReport {
    private let check: DataCheck
    private let path: FilePath
    private let seconds: Double

    /// The number of files that are named of a finding.
    private static let exampleCount = 3

    /// Creates one for a check.
    ///
    /// - Parameters:
    ///   - check: What was found.
    ///   - path: The folder, as the user named it.
    ///   - seconds: How long it took.
    package init(_ check: DataCheck, of path: FilePath, seconds: Double) {
        self.check = check
        self.path = path
        self.seconds = seconds
    }

    /// All lines.
    package var lines: [String] {
        let findings = check.findings.map(lines)
        return [data, pictures] + (findings.isEmpty ? [] : [""]) + findings.flatMap { $0 } + ["", verdict]
    }

    // MARK: What there is

    private var data: String {
        let (training, validating) = (check.train.classCounts, check.validation?.classCounts)
        let counts = check.train.classes.indices.prefix(6).map { label in
            TerminalText.escaped(check.train.classes[label]) + " \(training[label])"
                + (validating.map { " / \($0[label])" } ?? "")
        }
        let names = counts.joined(separator: ", ") + (check.train.classes.count > 6 ? ", …" : "")
        let sizes =
            check.division.map { "\($0.training.count) train / \($0.validation.count) val of \(check.train.count)" }
            ?? "\(check.train.count) train / \(check.validation?.count ?? 0) val"
        let classes = check.train.classes.count.counted("class", "classes")
        return "data     \(path): \(sizes), \(classes) (\(names))"
    }

    private var pictures: String {
        let formats = Dictionary(grouping: check.files.compactMap(\.format)) { $0 }.mapValues(\.count)
        let named = formats.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.key) \($0.value)" }
        let sizes = check.files.compactMap { file in file.width.flatMap { w in file.height.map { (w, $0) } } }
            .sorted { ($0.0 * $0.1, $0.0) < ($1.0 * $1.1, $1.0) }
        guard let least = sizes.first, let most = sizes.last else { return "pictures none" }
        func text(_ size: (Int, Int)) -> String { "\(size.0) x \(size.1)" }
        return
            "pictures \(named.joined(separator: ", ")); \(text(least)) to \(text(most)) pixels, half of them at least "
            + text(sizes[sizes.count / 2])
    }

    // MARK: What is wrong with it

    private func lines(_ finding: Finding) -> [String] {
        let title = finding.severity.rawValue
        let indent = String(repeating: " ", count: 9)
        var lines = [
            title.rightPadded(to: 9) + TerminalText.escaped(finding.message)
        ]
        if let hint = finding.hint { lines.append(indent + "hint: " + TerminalText.escaped(hint)) }
        // Some messages name the first ones themselves.
        if let first = finding.files.first, finding.message.contains("\(first.path)") { return lines }
        lines += finding.files.prefix(Self.exampleCount).map { indent + "  " + TerminalText.escaped("\($0)") }
        let rest = finding.files.count - Self.exampleCount
        if rest > 0 { lines.append(indent + "  … and \(rest) more") }
        return lines
    }

    private var verdict: String {
        let counts = Finding.Severity.allCases.map { severity in
            check.findings.count { $0.severity == severity }.counted(severity.rawValue)
        }
        return "checked  \(check.files.count.counted("file")) in \(seconds.fixed(1)) s: "
            + counts.joined(separator: ", ") + "; "
            + (check.isAccepted ? "cresset train takes this folder" : "cresset train refuses this folder")
    }
}
