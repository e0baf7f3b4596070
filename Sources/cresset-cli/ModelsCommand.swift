import ArgumentParser
import CressetCommands
import CressetTrain
import CressetVision

/// `cresset models`.
struct ModelsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "models",
        abstract: "List the networks and the weights published for them.",
        discussion: """
            One line per set of weights: the values for --model and --weights of cresset train, the number of \
            parameters, the share of ImageNet's validation pictures classified correctly, the size of the file, and \
            whether it is already in torch's cache folder. A star marks the weights that --weights imagenet uses.
            """)

    @Argument(help: "Only networks whose names contain this.")
    var name = ""

    @Flag(help: "Print one JSON object per line, for each set of weights.")
    var json = false

    /// A set of weights as listed, or a network without published weights.
    private struct Entry: Encodable {
        let model: String
        let weights: String?
        let isDefault: Bool
        let parameters: Int
        let top1: Double?
        let mebibytes: Double?
        let isCached: Bool
        let file: String?
        let licence: String?
        /// The project of the Python package index; nil for torchvision's.
        let project: String?

        init(_ model: String, _ weights: PretrainedWeights?, _ cache: WeightsCache) {
            self.model = model
            self.weights = weights?.name
            isDefault = weights?.isDefault ?? false
            parameters = weights?.parameterCount ?? ModelZoo.parameterCount(of: model) ?? 0
            top1 = weights?.top1
            mebibytes = weights?.mebibytes
            isCached = weights.map { cache.contains($0) } ?? false
            file = weights?.fileName
            licence = weights?.licence
            project = weights?.project
        }

        var row: [String] {
            [
                model, (Double(parameters) / 1e6).fixed(1) + " M", (weights ?? "none") + (isDefault ? " *" : ""),
                top1.map { $0.fixed(2) + " %" } ?? "", mebibytes.map { $0.fixed(0) + " MiB" } ?? "",
                weights == nil ? "" : isCached ? "yes" : "no",
            ]
        }
    }

    func run() throws {
        let cache = WeightsCache()
        let names = ModelZoo.names.filter { name.isEmpty || $0.contains(name.lowercased()) }
        let entries = names.flatMap { model in
            let offered: [PretrainedWeights?] = PretrainedWeights.available(for: model)
            return (offered.isEmpty ? [nil] : offered).map { Entry(model, $0, cache) }
        }
        if entries.isEmpty {
            let nearest = nearestNames(to: name, among: ModelZoo.names, count: 4).joined(separator: ", ")
            throw Failure(
                "no network has \(name) in its name",
                hint: nearest.isEmpty ? "cresset models without a name lists all" : "the nearest are \(nearest)",
                kind: .usage)
        }
        if json {
            for entry in entries { try Results.writeLine(Results.json(entry)) }
            return
        }
        let rows = [["model", "parameters", "weights", "top-1", "file", "cached"]] + entries.map(\.row)
        let table = TextTable([.leading, .trailing, .leading, .trailing, .trailing, .leading], fitting: rows)
        for row in rows { try Results.writeLine(table.line(row)) }
        try Results.writeLine("cache: \(cache.folder)")
    }
}
