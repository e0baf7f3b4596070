import CressetCUDA
import Foundation
import Testing

/// The folder of compiled kernels: its limit, several users at once, and files that others have damaged.
@Suite struct KernelCacheTests {
    private let folder = TemporaryFolder()

    private static func key(_ number: Int) -> String {
        String(repeating: "0", count: 62) + (number < 16 ? "0" : "") + String(number, radix: 16)
    }

    private static func image(_ number: Int, byteCount: Int = 1000) -> [UInt8] {
        [UInt8](repeating: UInt8(number), count: byteCount)
    }

    private func path(_ number: Int) -> String { "\(folder.path)/\(Self.key(number)).cubin" }

    /// Sets the time of the last use, in seconds ago.
    private func age(_ path: String, _ seconds: Double) throws {
        let date = Date(timeIntervalSinceNow: -seconds)
        try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: path)
    }

    @Test func theOldestUsedAreRemovedBeyondTheLimit() throws {
        // Room for four files, each with a checksum of 32 bytes.
        let cache = KernelCache(folder: folder.path, limit: 4 * 1032)
        for i in 0..<4 {
            cache.keep(Self.image(i), Self.key(i))
            try age(path(i), Double(100 - i))
        }
        // Its use makes the first one the newest.
        #expect(cache.image(Self.key(0)) == Self.image(0))
        cache.keep(Self.image(4), Self.key(4))
        #expect(cache.image(Self.key(1)) == nil)
        for i in [0, 2, 3, 4] { #expect(cache.image(Self.key(i)) == Self.image(i)) }
        #expect(folder.names.count == 4)
    }

    @Test func filesOfOthersAreLeftAlone() throws {
        let other = folder.file("notes.cubin", [UInt8](repeating: 1, count: 5000))
        try age(other, 1e6)
        let abandoned = folder.file(".\(Self.key(1)).AbCdEf", [1])
        try age(abandoned, 7200)
        let current = folder.file(".\(Self.key(2)).AbCdEf", [1])
        let cache = KernelCache(folder: folder.path, limit: 1500)
        cache.keep(Self.image(1), Self.key(1))
        cache.keep(Self.image(2), Self.key(2))
        #expect(FileManager.default.fileExists(atPath: other))
        #expect(!FileManager.default.fileExists(atPath: abandoned))
        #expect(FileManager.default.fileExists(atPath: current))
        #expect(cache.image(Self.key(1)) == nil && cache.image(Self.key(2)) == Self.image(2))
    }

    @Test func damagedFilesAreNotUsed() throws {
        let cache = KernelCache(folder: folder.path)
        for bytes in [[], [1, 2, 3], [UInt8](repeating: 7, count: 2000)] {
            _ = folder.file("\(Self.key(1)).cubin", bytes)
            #expect(cache.image(Self.key(1)) == nil)
        }
        cache.keep(Self.image(1), Self.key(1))
        #expect(cache.image(Self.key(1)) == Self.image(1))
        var bytes = [UInt8](try Data(contentsOf: URL(filePath: path(1))))
        bytes[500] ^= 1
        _ = folder.file("\(Self.key(1)).cubin", bytes)
        #expect(cache.image(Self.key(1)) == nil)
    }

    @Test func anUnwritableFolderIsDoneWithout() {
        // A file where the folder should be: not even root can write there.
        let cache = KernelCache(folder: folder.file("file", [1]) + "/kernels")
        cache.keep(Self.image(1), Self.key(1))
        #expect(cache.image(Self.key(1)) == nil)
    }

    @Test func manyUsersAtOnceNeverSeeAPartOfAFile() async {
        let path = folder.path
        await withTaskGroup(of: Int.self) { group in
            for user in 0..<8 {
                group.addTask {
                    let cache = KernelCache(folder: path, limit: 10_000)
                    var wrong = 0
                    for i in 0..<40 {
                        let number = (i * 7 + user * 3) % 20
                        cache.keep(Self.image(number), Self.key(number))
                        let found = cache.image(Self.key((number + user) % 20))
                        if let found, found != Self.image((number + user) % 20) { wrong += 1 }
                    }
                    return wrong
                }
            }
            for await wrong in group { #expect(wrong == 0) }
        }
        #expect(folder.names.allSatisfy { !$0.hasPrefix(".") })
        #expect(folder.names.count <= 9)
    }
}
