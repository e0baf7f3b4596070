/// Counts per folder, and the closing lines.
struct Tally {
    private struct Counts {
        var passed = 0
        var failed = 0
        var unsupported = 0
    }

    private var folders: [(name: String, counts: Counts)] = []

    var isClean: Bool { folders.allSatisfy { $0.counts.failed == 0 && $0.counts.unsupported == 0 } }

    private mutating func change(_ folder: String, _ change: (inout Counts) -> Void) {
        if let i = folders.firstIndex(where: { $0.name == folder }) { return change(&folders[i].counts) }
        folders.append((folder, Counts()))
        change(&folders[folders.count - 1].counts)
    }

    mutating func add(_ folder: String, passed: Bool) {
        change(folder) { if passed { $0.passed += 1 } else { $0.failed += 1 } }
    }

    mutating func addUnsupported(_ folder: String, _ count: Int) { change(folder) { $0.unsupported += count } }

    /// The table, and the line that scripts read.
    func report() {
        func row(_ name: String, _ cells: [String]) {
            print(name.rightPadded(to: 12) + cells.map { $0.leftPadded(to: 12) }.joined())
        }
        print()
        row("folder", ["passed", "failed", "unsupported"])
        for suite in suites {
            guard let counts = folders.first(where: { $0.name == suite.folder })?.counts else { continue }
            row(suite.folder, [counts.passed, counts.failed, counts.unsupported].map(String.init))
        }
        let passed = folders.reduce(0) { $0 + $1.counts.passed }
        let failed = folders.reduce(0) { $0 + $1.counts.failed + $1.counts.unsupported }
        print("\n\(passed) passed, \(failed) failed")
    }
}
