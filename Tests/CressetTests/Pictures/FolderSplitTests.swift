import CressetData
import CressetVision
import Testing

/// A folder divided into training and validation.
@Suite struct FolderSplitTests {
    /// A smooth picture that no other number's resembles.
    private func picture(_ number: Int, size: Int = 48) -> Image {
        let blocks = (0..<36).map { UInt8(truncatingIfNeeded: ($0 * 7 + number * 31) * (number + 3) * 29 % 251) }
        return Image(width: 6, height: 6, pixels: blocks.flatMap { [$0, $0 / 2, 255 - $0] })
            .resized(width: size, height: size)
    }

    private func folder(_ path: String) throws -> ImageFolder { try ImageFolder(path, transform: ToTensor()) }

    private func names(_ folder: ImageFolder) -> [String] {
        folder.samples.map { String($0.path.string.split(separator: "/").suffix(2).joined(separator: "/")) }
    }

    @Test func eachClassGivesItsShare() throws {
        try PictureFixtures.withFolder { path in
            var files: [String: [UInt8]] = [:]
            for i in 0..<20 { files["a/\(i).png"] = try picture(i).png() }
            for i in 20..<30 { files["b/\(i).png"] = try picture(i).png() }
            files["c/1.png"] = try picture(40).png()
            files["d/1.png"] = try picture(41).png()
            files["d/2.png"] = try picture(42).png()
            try PictureFixtures.write(files, in: path)
            let split = FolderSplit(try folder(path), validation: 0.2, seed: 3, evaluation: CenterCrop(8))
            #expect(split.validation.classCounts == [4, 2, 0, 1])
            #expect(split.training.classCounts == [16, 8, 1, 1])
            #expect(split.training.classes == split.validation.classes)
            #expect(split.validation.transform is CenterCrop && split.training.transform is ToTensor)
            #expect(Set(names(split.training)).isDisjoint(with: names(split.validation)))
            #expect(split.duplicates.isEmpty)
            #expect(split.description == "26 for training and 7 for validation (20 % of each class, seed 3)")
            #expect(names(FolderSplit(try folder(path), seed: 4).validation) != names(split.validation))
        }
    }

    /// What counts is what pictures contain, not what they are called or in which order they are found.
    @Test func namesDoNotMatter() throws {
        try PictureFixtures.withFolder { path in
            var (files, renamed): ([String: [UInt8]], [String: [UInt8]]) = ([:], [:])
            var contents: [String: Int] = [:]
            for i in 0..<24 {
                files["one/\(i % 2)/\(i).png"] = try picture(i).png()
                renamed["two/\(i % 2)/deep/\((i * 7) % 24)x.png"] = try picture(i).png()
                contents["\(i % 2)/\(i).png"] = i
                contents["deep/\((i * 7) % 24)x.png"] = i
            }
            try PictureFixtures.write(files.merging(renamed) { one, _ in one }, in: path)
            let sides = try ["one", "two"].map { name in
                let split = FolderSplit(try folder(path + "/" + name), validation: 0.25, seed: 1)
                return Set(names(split.validation).map { contents[$0]! })
            }
            #expect(sides[0] == sides[1] && sides[0].count == 6)
            // Another picture hardly moves the others.
            try PictureFixtures.write(["one/0/new.png": picture(50).png()], in: path)
            let more = FolderSplit(try folder(path + "/one"), validation: 0.25, seed: 1)
            #expect(Set(names(more.validation).compactMap { contents[$0] }).symmetricDifference(sides[0]).count <= 2)
        }
    }

    @Test func copiesStayTogether() throws {
        try PictureFixtures.withFolder { path in
            var files: [String: [UInt8]] = [:]
            for i in 0..<12 {
                files["a/\(i).png"] = try picture(i).png()
                files["b/\(i).png"] = try picture(100 + i).png()
            }
            for i in 0..<6 {
                // The same bytes, another size, another format.
                files["a/copy\(i).png"] = files["a/\(i).png"]
                files["b/copy\(i).png"] = try picture(100 + i).resized(width: 40, height: 40).png()
                files["b/again\(i).jpg"] = try picture(100 + i).jpeg(quality: 85)
            }
            // The same picture in both classes.
            files["a/shared.png"] = files["b/11.png"]
            try PictureFixtures.write(files, in: path)
            for seed in 0..<5 {
                let split = FolderSplit(try folder(path), validation: 0.3, seed: UInt64(seed))
                #expect(split.duplicates.count == 13 && split.duplicates.map(\.count).reduce(0, +) == 32)
                let held = Set(split.validation.samples.map(\.path)), kept = Set(split.training.samples.map(\.path))
                for group in split.duplicates {
                    #expect(held.isSuperset(of: group) || kept.isSuperset(of: group), "\(group)")
                }
                #expect(split.validation.classCounts[0] > 0 && split.validation.classCounts[1] > 0)
            }
            let exact = FolderSplit(try folder(path), comparesLooks: false)
            #expect(exact.duplicates.count == 7)
            #expect(exact.description.hasSuffix("; 14 pictures in 7 groups that are the same stay together"))
        }
    }

    /// Of a class whose copies take more than its share, the smallest group goes to validation.
    @Test func classesOfCopiesAreValidatedToo() throws {
        try PictureFixtures.withFolder { path in
            var files: [String: [UInt8]] = [:]
            for i in 0..<4 { files["a/\(i).png"] = try picture(1).png() }
            for i in 4..<7 { files["a/\(i).png"] = try picture(2).png() }
            for i in 0..<3 { files["b/\(i).png"] = try picture(3).png() }
            try PictureFixtures.write(files, in: path)
            let split = FolderSplit(try folder(path), validation: 0.2, comparesLooks: false)
            #expect(split.validation.classCounts == [3, 0] && split.training.classCounts == [4, 3])
        }
    }

    /// Pictures of one kind are not copies of each other.
    @Test func whatLooksAlikeEverywhereIsNotKeptTogether() throws {
        try PictureFixtures.withFolder { path in
            var files: [String: [UInt8]] = [:]
            for i in 0..<24 {
                var pixels = picture(1).pixels
                for byte in 0...i { pixels[1000 + byte] ^= 8 }
                files["\(i % 2)/\(i).png"] = try Image(width: 48, height: 48, pixels: pixels).png()
            }
            try PictureFixtures.write(files, in: path)
            let split = FolderSplit(try folder(path), validation: 0.25)
            #expect(split.duplicates.isEmpty && split.validation.classCounts == [3, 3])
        }
    }

    @Test func flatPicturesAreToldApart() throws {
        try PictureFixtures.withFolder { path in
            var files: [String: [UInt8]] = [:]
            for i in 0..<6 { files["a/\(i).png"] = try Image(width: 20, height: 20, repeating: UInt8(40 * i)).png() }
            files["b/1.png"] = try picture(1).png()
            files["b/broken.png"] = [1, 2, 3]
            try PictureFixtures.write(files, in: path)
            let split = FolderSplit(try folder(path), validation: 0.5)
            #expect(split.duplicates.isEmpty && split.validation.classCounts == [3, 1])
        }
    }
}
