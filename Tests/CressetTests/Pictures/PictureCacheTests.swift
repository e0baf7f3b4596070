import CressetData
import CressetVision
import Foundation
import Testing

/// Decoded pictures that are kept.
@Suite struct PictureCacheTests {
    private func files(_ count: Int) throws -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        for i in 0..<count { files["data/a/\(i).jpg"] = try PictureFixtures.pattern(width: 20 + i, height: 16).jpeg() }
        return files
    }

    private func contents(_ folder: ImageFolder, workers: Int = 0) throws -> [Contents] {
        try DataLoader(folder, workers: workers).batches().allContents
    }

    private func cached(_ folder: String, _ cache: PictureCache?) throws -> ImageFolder {
        var pictures = try ImageFolder(folder + "/data", transform: ToTensor())
        pictures.cache = cache
        return pictures
    }

    @Test(arguments: [false, true]) func givesWhatDecodingGives(_ isOnDisk: Bool) throws {
        try PictureFixtures.withFolder { folder in
            var files = try files(6)
            // Odd, but usable: the reason is kept, too.
            files["data/a/9.jpg"] = Array(files["data/a/1.jpg"]!.dropLast(2))
            try PictureFixtures.write(files, in: folder)
            let expected = try contents(try cached(folder, nil))
            let cache =
                isOnDisk
                ? try PictureCache(folder: folder + "/cache", limit: 1 << 20) : PictureCache(memory: 1 << 20)
            let pictures = try cached(folder, cache)
            for workers in [0, 1, 4] { #expect(try contents(pictures, workers: workers) == expected) }
            #expect(cache.missCount == 7 && cache.hitCount == 14)
            let loader = DataLoader(pictures)
            _ = try loader.batches().allIndices
            #expect(loader.problems.all.map(\.reason) == ["JPEG without its end marker"])
            // A file that has changed is decoded anew.
            try PictureFixtures.write(
                ["data/a/0.jpg": PictureFixtures.pattern(width: 33, height: 7).jpeg()], in: folder)
            #expect(try contents(pictures)[0].bytes[0].count == 33 * 7 * 3 * 4)
            #expect(cache.missCount == 8)
        }
    }

    @Test func filesAreSharedAndDamageIsMended() throws {
        try PictureFixtures.withFolder { folder in
            try PictureFixtures.write(try files(4), in: folder)
            let expected = try contents(try cached(folder, nil))
            let place = folder + "/cache"
            let first = try PictureCache(folder: place, limit: 1 << 20)
            _ = try contents(try cached(folder, first))
            // Another cache on the same folder, as another process has it.
            let second = try PictureCache(folder: place, limit: 1 << 20)
            #expect(try contents(try cached(folder, second)) == expected && second.missCount == 0)
            let names = try FileManager.default.contentsOfDirectory(atPath: place).sorted()
            #expect(names.count == 4)
            for damage in 0..<4 {
                let path = place + "/" + names[damage]
                var bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
                switch damage {
                case 0: bytes[200] ^= 1
                case 1: bytes.removeLast(7)
                // The size that it claims.
                case 2: bytes[83] = 0x7F
                default: bytes = []
                }
                try Data(bytes).write(to: URL(filePath: path))
            }
            let third = try PictureCache(folder: place, limit: 1 << 20)
            #expect(try contents(try cached(folder, third)) == expected && third.missCount == 4)
            let fourth = try PictureCache(folder: place, limit: 1 << 20)
            #expect(try contents(try cached(folder, fourth)) == expected && fourth.missCount == 0)
        }
    }

    @Test(arguments: [false, true]) func keepsToItsLimit(_ isOnDisk: Bool) throws {
        try PictureFixtures.withFolder { folder in
            try PictureFixtures.write(try files(10), in: folder)
            // A picture has about 1,200 bytes.
            let cache =
                isOnDisk ? try PictureCache(folder: folder + "/cache", limit: 5000) : PictureCache(memory: 5000)
            let pictures = try cached(folder, cache)
            #expect(try contents(pictures) == contents(pictures))
            #expect((3...4).contains(cache.hitCount))
            if isOnDisk {
                let names = try FileManager.default.contentsOfDirectory(atPath: folder + "/cache")
                #expect(names.count == cache.hitCount)
            }
        }
    }

    /// Another file in the place of a cache's is neither used nor written to.
    @Test func nothingIsWrittenThroughALink() throws {
        try PictureFixtures.withFolder { folder in
            try PictureFixtures.write(try files(1), in: folder)
            let (place, target) = (folder + "/cache", folder + "/precious")
            _ = try contents(try cached(folder, try PictureCache(folder: place, limit: 1 << 20)))
            let name = try #require(FileManager.default.contentsOfDirectory(atPath: place).first)
            try FileManager.default.removeItem(atPath: place + "/" + name)
            try PictureFixtures.write(["precious": [1, 2, 3]], in: folder)
            try FileManager.default.createSymbolicLink(
                atPath: place + "/" + name, withDestinationPath: target)
            _ = try contents(try cached(folder, try PictureCache(folder: place, limit: 1 << 20)))
            #expect(try Data(contentsOf: URL(filePath: target)) == Data([1, 2, 3]))
            #expect(
                try FileManager.default.destinationOfSymbolicLink(atPath: place + "/" + name) == target)
        }
    }

    @Test func aPlaceThatIsNoFolderIsNamed() throws {
        try PictureFixtures.withFolder { folder in
            try PictureFixtures.write(["file": [1]], in: folder)
            let error = #expect(throws: ImageFileError.self) { try PictureCache(folder: folder + "/file", limit: 1) }
            #expect(error?.description.hasSuffix("/file: cannot use the folder: File exists") == true)
        }
    }
}
