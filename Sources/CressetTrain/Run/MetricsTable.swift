import Cresset
import Glibc

/// Figures in a CSV file that only grows: a killed run leaves all its complete rows behind.
public struct MetricsTable: Sendable {
    public let path: FilePath

    /// A new table at `path`, with its header.
    ///
    /// *Throws* ``Failure`` if the file already exists (another run has begun in the folder) or cannot be created.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - columns: The names of the columns, without commas and quotes.
    public init(creating path: some PathConvertible, columns: [String]) throws(Failure) {
        self.path = path.filePath
        try append(line: columns.joined(separator: ","), flags: O_CREAT | O_EXCL)
    }

    /// A table with rows already, in place of the file at `path`.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - columns: The names of the columns, without commas and quotes.
    ///   - rows: Their texts, row by row.
    /// - Throws: An error if the file cannot be written; the earlier one is then unharmed.
    init(replacing path: FilePath, columns: [String], rows: [[String]]) throws {
        self.path = path
        let text = ([columns] + rows).map { $0.joined(separator: ",") + "\n" }.joined()
        try AtomicFile.write(to: path) { try $0.write(text) }
    }

    /// Appends a row; it is on the disk when this returns.
    ///
    /// - Parameter cells: A text for each column, without commas and quotes; numbers in the shortest form that reads
    ///   back equal.
    public func append(_ cells: [String]) throws(Failure) { try append(line: cells.joined(separator: ","), flags: 0) }

    private func append(line: String, flags: Int32) throws(Failure) {
        // A pipe in place of the file must not make this wait.
        let file = path.withPlatformString {
            open($0, O_WRONLY | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | flags, 0o666)
        }
        if file < 0 { throw Failure(system: errno, writing: path) }
        defer { close(file) }
        let start = lseek(file, 0, SEEK_END)
        let bytes = Array((line + "\n").utf8)
        do throws(Failure) {
            try write(bytes, to: file)
        } catch {
            // If the disk filled up, the partial row is removed again: a row is there completely or not at all.
            ftruncate(file, start)
            throw error
        }
    }

    private func write(_ bytes: [UInt8], to file: Int32) throws(Failure) {
        let code = bytes.withUnsafeBytes { SystemFiles.write($0, to: file) }
        if code != 0 { throw Failure(system: code, writing: path) }
        if fsync(file) != 0 { throw Failure(system: errno, writing: path) }
    }
}
