import CressetVision

/// The networks and what is published for them, as `cresset models` lists them.
package struct ModelList {
    /// A network.
    private struct Entry: Encodable {
        let model: String
        let family: String
        let parameters: Int
        /// All that are published, the default ones among them.
        let weights: [WeightsRecord]

        /// The weights that a command uses if none are named.
        var usual: WeightsRecord? { weights.first(where: \.isDefault) }
    }

    private let entries: [Entry]

    /// Describes networks of the zoo.
    ///
    /// - Parameters:
    ///   - models: Their names.
    ///   - cache: Where weights are looked for.
    package init(_ models: [String], cache: WeightsCache) {
        entries = models.map { model in
            let published = PretrainedWeights.available(for: model)
            let count = published.first(where: \.isDefault)?.parameterCount ?? ModelZoo.parameterCount(of: model)
            return Entry(
                model: model, family: ModelFamily.title(of: model), parameters: count ?? 0,
                weights: published.map { WeightsRecord($0, isCached: cache.contains($0)) })
        }
    }

    /// A JSON object for each network.
    package func json() throws -> [String] { try entries.map { try Results.json($0) } }

    /// The lines of a table of at most 100 columns: a heading for each family, and a row for each network.
    package var lines: [String] {
        let head = ["", "top-1", "parameters", "GFLOPs", "input", "file", "licence", "cached"]
        let rows = entries.map { (family: $0.family, cells: Self.cells($0)) }
        let table = TextTable(
            [.leading, .trailing, .trailing, .trailing, .trailing, .trailing, .leading, .leading],
            fitting: [head] + rows.map(\.cells))
        var lines = [table.line(head)]
        var family = ""
        for row in rows {
            if row.family != family { lines.append(row.family) }
            family = row.family
            lines.append(table.line(row.cells))
        }
        return lines
    }

    private static func cells(_ entry: Entry) -> [String] {
        let name = "  " + entry.model
        let parameters = (Double(entry.parameters) / 1e6).fixed(1) + " M"
        guard let usual = entry.usual else { return [name, "", parameters, "", "", "", "no weights published", ""] }
        let isAnyCached = entry.weights.contains(where: \.isCached)
        let others = entry.weights.filter { $0.isCached }.map { $0.weights.trimmingPrefix("IMAGENET1K_") }
        return [
            name, usual.top1.map { $0.fixed(2) + " %" } ?? "", parameters,
            usual.gigaFLOPs.map { $0.fixed(2) } ?? "", "\(usual.input)", size(usual.mebibytes), usual.licence,
            usual.isCached ? "yes" : isAnyCached ? "only " + others.joined(separator: ", ") : "no",
        ]
    }

    static func size(_ mebibytes: Double) -> String { mebibytes.fixed(mebibytes < 10 ? 1 : 0) + " MiB" }
}
