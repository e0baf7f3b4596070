import CressetData
import CressetTrain
import CressetVision
import Glibc
import Testing

/// Real folders are messy: nothing is dropped silently, and too many bad files end a run before it starts.
@Suite struct FolderDirtTests {
    private let picture = try! PictureFixtures.pattern(width: 12, height: 9).png()
    private let photo = try! PictureFixtures.pattern(width: 40, height: 30).jpeg()

    private func scan(_ folder: String) throws -> ImageFolder {
        try ImageFolder(folder, transform: ToTensor()).checked(workers: 1)
    }

    private func reasons(_ folder: ImageFolder, _ root: String) -> [String] {
        folder.skipped.map { String($0.description.dropFirst(root.filePath.length + 1)) }.sorted()
    }

    @Test func namesWhatCannotBeEnteredOrFollowed() throws {
        try PictureFixtures.withFolder { folder in
            try PictureFixtures.write(
                ["a/1.png": picture, "a/in/2.png": picture, "a/closed/3.png": picture, "loose.jpg": photo], in: folder)
            symlink("in", folder + "/a/again")
            symlink("circle.jpg", folder + "/a/circle.jpg")
            symlink("nowhere", folder + "/gone")
            chmod(folder + "/a/closed", 0)
            defer { chmod(folder + "/a/closed", 0o700) }
            let pictures = try scan(folder)
            var expected = [
                "a/circle.jpg: a link that leads back to itself", "gone: a broken link",
                "loose.jpg: not in the folder of a class",
            ]
            // The superuser can open everything.
            if geteuid() != 0 { expected.append("a/closed: cannot open the folder: Permission denied") }
            let all = reasons(pictures, folder)
            for reason in expected { #expect(all.contains(reason), "\(all)") }
            #expect(all.contains { $0.hasSuffix(": a link to a folder whose pictures are already included") })
            #expect(pictures.samples.count == (geteuid() == 0 ? 3 : 2))
            #expect(pictures.skipped.filter(\.isPicture).count == (geteuid() == 0 ? 2 : 3))
        }
    }

    /// Labels never shift: what is left out is said, and every class keeps its index.
    @Test func emptyAndUnknownClassesMayBeAllowed() throws {
        try PictureFixtures.withFolder { folder in
            try PictureFixtures.write(
                ["val/a/1.png": picture, "val/c/1.png": picture, "val/d/1.png": picture, "val/b/notes.txt": [65]],
                in: folder)
            let classes = ["a", "b", "c"]
            #expect(throws: ImageFolderError.self) {
                try ImageFolder(folder + "/val", classes: classes, transform: ToTensor(), allowsEmptyClasses: true)
            }
            #expect(throws: ImageFolderError.self) {
                try ImageFolder(folder + "/val", classes: classes, transform: ToTensor(), ignoresUnknownClasses: true)
            }
            let both = try ImageFolder(
                folder + "/val", classes: classes, transform: ToTensor(), allowsEmptyClasses: true,
                ignoresUnknownClasses: true)
            #expect(both.classes == classes && both.samples.map(\.label) == [0, 2])
            let root = folder.filePath.appending("val")
            try PictureFixtures.write(["val/e/list.txt": [65]], in: folder)
            let hollow = try ImageFolder(
                root, classes: classes + ["d"], transform: ToTensor(), allowsEmptyClasses: true)
            #expect(
                hollow.warnings == ["\(root): folders without pictures are left out: e", "\(root): no pictures of b"])
            #expect(both.warnings == ["\(root): unknown classes are left out: d", "\(root): no pictures of b"])
        }
    }

    @Test func pathsThatAreTooLongAreNamed() throws {
        try PictureFixtures.withFolder { folder in
            try PictureFixtures.write(["a/1.png": picture], in: folder)
            // Deeper than any path can reach, created step by step.
            let name = String(repeating: "d", count: 250)
            var place = open(folder + "/a", O_RDONLY | O_DIRECTORY)
            for _ in 0..<20 {
                #expect(mkdirat(place, name, 0o700) == 0)
                let next = openat(place, name, O_RDONLY | O_DIRECTORY)
                close(place)
                place = next
            }
            close(place)
            let pictures = try scan(folder)
            #expect(pictures.samples.count == 1)
            #expect(pictures.skipped.map(\.reason) == ["cannot open the folder: File name too long"])
            #expect(pictures.skipped[0].isPicture)
        }
    }

    @Test func beginningAndEndOfEachFileAreLookedAt() throws {
        var huge = photo
        let frame = try #require(huge.indices.dropLast().first { huge[$0] == 0xFF && huge[$0 + 1] == 0xC0 })
        huge.replaceSubrange((frame + 5)..<(frame + 9), with: [0xFF, 0, 0xFF, 0])
        // A comment that pushes the size beyond the bytes that are read first.
        let comment: [UInt8] = [0xFF, 0xFE, 0x40, 0] + Array(repeating: 65, count: 0x3FFE)
        let late = Array(photo[..<2]) + comment + photo[2...]
        try PictureFixtures.withFolder { folder in
            try PictureFixtures.write(
                [
                    "a/cut.jpg": Array(photo.dropLast(40)), "a/empty.png": [], "a/huge.jpg": huge,
                    "a/page.jpg": Array("<html>".utf8), "a/cut.png": Array(picture.dropLast(30)),
                    "a/endless.jpg": Array(photo.dropLast(2)), "a/tail.jpg": photo + Array(repeating: 1, count: 900),
                    "a/late.jpg": late, "a/really-a-png.jpg": picture, "a/good.jpg": photo,
                ], in: folder)
            let pictures = try scan(folder)
            #expect(
                pictures.samples.map { $0.path.name } == [
                    "endless.jpg", "good.jpg", "late.jpg", "really-a-png.jpg", "tail.jpg",
                ])
            #expect(
                reasons(pictures, folder) == [
                    "a/cut.jpg: truncated JPEG: the file ends before the picture does",
                    "a/cut.png: truncated PNG: the file ends before the picture does", "a/empty.png: empty file",
                    "a/huge.jpg: 65280 x 65280 pixels, more than the limit of 178956970",
                    "a/page.jpg: not a picture: this is an HTML page",
                ])
            #expect(pictures.warnings.count == 1)
            #expect(pictures.warnings[0].hasPrefix("1 picture has another format's extension, such as "))
        }
    }
}

@Suite struct TrainingDataTests {
    private let photo = try! PictureFixtures.pattern(width: 40, height: 30).jpeg()

    private func load(_ folder: String, _ maxBad: String? = nil) throws -> TrainingData {
        let limit = maxBad.flatMap { BadPictureLimit($0) } ?? .standard
        return try TrainingData(folder, preprocessing: Preprocessing(), limit: limit)
    }

    private func failure(_ folder: String, _ maxBad: String? = nil) -> Failure {
        do {
            _ = try load(folder, maxBad)
            return Failure("nothing failed", kind: .bug)
        } catch { return Failure(error) }
    }

    private func write(
        _ folder: String, train: Int = 4, bad: Int = 0, names: [String] = ["a", "b"], val: String = "val"
    ) throws {
        var files: [String: [UInt8]] = [:]
        for name in names {
            for number in 0..<train { files["train/\(name)/\(number).jpg"] = photo }
            files["\(val)/\(name)/0.jpg"] = photo
        }
        for number in 0..<bad { files["train/\(names[0])/bad\(number).jpg"] = [0xFF, 0xD8, 0xFF] }
        try PictureFixtures.write(files, in: folder)
    }

    @Test func whatTrainingLeavesInTheDataIsNoClass() throws {
        try PictureFixtures.withFolder { folder in
            try PictureFixtures.write(
                [
                    "a/1.jpg": photo, "b/1.jpg": photo, "runs/train-1/run.json": Array("{}".utf8),
                    "runs/train-1/overlay/x.jpg": photo, "mine/run.json": Array("{}".utf8),
                ], in: folder)
            let pictures = try ImageFolder(folder, transform: ToTensor())
            #expect(pictures.classes == ["a", "b"] && pictures.count == 2)
            #expect(
                pictures.skipped.map(\.description).sorted()
                    == ["mine", "runs"].map {
                        "\(FilePath(folder))/\($0): holds what a training run has left, and is no class"
                    })
            // A class of that name.
            try PictureFixtures.write(["runs/c.jpg": photo], in: folder)
            #expect(try ImageFolder(folder, transform: ToTensor()).classes == ["a", "b", "runs"])
        }
    }

    @Test func foldersAndPicturesBesideThePartsAreNamed() throws {
        try PictureFixtures.withFolder { folder in
            try write(folder)
            try PictureFixtures.write(
                ["test/a/1.jpg": photo, "other/1.jpg": photo, "1.jpg": photo, "runs/train-1/run.json": [0x20]],
                in: folder)
            // Hidden files are none, and the folder that is used for validation is not passed over.
            try PictureFixtures.write(
                ["._2.jpg": photo, "held/out/a/1.jpg": photo, "held/out/b/1.jpg": photo], in: folder)
            let line = "\(FilePath(folder)): passed over beside train: "
            #expect(try load(folder).warnings.contains(line + "held, other, and 1 picture"))
            let given = try TrainingData(folder, validation: folder + "/held/out", preprocessing: Preprocessing())
            #expect(given.warnings.contains(line + "other, and 1 picture"))
        }
    }

    @Test func aClassWithOtherCapitalsIsToBeRenamed() throws {
        try PictureFixtures.withFolder { folder in
            try write(folder, names: ["Cat", "dog"])
            try PictureFixtures.write(["val/cat/1.jpg": photo], in: folder)
            #expect(failure(folder).hint == "rename cat to Cat, or leave them out with ignoresUnknownClasses")
        }
    }

    @Test func limitsAreSharesOrPerCent() {
        #expect(BadPictureLimit("5%")?.share == 0.05)
        #expect(BadPictureLimit("5")?.share == 0.05)
        #expect(BadPictureLimit("0.05")?.share == 0.05)
        #expect(BadPictureLimit("100")?.share == 1)
        #expect(BadPictureLimit("1")?.share == 0.01)
        #expect(BadPictureLimit("0")?.share == 0)
        for text in ["", "%", "-1", "101", "nan", "inf", "half", "1e9%"] { #expect(BadPictureLimit(text) == nil) }
    }

    @Test func oneBadPictureIsAllowedUnlessTheLimitSaysOtherwise() throws {
        try PictureFixtures.withFolder { folder in
            try write(folder, bad: 1)
            #expect(try load(folder).train.skipped.count == 1)
            #expect(failure(folder, "0").kind == .badData)
            #expect(failure(folder, "5%").message.contains("1 of 9 pictures cannot be used, such as "))
            #expect(try load(folder, "12%").train.count == 8)
        }
        try PictureFixtures.withFolder { folder in
            try write(folder, bad: 2)
            let refused = failure(folder)
            #expect(refused.kind == .badData)
            #expect(refused.message.contains("/train: 2 of 10 pictures cannot be used, such as "))
            #expect(refused.message.contains("bad0.jpg: truncated JPEG"))
            #expect(refused.hint?.contains("maxBad") == true)
            // No more than is needed.
            #expect(refused.hint?.contains("more than 1 % with") == true && refused.hint?.contains("20%") == true)
        }
    }

    @Test func aClassMustBeReadable() throws {
        try PictureFixtures.withFolder { folder in
            try write(folder, train: 3, bad: 4)
            #expect(failure(folder, "45%").message.contains("4 of 7 pictures of the class a cannot be used"))
            #expect(try load(folder, "100").train.count == 6)
        }
        try PictureFixtures.withFolder { folder in
            try write(folder)
            for number in 0..<4 {
                try PictureFixtures.write(["train/a/\(number).jpg": Array("GIF89a.....".utf8)], in: folder)
            }
            let refused = failure(folder, "100")
            #expect(refused.kind == .badData)
            #expect(refused.message.contains("none of the 4 pictures of the class a can be used, such as "))
            #expect(refused.message.contains("truncated GIF: the file ends before the picture does"))
        }
    }

    @Test func oneClassAloneIsNoTask() throws {
        try PictureFixtures.withFolder { folder in
            try write(folder, names: ["only"])
            #expect(failure(folder).kind == .badData)
            #expect(failure(folder).message.contains("only one class, only: there is nothing to tell apart"))
        }
    }

    @Test(arguments: ["valid", "validation", "test"]) func otherNamesStandForVal(_ name: String) throws {
        try PictureFixtures.withFolder { folder in
            try write(folder, val: name)
            let data = try load(folder)
            #expect(data.validation.count == 2)
            #expect(
                data.warnings[0] == "there is no \(folder.filePath)/val; \(folder.filePath)/\(name) is used instead")
        }
    }

    @Test func adviceFitsWhatIsThere() throws {
        try PictureFixtures.withFolder { folder in
            #expect(failure(folder + "/no").message.hasSuffix("/no: no such folder"))
            try PictureFixtures.write(
                [
                    "flat/1.jpg": photo, "half/val/a/1.jpg": photo, "whole/train/a/1.jpg": photo,
                    "whole/val/a/1.jpg": photo,
                ],
                in: folder)
            #expect(
                failure(folder + "/flat").hint?.contains("not in classes yet: sort them into one folder per") == true
            )
            #expect(failure(folder + "/half").message.hasSuffix("the folder train is missing"))
            #expect(
                failure(folder + "/whole/train/").hint
                    == "name its parent, \(folder.filePath)/whole, which contains train and val")
            #expect(failure(folder + "/flat/1.jpg").message.hasSuffix("1.jpg: not a folder"))
            for place in ["no", "flat", "half", "whole/train"] {
                #expect(failure("\(folder)/\(place)").kind == .inputMissing)
            }
        }
    }

    /// A folder of classes, or one called `train` alone, is divided.
    @Test(arguments: ["", "train/"]) func dividesWhatIsNotDivided(_ place: String) throws {
        try PictureFixtures.withFolder { folder in
            var files: [String: [UInt8]] = [:]
            for i in 0..<10 {
                files[place + "a/\(i).png"] = try Image(width: 9, height: 9, repeating: UInt8(25 * i)).png()
                files[place + "b/\(i).png"] = try Image(width: 9, height: 9, repeating: UInt8(25 * i + 12)).png()
            }
            try PictureFixtures.write(files, in: folder)
            let data = try load(folder)
            #expect(data.train.classCounts == [8, 8] && data.validation.classCounts == [2, 2])
            #expect(
                data.summary.hasSuffix(
                    "divided here: 16 for training and 4 for validation (20 % of each class, seed 42)"))
            let half = try TrainingData(folder, preprocessing: Preprocessing(), validationShare: 0.5, seed: 1)
            #expect(half.validation.classCounts == [5, 5])
            try PictureFixtures.write(["val/a/1.jpg": photo, "train/a/1.png": photo], in: folder)
            #expect(throws: Failure.self) {
                try TrainingData(folder, preprocessing: Preprocessing(), validationShare: 0.5)
            }
        }
    }

    /// `Train` and `Test` are no classes.
    @Test(arguments: [("Train", "Test", "rename Train to train"), ("training", "eval", "and eval to val")])
    func partsUnderOtherNamesAreNoClasses(_ training: String, _ validation: String, _ hint: String) throws {
        try PictureFixtures.withFolder { folder in
            try PictureFixtures.write(
                ["\(training)/a/1.jpg": photo, "\(training)/b/1.jpg": photo, "\(validation)/a/1.jpg": photo], in: folder
            )
            #expect(failure(folder).hint?.contains(hint) == true)
            #expect(failure(folder).kind == .inputMissing)
        }
    }

    /// What may be held out is not trained on, and what may be a class is not passed over.
    @Test func foldersBesideTrainAreNamed() throws {
        try PictureFixtures.withFolder { folder in
            try PictureFixtures.write(
                ["train/a/1.jpg": photo, "train/b/1.jpg": photo, "Val/a/2.jpg": photo], in: folder)
            #expect(failure(folder).kind == .inputMissing)
            #expect(failure(folder).message.hasSuffix("no folder val, valid, validation or test, but Val"))
        }
        try PictureFixtures.withFolder { folder in
            var files: [String: [UInt8]] = [:]
            for i in 0..<4 {
                for name in ["a", "b"] {
                    files["test/\(name)/\(i).png"] =
                        try Image(width: 9, height: 9, repeating: UInt8(50 * i + (name == "a" ? 0 : 20))).png()
                }
            }
            try PictureFixtures.write(files, in: folder)
            #expect(try load(folder + "/test").train.classCounts == [3, 3])
            try PictureFixtures.write(["one/a/1.jpg": photo, "one/b/1.jpg": photo], in: folder)
            #expect(failure(folder + "/one").message.hasSuffix("too few pictures to keep any for validation"))
        }
    }

    @Test func lopsidedFoldersAreWarnedOf() throws {
        try PictureFixtures.withFolder { folder in
            try write(folder)
            for number in 4..<200 { try PictureFixtures.write(["train/a/\(number).jpg": photo], in: folder) }
            remove(folder + "/val/b/0.jpg")
            rmdir(folder + "/val/b")
            #expect(
                try load(folder).warnings.prefix(2) == [
                    "200 pictures of a, but 4 of b: the accuracy says little about small classes, the balanced accuracy does",
                    "no validation pictures of b: the accuracy does not say whether this class is recognised",
                ])
        }
    }
}
