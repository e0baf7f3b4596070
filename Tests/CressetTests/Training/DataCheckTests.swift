import Cresset
import CressetTrain
import CressetVision
import Foundation
import Testing

/// A folder of pictures is looked at before it is trained on.
@Suite struct DataCheckTests {
    /// Pictures of 40 x 40 that look different from each other.
    private static func picture(_ number: Int, side: Int = 40) -> Image {
        Image(
            width: side, height: side,
            pixels: (0..<(side * side * 3)).map { i in
                let (x, y) = (i / 3 % side * 8 / side, i / 3 / side * 8 / side)
                return UInt8((x * (37 + 11 * number) + y * (53 + 29 * number) + 67 * number) % 256)
            })
    }

    /// A picture without edges, of which a copy compressed or resized looks the same.
    private static func smooth(_ number: Int) -> Image {
        Image(
            width: 64, height: 64,
            pixels: (0..<(64 * 64 * 3)).map { i in
                UInt8(i / 3 % 64 * (number + 1) + i / 192 * (3 - number) / 2)
            })
    }

    /// `train` and `val` of two classes that nothing is wrong with.
    private func cleanFiles() throws -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        for (offset, name) in ["a", "b"].enumerated() {
            for number in 0..<12 {
                let part = number < 10 ? "train" : "val"
                files["\(part)/\(name)/\(number).png"] = try Self.picture(2 * number + offset).png()
            }
        }
        return files
    }

    private func check(_ folder: String, _ change: (inout [String: [UInt8]]) throws -> Void = { _ in }) throws
        -> DataCheck
    {
        var files = try cleanFiles()
        try change(&files)
        try PictureFixtures.write(files, in: folder)
        return try DataCheck(folder, workers: 2)
    }

    /// What was found of a kind, with the names of its files.
    private func said(_ check: DataCheck, _ kind: Finding.Kind) -> [String] {
        check.findings.filter { $0.kind == kind }.map { finding in
            "\(finding.severity.rawValue): \(finding.message) ["
                + finding.files.map { $0.path.name }.sorted().joined(separator: " ") + "]"
        }
    }

    @Test func ofACleanFolderNothingIsSaid() throws {
        try PictureFixtures.withFolder { folder in
            let check = try check(folder)
            #expect(check.findings.isEmpty, "\(check.findings)")
            #expect(check.isAccepted && check.train.count == 20 && check.validation?.count == 4)
            #expect(check.files.count == 24 && check.files.allSatisfy { $0.status == .ok && $0.format == "PNG" })
            let file = try #require(check.files.first { $0.path.name == "11.png" })
            #expect(file.part == .validation && file.className == "a" && file.width == 40 && file.height == 40)
        }
    }

    @Test func filesThatCannotBeUsedAreNamed() throws {
        try PictureFixtures.withFolder { folder in
            let photo = try Self.picture(90).jpeg()
            var damaged = try Self.picture(91, side: 64).png()
            damaged[damaged.count / 2] ^= 0xFF
            let check = try check(folder) { files in
                files["train/a/cut.jpg"] = Array(photo.dropLast(photo.count / 2))
                files["train/a/middle.png"] = damaged
                files["train/b/notes.txt"] = Array("notes".utf8)
                files["train/b/odd.jpg"] = try Self.picture(92).png()
                files["loose.jpg"] = photo
            }
            #expect(
                said(check, .unusable) == [
                    "problem: \(folder.filePath)/train: 2 of 23 pictures cannot be used, such as "
                        + "\(folder.filePath)/train/a/cut.jpg: truncated JPEG: the file ends before the picture does []",
                    "warning: 2 files cannot be used [cut.jpg middle.png]",
                ])
            #expect(!check.isAccepted)
            #expect(
                said(check, .layout) == [
                    "warning: 1 picture has another format's extension, such as \(folder.filePath)/train/b/odd.jpg (a PNG "
                        + "file) []",
                    "warning: \(folder.filePath): passed over beside train: 1 picture []",
                    "note: 1 file is passed over, which is no picture in a class [notes.txt]",
                ])
            let middle = try #require(check.files.first { $0.path.name == "middle.png" })
            #expect(middle.status == .unusable && middle.reason?.hasPrefix("damaged PNG") == true)
            // The beginning and the end are in order: training would find out in the first epoch.
            let limit = try #require(BadPictureLimit("15%"))
            #expect(try DataCheck(folder, limit: limit).isAccepted)
        }
    }

    @Test func copiesAreFoundByBytesAndByLooks() throws {
        try PictureFixtures.withFolder { folder in
            let check = try check(folder) { files in
                files["val/a/copied.png"] = files["train/a/3.png"]
                files["train/b/smooth.png"] = try Self.smooth(0).png()
                files["val/b/smaller.jpg"] = try Self.smooth(0).resized(width: 48, height: 48).jpeg(quality: 90)
                files["train/a/twice.png"] = files["train/a/5.png"]
                files["train/b/labelled.png"] = files["train/a/7.png"]
                files["train/a/round.png"] = try Self.smooth(2).png()
                files["train/a/rounded.jpg"] = try Self.smooth(2).jpeg(quality: 80)
            }
            #expect(check.isAccepted)
            let leaks = said(check, .leak)
            try #require(leaks.count == 2, "\(leaks)")
            #expect(
                leaks[0].hasPrefix("warning: 1 validation picture is also for training (")
                    && leaks[0].hasSuffix("[copied.png]"))
            #expect(
                leaks[1].hasPrefix("warning: 1 validation picture looks like one")
                    && leaks[1].hasSuffix("[smaller.jpg]"))
            let contradictions = said(check, .contradiction)
            #expect(contradictions.count == 1 && contradictions[0].contains("1 picture is in two classes ("))
            let repeated = said(check, .repetition)
            try #require(repeated.count == 2, "\(repeated)")
            #expect(repeated[0].hasPrefix("note: 1 picture is a copy") && repeated[0].hasSuffix("[twice.png]"))
            #expect(
                repeated[1].hasPrefix("note: 1 picture looks like another") && repeated[1].hasSuffix("[rounded.jpg]"))
        }
    }

    @Test func oddPicturesAreCountedByWhatIsOdd() throws {
        try PictureFixtures.withFolder { folder in
            let rows = (0..<40).flatMap { y -> [UInt8] in [0] + (0..<80).map { UInt8(($0 * 3 + y) % 256) } }
            let deep = PictureFixtures.PNG(width: 40, height: 40, depth: 16, color: 0, rows: rows)
            let photo = PictureFixtures.jpeg(
                try Self.picture(95).jpeg(), exif: PictureFixtures.exif(orientation: 6))
            let check = try check(folder) { files in
                files["train/a/deep.png"] = deep.file
                files["train/a/turned.jpg"] = photo
                files["train/b/tiny.png"] = try Self.picture(96, side: 20).png()
                files["train/b/endless.jpg"] = Array(try Self.picture(97).jpeg().dropLast(2))
            }
            #expect(said(check, .suspect) == ["warning: 1 picture may be damaged [endless.jpg]"])
            #expect(
                said(check, .size) == [
                    "warning: 1 picture has a side of less than 32 pixels: there is little to see on it [tiny.png]"
                ])
            #expect(
                said(check, .orientation) == [
                    "note: 1 picture is turned upright, as its camera noted; torchvision would not turn it [turned.jpg]"
                ])
            #expect(
                said(check, .mode) == [
                    "note: 1 picture in grey: read as RGB, with three equal channels [deep.png]",
                    "note: 1 picture with more than 8 bits a channel: scaled to 8 [deep.png]",
                ])
            #expect(check.isAccepted)
        }
    }

    @Test func picturesThatStandForMissingOnesAreNamed() throws {
        try PictureFixtures.withFolder { folder in
            let check = try check(folder) { files in
                files["train/a/imageNotFound.png"] = try Self.picture(80).png()
                files["train/b/volcano-image.png"] = try Self.picture(81).png()
                files["train/b/black.png"] = try Image(width: 40, height: 40, repeating: 2).png()
                files["train/b/nearly.pnm"] = Array("P5 40 40 255\n".utf8) + (0..<1600).map { UInt8(100 + $0 % 5) }
            }
            #expect(
                said(check, .placeholder) == [
                    "warning: 1 picture is called like one that stands for a missing picture "
                        + "(\(folder.filePath)/train/a/imageNotFound.png): it teaches something wrong [imageNotFound.png]",
                    "warning: 2 pictures are of a single colour: there is nothing to see on them [black.png nearly.pnm]",
                ])
            #expect(
                said(check, .layout) == [
                    "note: 1 picture has an extension that torchvision's ImageFolder passes over [nearly.pnm]"
                ])
            let data = try TrainingData(folder, preprocessing: Preprocessing())
            #expect(data.findings.map(\.kind) == [.placeholder])
        }
    }

    /// A server's answer, saved under the names of pictures in both classes; the same picture in two classes is a label's error.
    @Test func aPictureThatIsEverywhereIsNamed() throws {
        try PictureFixtures.withFolder { folder in
            let check = try check(folder) { files in
                let answer = try Self.picture(85).png()
                for place in ["a/20", "a/21", "b/22", "b/23"] { files["train/\(place).png"] = answer }
                files["train/b/twice.png"] = files["train/a/3.png"]
            }
            #expect(
                said(check, .placeholder) == [
                    "warning: 4 files in several classes are the same picture: it may stand for missing ones "
                        + "[20.png 21.png 22.png 23.png]"
                ])
        }
    }

    @Test(arguments: [
        ("imageNotFound.gif", true), ("photo_unavailable.jpg", true), ("no-image.png", true), ("NoImage.PNG", true),
        ("placeholder-300x200.png", true), ("noimageavailable.png", true), ("image not available.jpg", true),
        ("missing_photo.jpg", true), ("imagenotfound.gif", true), ("volcano-image.jpg", false),
        ("casino_photo.jpg", false), ("cat-removebg-preview.png", false), ("found_7.jpg", false), ("404.jpg", false),
        ("missing_tooth.jpg", false), ("", false), ("123.jpg", false),
    ])
    func namesOfPlaceholdersAreWholeWords(_ name: String, _ isPlaceholder: Bool) {
        #expect(FolderScan.isNamedAsPlaceholder(FilePath("folder").appending(name)) == isPlaceholder)
    }

    @Test func namesOfClassesAreLookedAt() throws {
        try PictureFixtures.withFolder { folder in
            let check = try check(folder) { files in
                files["train/A/1.png"] = try Self.picture(80).png()
                files["train/.old/1.png"] = files["train/a/1.png"]
                files["train/.ipynb_checkpoints/notes.txt"] = [65]
            }
            let root = folder.filePath.appending("train")
            #expect(
                said(check, .layout) == [
                    "warning: \(root): class folders differ only in case: A, a []",
                    "warning: \(root): hidden folders with pictures are passed over: .old []",
                    "note: \(root): hidden folders are passed over: .ipynb_checkpoints []",
                ])
            #expect(said(check, .classes).map { $0.prefix(36) } == ["warning: no validation pictures of A"])
            #expect(said(check, .balance) == ["note: there are few pictures of A 1: some dozens of each teach more []"])
        }
    }

    // MARK: What training refuses, and what it warns of

    /// What is done to a clean folder, and whether training takes it then.
    enum Damage: String, CaseIterable {
        case none, emptyClass, emptyValidation, unknownClass, oneClass, cutFiles, undividable, flat, lopsided, copies

        var isAccepted: Bool { [.none, .flat, .lopsided, .copies].contains(self) }

        func apply(to files: inout [String: [UInt8]]) throws {
            switch self {
            case .none: break
            case .emptyClass: files["train/c/list.txt"] = [65]
            case .emptyValidation: files["val/c/list.txt"] = [65]
            case .unknownClass: files["val/c/1.png"] = files["val/a/10.png"]
            case .oneClass: files = files.filter { $0.key.contains("/a/") }
            case .cutFiles:
                for number in 0..<3 { files["train/a/\(number).png"]?.removeLast(60) }
            case .undividable:
                files = ["a/1.png": files["train/a/1.png"]!, "b/1.png": files["train/b/1.png"]!]
            case .flat:
                files = files.filter { $0.key.hasPrefix("train/") }
            case .lopsided:
                for number in 20..<230 {
                    files["train/a/\(number).png"] = try Image(width: 33, height: 33, repeating: UInt8(number)).png()
                }
            case .copies:
                files["val/a/x.png"] = files["train/a/2.png"]
                files["train/b/x.png"] = files["train/a/2.png"]
            }
        }
    }

    @Test(arguments: Damage.allCases)
    func problemsAreWhatTrainingRefusesAndItsWarningsAreAmongOthers(_ damage: Damage) throws {
        try PictureFixtures.withFolder { folder in
            let check = try check(folder) { try damage.apply(to: &$0) }
            #expect(check.isAccepted == damage.isAccepted, "\(check.findings)")
            do {
                let data = try TrainingData(folder, preprocessing: Preprocessing())
                #expect(damage.isAccepted)
                for finding in data.findings {
                    #expect(check.findings.contains { $0.message == finding.message }, "\(finding.message)")
                }
            } catch {
                #expect(!damage.isAccepted)
                let problems = check.findings.filter { $0.severity == .problem }
                let failure = Failure(error)
                #expect(problems.contains { $0.message == failure.message && $0.hint == failure.hint }, "\(failure)")
            }
        }
    }

    @Test func aFolderWithoutClassesIsAFailure() throws {
        try PictureFixtures.withFolder { folder in
            let refused = try #require(throws: Failure.self) { try DataCheck(folder) }
            #expect(refused.kind == .inputMissing)
            #expect(throws: Failure.self) { try DataCheck(folder + "/nowhere") }
        }
    }
}
