import Cresset
import Foundation

/// A folder for a test's files, removed with the value.
final class TemporaryFolder {
    let path: String

    init() {
        path = NSTemporaryDirectory() + "cresset-" + UUID().uuidString
        try! FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes `bytes` to a file called `name` and returns its path.
    func file(_ name: String, _ bytes: [UInt8]) -> String {
        let file = path + "/" + name
        // Mutation tests write thousands of files: Foundation would flush each one to disk, and so would ext4 when a
        // truncated file is closed.
        unlink(file)
        let stream = fopen(file, "w")!
        fwrite(bytes, 1, bytes.count, stream)
        fclose(stream)
        return file
    }

    var names: [String] { try! FileManager.default.contentsOfDirectory(atPath: path).sorted() }
}
