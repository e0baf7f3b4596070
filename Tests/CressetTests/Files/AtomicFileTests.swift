import Cresset
import Foundation
import Testing

@Suite struct AtomicFileTests {
    struct Interruption: Error {}

    @Test func writesInPieces() throws {
        let folder = TemporaryFolder()
        let path = folder.path + "/a.csv"
        try AtomicFile.write(to: path) { file in
            for i in 0..<20_000 { try file.write("\(i),") }
            try file.write([UInt8](repeating: 0x41, count: 100_000))
        }
        let expected = (0..<20_000).map { "\($0)," }.joined() + String(repeating: "A", count: 100_000)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == expected)
        #expect(folder.names == ["a.csv"])
    }

    @Test func anErrorLeavesTheOldFile() throws {
        let folder = TemporaryFolder()
        let path = folder.file("a.txt", Array("old".utf8))
        #expect(throws: Interruption.self) {
            try AtomicFile.write(to: path) { file in
                try file.write("new")
                throw Interruption()
            }
        }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "old")
        #expect(folder.names == ["a.txt"])
    }

    @Test func whatAKilledProcessLeftIsRemoved() throws {
        let folder = TemporaryFolder()
        _ = folder.file(".tmp-cresset-abandoned", [1])
        let other = folder.file(".tmp-of-somebody-else", [1])
        // One that is being written is locked, as another process's would be.
        let busy = open(folder.file(".tmp-cresset-busy", [1]), O_RDONLY)
        defer { close(busy) }
        #expect(flock(busy, LOCK_EX) == 0)
        try AtomicFile.write(to: folder.path + "/a.txt") { file in
            try file.write("new")
            #expect(folder.names.count == 3, "the file itself is being written: \(folder.names)")
        }
        #expect(folder.names == [".tmp-cresset-busy", ".tmp-of-somebody-else", "a.txt"])
        unlink(other)
    }

    @Test func permissionsAndLinksAreKept() throws {
        let folder = TemporaryFolder()
        let path = folder.file("a.txt", Array("old".utf8))
        chmod(path, 0o600)
        symlink("a.txt", folder.path + "/link.txt")
        try AtomicFile.write(to: folder.path + "/link.txt") { try $0.write("new") }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "new")
        var status = stat()
        #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
        #expect(lstat(folder.path + "/link.txt", &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
    }

    @Test func refusalsOfTheSystemAreTyped() throws {
        let folder = TemporaryFolder()
        for path in [folder.path, folder.path + "/none/a.txt", "/dev/full", ""] {
            #expect(throws: AtomicFile.WriteError.self) { try AtomicFile.write(to: path) { try $0.write("x") } }
        }
        let error = #expect(throws: AtomicFile.WriteError.self) {
            try AtomicFile.write(to: folder.path + "/none/a.txt") { try $0.write("x") }
        }
        #expect(error?.description.contains("/none/a.txt: cannot be created") == true)
    }
}
