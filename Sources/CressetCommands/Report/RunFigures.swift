import Cresset
import CressetTrain

/// The figures of a run's epochs, as `metrics.csv` has them.
struct RunFigures: Sendable {
    private(set) var columns: [String] = []
    /// A row per epoch, with nil for what is missing.
    private(set) var rows: [[Double?]] = []

    /// The largest file that is read; a run of a million epochs has a smaller one.
    private static let sizeLimit = 64 << 20

    /// The most columns that are read; no run has as many scores.
    private static let columnLimit = 1000
    /// No figure of 32 bits is larger.
    private static let largest = 1e100

    /// Figures from the text of the file: a line per epoch below the names of the columns. Lines of another length, such
    /// as a last one that was cut off, and those of an epoch that cannot be are left out; any other number that cannot be is
    /// missing.
    init(_ text: String) {
        let lines = text.split(whereSeparator: \.isNewline)
        guard let head = lines.first else { return }
        let names = head.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        if names.count > Self.columnLimit { return }
        columns = names
        let epoch = names.firstIndex(of: "epoch")
        rows = lines.dropFirst().map { $0.split(separator: ",", omittingEmptySubsequences: false) }
            .filter { $0.count == names.count }
            .map { zip(names, $0).map { Self.figure($1, in: $0) } }
            .filter { row in epoch.map { row[$0] != nil } ?? true }
    }

    /// The number in a cell of a column; nil if no run can have written it there.
    private static func figure(_ cell: Substring, in column: String) -> Double? {
        guard let value = Double(cell) else { return nil }
        let isPossible =
            switch column {
            case "epoch": (1...1e9).contains(value) && value == value.rounded()
            case "lr", "images_per_second", "seconds": (0...largest).contains(value)
            default: abs(value) <= largest
            }
        return isPossible ? value : nil
    }

    /// The figures of a run; none if they cannot be read.
    init(readingFrom folder: RunFolder) {
        let file = try? RegularFile(folder.metricsPath)
        let bytes = file.flatMap { $0.byteCount <= Self.sizeLimit ? try? $0.read(upTo: $0.byteCount) : nil }
        self.init(String(decoding: bytes ?? [], as: UTF8.self))
    }

    /// The values of a column, epoch by epoch; empty if there is no such column.
    subscript(name: String) -> [Double?] {
        guard let index = columns.firstIndex(of: name) else { return [] }
        return rows.map { $0[index] }
    }

    /// The numbers of the epochs.
    var epochs: [Double] { zip(self["epoch"], 1...).map { $0 ?? Double($1) } }

    /// The names of the scores in validation besides the loss.
    var scores: [String] {
        columns.compactMap { $0.hasPrefix("val_") ? String($0.dropFirst(4)) : nil }.filter { $0 != "loss" }
    }
}
