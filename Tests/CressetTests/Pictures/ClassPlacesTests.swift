import CressetData
import CressetVision
import Glibc
import Testing

/// A link in the folder of a class leads to nothing that is another class's.
@Suite struct ClassPlacesTests {
    private let picture = try! PictureFixtures.pattern(width: 12, height: 9).png()

    @Test func linksToOtherClassesAreNotFollowed() throws {
        try PictureFixtures.withFolder { folder in
            try PictureFixtures.write(
                [
                    "set/train/cat/1.png": picture, "set/train/dog/2.png": picture, "set/train/dog/in/3.png": picture,
                    "set/val/dog/4.png": picture, "more/5.png": picture,
                ], in: folder)
            for (name, target) in [
                ("above", "../.."), ("root", ".."), ("dogs", "../dog"), ("puppies", "../dog/in"),
                ("more", "../../../more"),
            ] {
                symlink(target, "\(folder)/set/train/cat/\(name)")
            }
            // By a detour through a folder that contains everything.
            symlink("..", "\(folder)/more/back")
            let pictures = try ImageFolder(folder + "/set/train", transform: ToTensor())
            #expect(
                pictures.samples.map { "\($0.path.name) \($0.label)" } == ["1.png 0", "5.png 0", "2.png 1", "3.png 1"])
            let start = folder.filePath.length + "/set/train/cat/".count
            #expect(
                pictures.skipped.map { String($0.description.dropFirst(start)) }.sorted() == [
                    "above: a link to a folder above that of its class",
                    "dogs: a link to pictures of the class dog",
                    "more/back: a link to a folder above that of its class",
                    "puppies: a link to pictures of the class dog",
                    "root: a link to a folder above that of its class",
                ])
            #expect(pictures.skipped.filter(\.isPicture).isEmpty)
        }
    }

    @Test func classesMayBeLinksButNotToFoldersAbove() throws {
        try PictureFixtures.withFolder { folder in
            try PictureFixtures.write(["store/cats/1.png": picture, "train/dog/2.png": picture], in: folder)
            symlink("../store/cats", folder + "/train/cat")
            symlink("..", folder + "/train/all")
            symlink("../../../store", folder + "/train/dog/store")
            let pictures = try ImageFolder(folder + "/train", transform: ToTensor())
            #expect(pictures.classes == ["cat", "dog"] && pictures.classCounts == [1, 1])
            #expect(pictures.skipped.map { $0.path.name } == ["all", "store"])
            #expect(pictures.skipped[0].reason == "a link to a folder above, which is no class")
        }
    }
}
