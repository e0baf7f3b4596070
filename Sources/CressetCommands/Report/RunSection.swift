import Cresset
import CressetTrain
import FoundationEssentials

extension RunReport {
    /// What the run was computed on, and how fast.
    var speedSection: HTML {
        var rows: [(String, HTML)] = [
            ("device", "\(record.device ?? "cpu"), \(record.options.precision.rawValue)"),
            (
                "reading",
                "\(record.options.workers.counted("thread")) read pictures, \(record.options.batchSize) in a batch"
            ),
        ]
        rows += place?.rows ?? []
        let speeds = figures["images_per_second"].compactMap { $0 }.sorted()
        if !speeds.isEmpty {
            rows.append(
                (
                    "training speed",
                    "\(speeds[speeds.count / 2].fixed(1)) pictures per second (median of \(speeds.count.counted("epoch")); "
                        + HTML("\(speeds[0].fixed(1)) to \(speeds[speeds.count - 1].fixed(1)))")
                ))
        }
        let seconds = figures["seconds"].compactMap { $0 }
        if !seconds.isEmpty {
            rows.append(
                (
                    "time", "\(ProgressBar.clock(seconds.reduce(0, +))) for \(seconds.count.counted("epoch"))"
                ))
        }
        return .section("speed", "Hardware and speed", .facts(rows))
    }

    /// What the network is.
    var modelSection: HTML {
        let shape = record.preprocessing
        var rows: [(String, HTML)] = [("network", "\(record.model.name)")]
        if let first = layers.first {
            rows.append(
                (
                    "parameters", "\(first.parameterCount.grouped)"
                ))
        }
        if let multiplyAdds { rows.append(("multiply-adds", "\(multiplyAdds.grouped) for a picture")) }
        rows.append(
            (
                "sees",
                """
                \(shape.cropSize) × \(shape.cropSize) pixels from the middle of a picture whose shorter side is resized to \
                \(shape.resizeSize) (\(shape.interpolation.rawValue)), minus \
                \(shape.mean.map { $0.general(4) }.joined(separator: ", ")), divided by \
                \(shape.deviation.map { $0.general(4) }.joined(separator: ", "))
                """
            ))
        if let weightsHash { rows.append(("SHA-256 of model.safetensors", "<code>\(weightsHash)</code>")) }
        return .section("model", "Model", "\(HTML.facts(rows))\(layerTable)")
    }

    private var layerTable: HTML {
        let parts = layers.dropFirst()
        if parts.isEmpty { return "" }
        let rows = parts.map { row -> HTML in
            let output = row.outputShape.map { $0.dropFirst().map(String.init).joined(separator: " × ") } ?? "–"
            return """
                <tr><th scope="row"><code>\(row.name)</code></th><td>\(row.type)</td><td class="n">\(output)</td>\
                <td class="n">\(row.parameterCount == 0 ? "–" : row.parameterCount.grouped)</td></tr>

                """
        }
        return """
            <details><summary>\(parts.count.counted("part")) of the network</summary>
            <div class="scroll"><table><thead><tr><th scope="col">layer</th><th scope="col">kind</th>\
            <th scope="col" class="n">result for a picture</th><th scope="col" class="n">parameters</th></tr></thead>
            <tbody>\(rows)</tbody></table></div></details>

            """
    }

    /// How the run can be repeated.
    var recipeSection: HTML {
        let rows: [(String, HTML)] = [
            ("begun", "\(record.started.formatted(.iso8601))"), ("version", "cresset \(record.version)"),
            ("seed", "\(String(record.options.seed))"),
        ]
        let usual = Self.fields(of: TrainingOptions().completed())
        let options = zip(Self.fields(of: record.options), usual).map { own, usual -> HTML in
            let isUsual = own.value == usual.value
            return """
                <tr\(isUsual ? "" : HTML(trusted: " class=\"changed\""))><th scope="row">\(own.name)</th><td>\(own.value)</td></tr>

                """
        }
        return .section(
            "recipe", "Recipe",
            """
            \(HTML.facts(rows))<h3>Command</h3>
            <pre id="command" tabindex="0">\(RepeatedCommand(record).description)</pre>
            <button type="button" data-copy="command">Copy</button>
            <details><summary>All options</summary><div class="scroll"><table class="facts options"><tbody>\(options)</tbody>\
            </table></div></details>

            """)
    }

    /// The options with their values, for people: `batch size`, `16`.
    private static func fields(of options: TrainingOptions) -> [(name: String, value: String)] {
        Mirror(reflecting: options).children.map { child in
            let name = (child.label ?? "").reduce(into: "") { name, letter in
                name += letter.isUppercase ? " " + letter.lowercased() : String(letter)
            }
            let content = Mirror(reflecting: child.value)
            let value = content.displayStyle == .optional ? content.children.first?.value ?? "–" : child.value
            return (name, "\(value)")
        }
    }
}
