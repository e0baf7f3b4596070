import CressetCommands
import CressetTrain
import CressetVision
import Glibc

/// The pictures given on a command line: files, all those below folders, and names from standard input.
struct PictureList {
    private(set) var paths: [FilePath] = []
    /// Files in the folders that should be pictures but cannot be read.
    private(set) var failures: [ImageFileError] = []
    /// Files in the folders that are not called pictures.
    private(set) var others: [FilePath] = []

    /// *Throws* ``Failure`` if there are no pictures at all, or a folder cannot be opened.
    init(_ arguments: [FilePath]) throws {
        for argument in arguments {
            if argument == "-" {
                for name in try PictureList.namesFromInput() { try add(name) }
            } else {
                try add(argument)
            }
        }
        if paths.isEmpty && failures.isEmpty {
            let places = arguments.map { $0 == "-" ? "standard input" : "\($0)" }.joined(separator: ", ")
            throw Failure(
                "\(places): no pictures" + (othersText.map { ", only \($0)" } ?? ""),
                hint: "name JPEG or PNG files, or a folder that contains some", kind: .inputMissing)
        }
    }

    private mutating func add(_ path: FilePath) throws {
        guard (try? resolve(path).kind) == .directory else {
            paths.append(path)
            return
        }
        var scan = FolderScan()
        try scan.collect(path, label: 0)
        paths += scan.samples.map(\.path)
        for file in scan.skipped {
            if FolderScan.isNamedAsPicture(file.path) || (try? resolve(file.path).kind) == .directory {
                guard file.isPicture else { continue }
                failures.append(ImageFileError(path: file.path, reason: .unsuitable(file.reason)))
            } else {
                others.append(file.path)
            }
        }
    }

    /// How many files are not called pictures, and the first of them; nil if there are none.
    var othersText: String? {
        guard let first = others.first else { return nil }
        return "\(others.count.counted("file")) without a picture's extension, such as \(first.name)"
    }

    /// Names separated by zero bytes if there are any, as `find -print0` writes them, and by newlines otherwise.
    private static func namesFromInput() throws(Failure) -> [FilePath] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(STDIN_FILENO, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            if count < 0 {
                throw Failure("standard input: cannot be read: \(systemMessage(errno))", kind: .inputOutput)
            }
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        if bytes.withUnsafeBytes({ FileKind($0).isPicture }) {
            throw Failure(
                "standard input: a picture, not a list of pictures", hint: "name the file instead of -",
                kind: .badData)
        }
        if bytes.contains(0) { return bytes.split(separator: 0).map { FilePath(bytes: $0) } }
        // Lists written on Windows end their lines with a carriage return too.
        return bytes.split(separator: UInt8(ascii: "\n")).map { line in
            FilePath(bytes: line.last == UInt8(ascii: "\r") ? line.dropLast() : line)
        }.filter { !$0.isEmpty }
    }
}
