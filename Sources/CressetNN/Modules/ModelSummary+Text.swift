import Cresset

extension ModelSummary: CustomStringConvertible {
    /// The table with all parts.
    public var description: String { description(depth: .max) }

    /// The table with the parts down to a depth; what is deeper is contained in the numbers of the parts shown.
    ///
    /// - Parameter depth: How many modules may contain a part that is shown: 1 shows the parts of the model itself.
    public func description(depth: Int) -> String {
        let header = ["layer", "output shape", "parameters", "multiply-adds"]
        let lines = rows.filter { $0.depth <= depth }.map(\.cells)
        let table = TextTable([.leading, .leading, .trailing, .trailing], fitting: [header] + lines)
        return (([header] + lines).map(table.line) + [""] + totals).joined(separator: "\n")
    }

    private var totals: [String] {
        let frozen = parameterCount - trainableParameterCount
        return [
            "parameters       \(parameterCount.grouped)" + (frozen > 0 ? " (\(frozen.grouped) frozen)" : ""),
            "multiply-adds    \(multiplyAdds.grouped) for an input of shape \(inputShape)",
            "memory           \(mebibytes(stateByteCount)) weights, \(mebibytes(inputByteCount)) input, "
                + "\(mebibytes(activationByteCount)) results of layers",
        ]
    }

    private func mebibytes(_ count: Int) -> String { (Double(count) / 1_048_576).fixed(1) + " MiB" }
}

extension ModelSummary.Row {
    /// The cells of its line.
    fileprivate var cells: [String] {
        let own = name.split(separator: ".").last.map { "\($0): " } ?? ""
        let shape = outputShape.map { "\($0)" } ?? "not called"
        return [
            String(repeating: "  ", count: depth) + own + type, shape,
            parameterCount == 0 ? "–" : parameterCount.grouped, multiplyAdds == 0 ? "–" : multiplyAdds.grouped,
        ]
    }
}
