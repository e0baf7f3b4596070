import Cresset

/// Figures in a CSV file that only grows: a killed run leaves all its complete rows behind.
public struct MetricsTable: Sendable {
    private let file: GrowingFile

    public var path: FilePath { file.path }

    /// A new table at `path`, with its header.
    ///
    /// *Throws* ``Failure`` if the file already exists (another run has begun in the folder) or cannot be created.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - columns: The names of the columns, without commas and quotes.
    public init(creating path: some PathConvertible, columns: [String]) throws(Failure) {
        file = try GrowingFile(creating: path.filePath, Self.line(columns))
    }

    /// A table with rows already, in place of the file at `path`.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - columns: The names of the columns, without commas and quotes.
    ///   - rows: Their texts, row by row.
    /// - Throws: An error if the file cannot be written; the earlier one is then unharmed.
    init(replacing path: FilePath, columns: [String], rows: [[String]]) throws {
        file = try GrowingFile(replacing: path, ([columns] + rows).flatMap(Self.line))
    }

    /// Appends a row; it is on the disk when this returns.
    ///
    /// - Parameter cells: A text for each column, without commas and quotes; numbers in the shortest form that reads
    ///   back equal.
    public func append(_ cells: [String]) throws(Failure) { try file.append(Self.line(cells)) }

    private static func line(_ cells: [String]) -> [UInt8] { Array((cells.joined(separator: ",") + "\n").utf8) }
}
