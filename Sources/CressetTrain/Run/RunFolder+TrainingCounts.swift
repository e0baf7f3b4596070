import Cresset
import CressetVision

extension RunFolder {
    /// How many pictures of each class the run learned from, as its `data.csv` says; empty if that cannot be read.
    ///
    /// - Parameter classes: The run's classes.
    package func trainingCounts(of classes: [String]) -> [Int] {
        let rows = DataFile.rows(in: dataPath)
        if rows.isEmpty { return [] }
        let labels = Dictionary(
            zip(classes.map { PredictionFile.text(TerminalText.escaped($0)) }, classes.indices),
            uniquingKeysWith: { first, _ in first })
        var counts = classes.map { _ in 0 }
        for row in rows where row.fields[1] == Phase.training.rawValue && row.fields[3] != "skipped" {
            if let label = labels[row.fields[2]] { counts[label] += 1 }
        }
        return counts
    }
}
