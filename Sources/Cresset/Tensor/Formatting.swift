import Glibc

extension Tensor: CustomStringConvertible {
    /// The tensor character for character as PyTorch prints it: four decimals, scientific if the numbers differ widely,
    /// and the first and last three of each axis if there are more than 1000 elements.
    ///
    /// ```
    /// tensor([[1., 2.],
    ///         [3., 4.]])
    /// ```
    /// Only `grad_fn` differs: it is Cresset's name for the operator.
    public var description: String {
        let formatting = TensorFormatting(self)
        return formatting.withSuffixes(formatting.text)
    }
}

/// One printing of a tensor, by the rules of PyTorch's `_tensor_str.py`.
private struct TensorFormatting {
    private static let edgeCount = 3
    private static let threshold = 1000
    private static let lineWidth = 80
    private static let prefix = "tensor("

    private let tensor: Tensor
    private let isSummarized: Bool

    init(_ tensor: Tensor) {
        self.tensor = tensor
        isSummarized = tensor.elementCount > Self.threshold
    }

    /// The elements without the surrounding text.
    var text: String {
        if tensor.elementCount == 0 { return "[]" }
        let rows = rows(of: tensor.detached())
        let numbers = NumberFormatting(tensor.dtype, rows)
        var remaining = joined(rows.map { numbers.words($0) })[...]
        if tensor.rank == 0 { return remaining[0][0] }
        return layOut(tensor.shape[...], indent: Self.prefix.count, width: numbers.width, &remaining)
    }

    private func cuts(_ length: Int) -> Bool { isSummarized && length > 2 * Self.edgeCount }

    /// The indices of an axis that are shown.
    private func shownIndices(_ length: Int) -> [Int] {
        if !cuts(length) { return Array(0..<length) }
        return Array(0..<Self.edgeCount) + Array(length - Self.edgeCount..<length)
    }

    /// The rows of which something is shown: windows with at most one axis, without the part that is left out.
    private func rows(of x: Tensor) -> [Tensor] {
        if x.rank == 0 { return [x] }
        if x.rank > 1 { return shownIndices(x.shape[0]).flatMap { rows(of: x.slice($0)) } }
        guard cuts(x.shape[0]) else { return [x] }
        let stride = x.strides[0]
        let edge: Shape = [Self.edgeCount]
        let last = x.window(shape: edge, strides: x.strides, offset: (x.shape[0] - Self.edgeCount) * stride)
        return [x.window(shape: edge, strides: x.strides), last]
    }

    /// The two ends of each row joined, with dots between.
    private func joined(_ words: [[String]]) -> [[String]] {
        guard let length = tensor.shape.last, cuts(length) else { return words }
        return stride(from: 0, to: words.count, by: 2).map { words[$0] + [" ..."] + words[$0 + 1] }
    }

    private func layOut(
        _ lengths: Slice<Shape>, indent: Int, width: Int, _ rows: inout ArraySlice<[String]>
    ) -> String {
        let lineBreak = "\n" + String(repeating: " ", count: indent + 1)
        if lengths.count == 1 {
            let words = rows.removeFirst()
            let perLine = max(1, (Self.lineWidth - indent) / (width + 2))
            let lines = stride(from: 0, to: words.count, by: perLine).map { start in
                words[start..<min(start + perLine, words.count)].joined(separator: ", ")
            }
            return "[" + lines.joined(separator: "," + lineBreak) + "]"
        }
        let length = lengths.first!
        var parts = shownIndices(length).map { _ in
            layOut(lengths.dropFirst(), indent: indent + 1, width: width, &rows)
        }
        if cuts(length) { parts.insert("...", at: Self.edgeCount) }
        let gap = String(repeating: "\n", count: lengths.count - 2) + lineBreak
        return "[" + parts.joined(separator: "," + gap) + "]"
    }

    // MARK: Suffixes

    private var suffixes: [String] {
        var result: [String] = []
        let isEmpty = tensor.elementCount == 0
        if isEmpty && tensor.rank != 1 {
            result.append("size=(" + tensor.shape.map { "\($0)" }.joined(separator: ", ") + ")")
        }
        let usual: Set<DType> = isEmpty ? [.float32] : [.float32, .int64, .bool]
        if !usual.contains(tensor.dtype) { result.append("dtype=torch.\(tensor.dtype.name)") }
        if let edge = tensor.body.edge {
            result.append(edge.node.isLeaf ? "requires_grad=True" : "grad_fn=<\(edge.node.name)>")
        }
        return result
    }

    func withSuffixes(_ text: String) -> String {
        var result = Self.prefix + text
        let lastLine = result.lastIndex(of: "\n").map { result.distance(from: $0, to: result.endIndex) + 1 }
        var length = lastLine ?? result.count + 2
        for suffix in suffixes {
            if length + suffix.count + 2 > Self.lineWidth {
                result += ",\n" + String(repeating: " ", count: Self.prefix.count) + suffix
                length = Self.prefix.count + suffix.count
            } else {
                result += ", " + suffix
                length += suffix.count + 2
            }
        }
        return result + ")"
    }
}

/// How the numbers of one tensor are written: all the same way, to the same width.
private struct NumberFormatting {
    private enum Style { case integer, wholeFloat, decimal, scientific, truth }

    private let style: Style
    private(set) var width = 1

    init(_ dtype: DType, _ rows: [Tensor]) {
        guard dtype.isFloatingPoint else {
            style = dtype == .bool ? .truth : .integer
            for row in rows { for word in plainWords(row) { width = max(width, word.count) } }
            return
        }
        let values = rows.flatMap { $0.scalars(as: Double.self) }.filter { $0.isFinite && $0 != 0 }
        guard let largest = values.map(abs).max(), let smallest = values.map(abs).min() else {
            style = .wholeFloat
            return
        }
        if largest / smallest > 1000 || largest > 1e8 || smallest < 1e-4 {
            style = .scientific
        } else {
            style = values.allSatisfy { $0 == $0.rounded(.up) } ? .wholeFloat : .decimal
        }
        for value in values { width = max(width, word(value).count) }
    }

    /// The elements of a row, padded to the common width.
    func words(_ row: Tensor) -> [String] {
        let words =
            style == .integer || style == .truth ? plainWords(row) : row.scalars(as: Double.self).map { word($0) }
        return words.map { String(repeating: " ", count: max(0, width - $0.count)) + $0 }
    }

    private func plainWords(_ row: Tensor) -> [String] {
        let values: [Int64] = row.scalars()
        return values.map { style == .truth ? ($0 == 0 ? "False" : "True") : "\($0)" }
    }

    private func word(_ value: Double) -> String {
        if value.isNaN { return "nan" }
        if value.isInfinite { return value < 0 ? "-inf" : "inf" }
        return switch style {
        case .scientific: value.scientific(4)
        case .decimal: value.fixed(4)
        case .wholeFloat, .integer, .truth: value.fixed(0) + "."
        }
    }
}

extension Tensor {
    /// One index of the first axis, not recorded.
    fileprivate func slice(_ index: Int) -> Tensor {
        window(shape: Shape(shape.dropFirst()), strides: Shape(strides.dropFirst()), offset: index * strides[0])
    }
}
