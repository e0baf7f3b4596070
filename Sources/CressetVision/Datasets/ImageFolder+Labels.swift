import Cresset
import CressetData

/// How a table of labels is laid out.
public struct LabelColumns: Sendable, Hashable {
    /// The heading of the column with the files, or nil if the table has no headings.
    public let file: String?
    /// The heading of the column with the classes, or nil if the table has no headings.
    public let label: String?
    /// What separates fields.
    public let separator: Unicode.Scalar
    /// Whether the first row may be headings.
    fileprivate private(set) var findsHeadings = false

    /// A table with headings in its first row.
    ///
    /// - Parameters:
    ///   - file: The heading of the column with the files.
    ///   - label: The heading of the column with the classes.
    ///   - separator: What separates fields: an ASCII character, such as a comma, a semicolon or a tab.
    public init(file: String = "file", label: String = "label", separator: Unicode.Scalar = ",") {
        self.init(file, label, separator)
    }

    /// A table without headings: its first two columns are files and classes.
    ///
    /// - Parameter separator: What separates fields.
    public static func withoutHeadings(separator: Unicode.Scalar = ",") -> LabelColumns {
        LabelColumns(nil, nil, separator)
    }

    /// A table that may have headings or not. Its first row is taken for headings if the file that it names is not there and
    /// has no picture's extension; columns that are called `file` and `label` are then the ones that are meant, and
    /// otherwise the first two.
    ///
    /// - Parameter separator: What separates fields.
    public static func withOptionalHeadings(separator: Unicode.Scalar = ",") -> LabelColumns {
        var columns = LabelColumns(nil, nil, separator)
        columns.findsHeadings = true
        return columns
    }

    private init(_ file: String?, _ label: String?, _ separator: Unicode.Scalar) {
        if !separator.isASCII || ["\"", "\r", "\n"].contains(separator) {
            fatalError("LabelColumns: fields cannot be separated by \(separator.debugDescription)")
        }
        (self.file, self.label, self.separator) = (file, label, separator)
    }
}

extension ImageFolder {
    /// Pictures whose classes are listed in a CSV file, instead of being folders.
    ///
    /// ```
    /// file,label
    /// pictures/0013035.jpg,ant
    /// "pictures/bees, two.jpg",bee
    /// ```
    ///
    /// Paths are relative to `root`. Files that do not exist or are no pictures, and paths that lead out of `root`, also by
    /// a link, are skipped and listed in ``skipped``. Quoting follows RFC 4180, strictly.
    ///
    /// - Parameters:
    ///   - table: The CSV file, at most 256 MiB.
    ///   - root: The folder that paths are relative to. Default: the one with the table.
    ///   - columns: The headings of the columns, and the separator.
    ///   - classes: The classes of the training table, if this one is for validation. Default: the labels found, sorted.
    ///   - transform: What is done to each picture.
    ///   - options: How files are decoded.
    ///   - ignoresUnknownClasses: Whether rows with labels that are not among `classes` are passed over, and counted in a
    ///     warning.
    /// - Throws: ``LabelFileError`` if the table cannot be read, breaks the format's rules, lacks a column, has an empty or
    ///   unknown label, gives a file two labels, or lists no file at all that exists.
    public init(
        labels table: some PathConvertible, root: (any PathConvertible)? = nil, columns: LabelColumns = .init(),
        classes: [String]? = nil, transform: any Transform, options: ImageReadingOptions = .init(),
        ignoresUnknownClasses: Bool = false
    ) throws(LabelFileError) {
        let table = table.filePath
        let root = root?.filePath ?? table.parent
        let place = PlaceBelow(root)
        var list = try LabelList(table, columns, place)
        if ignoresUnknownClasses, let classes { list.leaveOut(allBut: classes, table) }
        let known = classes ?? Set(list.entries.map(\.label)).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let labels = Dictionary(known.enumerated().map { ($0.element, $0.offset) }) { first, _ in first }
        var scan = FolderScan()
        for entry in list.entries {
            guard let label = labels[entry.label] else {
                throw LabelFileError(
                    table, line: entry.line, "has the label \(printable(entry.label)), which training lacks",
                    hint: "training knows \(known.prefix(10).map { printable($0) }.joined(separator: ", "))")
            }
            scan.add(entry.path, label: label, in: place)
        }
        if scan.samples.isEmpty {
            let first = scan.skipped.first.map { ": \($0)" } ?? ""
            throw LabelFileError(
                table, "lists no picture that can be found\(first)",
                hint: "its paths are relative to \(root); give another root if they are not")
        }
        self.init(
            root: root, classes: known, samples: scan.samples, skipped: scan.skipped, warnings: list.warnings,
            transform: transform, options: options)
    }
}

/// The entries of a table of labels.
private struct LabelList {
    struct Entry {
        let line: Int
        let path: FilePath
        let label: String
    }

    private(set) var entries: [Entry] = []
    private(set) var warnings: [String] = []

    init(_ table: FilePath, _ columns: LabelColumns, _ place: PlaceBelow) throws(LabelFileError) {
        var rows = try LabelList.read(table, columns).rows[...]
        let (file, label) = try LabelList.places(of: columns, &rows, table, place)
        var seen: [FilePath: Entry] = [:]
        var repeated = 0
        for row in rows {
            // The same file in two spellings is one.
            let path = row.fields[file].filePath.lexicallyNormalized()
            let entry = Entry(line: row.line, path: path, label: TerminalText.escaped(row.fields[label]))
            if entry.path.isEmpty { throw LabelFileError(table, line: row.line, "names no file") }
            if entry.label.isEmpty { throw LabelFileError(table, line: row.line, "has no label") }
            if let other = seen.updateValue(entry, forKey: entry.path) {
                guard other.label == entry.label else {
                    throw LabelFileError(
                        table, line: row.line,
                        "gives \(entry.path) the label \(printable(entry.label)), line \(other.line) "
                            + printable(other.label))
                }
                repeated += 1
                continue
            }
            entries.append(entry)
        }
        if entries.isEmpty { throw LabelFileError(table, "lists no files") }
        if repeated > 0 { warnings.append("\(table): \(repeated) row\(repeated == 1 ? "" : "s") repeated") }
    }

    /// Drops the entries with labels that are not among `classes`.
    mutating func leaveOut(allBut classes: [String], _ table: FilePath) {
        let known = Set(classes), count = entries.count
        let unknown = Set(entries.map(\.label)).subtracting(known).sorted()
        entries.removeAll { !known.contains($0.label) }
        let names = unknown.prefix(10).map { printable($0, limit: 40) }.joined(separator: ", ")
        let lost = count - entries.count
        if lost > 0 {
            warnings.append("\(table): \(lost) row\(lost == 1 ? "" : "s") of unknown classes left out: \(names)")
        }
    }

    /// The columns with the files and the labels; headings are taken from the rows.
    private static func places(
        of columns: LabelColumns, _ rows: inout ArraySlice<CSVTable.Row>, _ table: FilePath, _ place: PlaceBelow
    ) throws(LabelFileError) -> (file: Int, label: Int) {
        if let file = columns.file, let label = columns.label {
            guard let headings = rows.popFirst() else { throw LabelFileError(table, "is empty") }
            return (try column(file, headings, table), try column(label, headings, table))
        }
        guard let first = rows.first else { return (0, 1) }
        if first.fields.count < 2 {
            throw LabelFileError(table, line: first.line, "has only one column; a file and its class are needed")
        }
        guard columns.findsHeadings, isHeadings(first, place) else { return (0, 1) }
        rows.removeFirst()
        let usual = ["file", "label"].map { name in first.fields.indices.filter { first.fields[$0] == name } }
        return usual.allSatisfy { $0.count == 1 } ? (usual[0][0], usual[1][0]) : (0, 1)
    }

    /// Whether a row names no file, as far as its first field tells.
    private static func isHeadings(_ row: CSVTable.Row, _ place: PlaceBelow) -> Bool {
        let path = row.fields[0].filePath
        return !path.isEmpty && !FolderScan.isNamedAsPicture(path) && !SystemFiles.exists(place.root.pushing(path))
    }

    private static func read(_ table: FilePath, _ columns: LabelColumns) throws(LabelFileError) -> CSVTable {
        let bytes: [UInt8]
        do throws(RegularFile.ReadError) {
            bytes = try RegularFile(table).read(upTo: CSVTable.byteLimit + 1)
        } catch {
            throw LabelFileError(table, error.problem, systemCode: error.isOfNoFile ? nil : error.code)
        }
        if bytes.count > CSVTable.byteLimit {
            throw LabelFileError(table, "has more than \(CSVTable.byteLimit >> 20) MiB, too many for labels")
        }
        do throws(LabelFileError.Fault) {
            return try CSVTable(bytes, separator: UInt8(ascii: columns.separator))
        } catch {
            throw LabelFileError(table, line: error.line, error.problem)
        }
    }

    private static func column(
        _ heading: String, _ headings: CSVTable.Row, _ table: FilePath
    ) throws(LabelFileError) -> Int {
        let places = headings.fields.indices.filter { headings.fields[$0] == heading }
        if places.count == 1 { return places[0] }
        let found = headings.fields.prefix(10).map { printable($0, limit: 40) }.joined(separator: ", ")
        throw LabelFileError(
            table, line: headings.line,
            "has \(places.isEmpty ? "no column" : "more than one column") \(printable(heading)), only \(found)",
            hint: "give the columns' headings: LabelColumns(file: …, label: …)")
    }
}

/// A folder that paths must not lead out of, also by a link.
struct PlaceBelow {
    let root: FilePath
    private let realRoot: FilePath?

    init(_ root: FilePath) {
        self.root = root
        realRoot = SystemFiles.realPath(root)
    }

    /// Where `path` is, or nil if it leads out; a path to nothing is returned as it is.
    func place(of path: FilePath) -> FilePath? {
        if path.isAbsolute || path.components.contains(where: { $0.kind == .parentDirectory }) { return nil }
        let full = root.pushing(path)
        guard let realRoot, let real = SystemFiles.realPath(full) else { return full }
        return real.starts(with: realRoot) ? full : nil
    }
}
