import Cresset
import CressetTrain

/// The figures of a run's epochs, as `metrics.csv` has them.
struct RunFigures: Sendable {
    private(set) var columns: [String] = []
    /// A row per epoch, with nil for what is missing.
    private(set) var rows: [[Double?]] = []

    /// The largest file that is read; a run of a million epochs has a smaller one.
    private static let sizeLimit = 64 << 20

    /// Figures from the text of the file: a line per epoch below the names of the columns. Lines of another length, such
    /// as a last one that was cut off, are left out.
    init(_ text: String) {
        let lines = text.split(whereSeparator: \.isNewline)
        guard let head = lines.first else { return }
        columns = head.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        rows = lines.dropFirst().map { line in
            line.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) }
        }.filter { $0.count == columns.count }
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
