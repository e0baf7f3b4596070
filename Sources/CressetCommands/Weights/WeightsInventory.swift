import Cresset
import CressetTrain
import CressetVision

/// The cached files of published weights, each checked against its hash, as `cresset weights verify` lists them.
package struct WeightsInventory {
    private let found: [CachedWeights]

    /// Checks the files of networks.
    ///
    /// - Parameters:
    ///   - models: The names of the networks.
    ///   - cache: Where files are looked for.
    package init(_ models: [String], cache: WeightsCache) {
        found = models.flatMap { PretrainedWeights.available(for: $0) }.flatMap { cache.inventory(of: $0) }
    }

    /// Whether there is no file at all.
    package var isEmpty: Bool { found.isEmpty }

    /// The lines of a table with a row for each file.
    package var lines: [String] {
        let rows = found.map { file in
            [file.weights.description, Self.words(file.condition), file.path.terminalText]
        }
        let table = TextTable([.leading, .leading, .leading], fitting: rows)
        return rows.map(table.line)
    }

    /// A file in JSON.
    private struct Record: Encodable {
        let model, weights, path, condition: String
        let problem: String?
    }

    /// A JSON object for each file.
    package func json() throws -> [String] {
        try found.map { file in
            var problem: String?
            if case .damaged(let error) = file.condition { problem = error.problem }
            return try Results.json(
                Record(
                    model: file.weights.model, weights: file.weights.name, path: "\(file.path)",
                    condition: Self.words(file.condition), problem: problem))
        }
    }

    private static func words(_ condition: CachedWeights.Condition) -> String {
        switch condition {
        case .sound: "sound"
        case .damaged: "damaged"
        case .unfinished(let count): "unfinished (\(count) bytes)"
        }
    }

    /// What is wrong: nil if all files are sound, or are to be completed by the next download.
    package var failure: Failure? {
        let damaged = found.compactMap { file -> (file: CachedWeights, error: WeightsError)? in
            if case .damaged(let error) = file.condition { (file, error) } else { nil }
        }
        guard let (first, error) = damaged.first else { return nil }
        if damaged.count == 1 {
            let isUnreadable = error.failureKind != .badData
            return Failure(
                error.problem, hint: isUnreadable ? error.hint : Self.remedy(first, error.hint), kind: error.failureKind
            )
        }
        return Failure(
            (["\(damaged.count) files are damaged:"] + damaged.map { "  \($0.error.problem)" }).joined(separator: "\n"),
            hint: "delete them; cresset weights fetch, with the names of the networks, downloads them again",
            kind: .badData)
    }

    /// The failure of a command whose networks have no file.
    ///
    /// - Parameters:
    ///   - models: The names of the networks.
    ///   - cache: Where files were looked for.
    package func missing(_ models: [String], _ cache: WeightsCache) -> Failure {
        Failure(
            "no weights of \(models.joined(separator: ", ")) in \(cache.folder)",
            hint: "cresset weights fetch \(models.joined(separator: " ")) downloads them", kind: .inputMissing)
    }

    private static func remedy(_ file: CachedWeights, _ hint: String?) -> String {
        let command = "cresset weights fetch \(file.weights.model) --weights \(file.weights.name)"
        return [hint, "\(command) downloads it"].compactMap { $0 }.joined(separator: "; ")
    }
}
