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

    @Test func drawsAFlatFolderOfObjects() throws {
        try PictureFixtures.withFolder { folder in
            let root = folder.filePath.appending("things")
            try SampleData.drawObjects(to: root, classCount: 3, countPerClass: 2)
            let pictures = try ImageFolder(root, transform: ToTensor())
            #expect(pictures.classes == ["Ball", "Brick", "RingTower"])
            #expect(pictures.classCounts == Array(repeating: 2, count: 3))
            let again = folder.filePath.appending("again")
            try SampleData.drawObjects(to: again, classCount: 2, countPerClass: 1)
            let path = pictures.samples[0].path
            #expect(try Image(contentsOf: path) == Image(contentsOf: again.appending("Ball").appending("ball-01.jpg")))
            #expect(try Image(contentsOf: path) != Image(contentsOf: pictures.samples[1].path))
        }
    }

    @Test func namesEachObjectOnce() {
        #expect(SampleData.objects.count == 22)
        #expect(Set(SampleData.objects).count == 22)
    }
}
