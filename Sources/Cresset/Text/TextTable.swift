/// Rows of text in aligned columns, whose widths are known before the first row: rows can be printed as they come.
package struct TextTable: Sendable {
    /// The side of its column to which a text is aligned.
    package enum Alignment: Sendable {
        case leading
        case trailing
    }

    private let columns: [(width: Int, alignment: Alignment)]

    /// A table with a width (in characters) and an alignment for each column.
    ///
    /// - Parameter columns: The width and the alignment of each column.
    package init(_ columns: [(width: Int, alignment: Alignment)]) { self.columns = columns }

    /// A table whose columns are as wide as the longest of their texts.
    ///
    /// - Parameters:
    ///   - alignments: The alignment of each column.
    ///   - rows: All expected rows.
    package init(_ alignments: [Alignment], fitting rows: [[String]]) {
        columns = alignments.enumerated().map { index, alignment in
            (rows.map { $0[index].count }.max() ?? 0, alignment)
        }
    }

    /// A line with the texts of one row, without trailing blanks. A text that is too wide pushes the rest aside.
    ///
    /// - Parameter texts: A text for each column.
    package func line(_ texts: [String]) -> String {
        let cells = zip(texts, columns).map { text, column in
            let blanks = String(repeating: " ", count: max(0, column.width - text.count))
            return column.alignment == .leading ? text + blanks : blanks + text
        }
        let line = cells.joined(separator: "  ")
        guard let end = line.lastIndex(where: { $0 != " " }) else { return "" }
        return String(line[...end])
    }
}
