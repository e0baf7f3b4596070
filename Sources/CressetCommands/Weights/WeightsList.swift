import CressetVision

/// The files of published weights, as `cresset weights list` lists them.
package struct WeightsList {
    private let records: [WeightsRecord]

    /// Describes the weights of networks.
    ///
    /// - Parameters:
    ///   - models: The names of the networks.
    ///   - cache: Where files are looked for.
    ///   - isCachedOnly: Whether files that this machine does not have are left out.
    package init(_ models: [String], cache: WeightsCache, isCachedOnly: Bool = false) {
        let all = models.flatMap { PretrainedWeights.available(for: $0) }
        records = all.map { WeightsRecord($0, isCached: cache.contains($0)) }
            .filter { $0.isCached || !isCachedOnly }
    }

    /// A JSON object for each file.
    package func json() throws -> [String] { try records.map { try Results.json($0) } }

    /// The lines of a table, with a row for each file. A star marks the default weights of a network.
    package var lines: [String] {
        let head = ["network", "weights", "file", "size", "top-1", "licence", "source", "cached"]
        let rows = records.map { record in
            [
                record.model, record.weights + (record.isDefault ? " *" : ""), record.file,
                ModelList.size(record.mebibytes), record.top1.map { $0.fixed(2) + " %" } ?? "", record.licence,
                record.source, record.isCached ? "yes" : "no",
            ]
        }
        let table = TextTable(
            [.leading, .leading, .leading, .trailing, .trailing, .leading, .leading, .leading], fitting: [head] + rows)
        return ([head] + rows).map(table.line)
    }
}
