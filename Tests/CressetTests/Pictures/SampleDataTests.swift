import CressetData
import CressetVision
import Testing

@Suite struct SampleDataTests {
    @Test func drawsTheSamePicturesEachTime() {
        #expect(SampleData.picture(3) == SampleData.picture(3))
        #expect(SampleData.picture(3) != SampleData.picture(6))
    }

    @Test func drawsTheChaptersFolders() throws {
        try PictureFixtures.withFolder { folder in
            let root = folder.filePath.appending("a/b")
            try SampleData.draw(to: root)
            let training = try ImageFolder(root.appending("train"), transform: ToTensor())
            let validation = try ImageFolder(root.appending("val"), classes: training.classes, transform: ToTensor())
            #expect(training.classes == ["NoToy", "Scenes", "SingleToy"])
            #expect(training.classCounts == [39, 39, 39])
            #expect(validation.classCounts == [8, 8, 8])
            #expect(training.skipped.isEmpty)
            let image = try Image(contentsOf: training.samples[0].path)
            #expect(min(image.width, image.height) >= 200)
        }
    }
}
