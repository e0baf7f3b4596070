import Cresset
import CressetTrain
import CressetVision
import Testing

/// Which files of a folder are trained on, and what is let pass.
@Suite struct PictureSelectionTests {
    private let photo = try! PictureFixtures.pattern(width: 40, height: 48).jpeg(quality: 90)

    /// Files of pictures that do not look the same.
    private func pictures(_ places: [String], count: Int = 3) throws -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        for (number, place) in places.enumerated() {
            for i in 0..<count {
                let grey = UInt8(6 * (number * count + i) % 256)
                files["\(place)/\(i).png"] = try Image(width: 9, height: 9, repeating: grey).png()
            }
        }
        return files
    }

    private func load(
        _ folder: String, validation: String? = nil, _ change: (inout PictureSelection) -> Void = { _ in }
    ) throws -> TrainingData {
        var selection = PictureSelection()
        change(&selection)
        return try TrainingData(folder, validation: validation, preprocessing: Preprocessing(), selection: selection)
    }

    private func failure(
        _ folder: String, validation: String? = nil, _ change: (inout PictureSelection) -> Void = { _ in }
    ) -> Failure {
        do {
            _ = try load(folder, validation: validation, change)
            return Failure("nothing failed", kind: .bug)
        } catch { return Failure(error) }
    }

    private func check(_ folder: String, _ change: (inout PictureSelection) -> Void) throws -> DataCheck {
        var selection = PictureSelection()
        change(&selection)
        return try DataCheck(folder, selection: selection)
    }

    // MARK: Damage

    @Test func cutPicturesAreKeptIfTheyArePadded() throws {
        try PictureFixtures.withFolder { folder in
            var files = try pictures(["train/a", "train/b", "val/a", "val/b"])
            files["train/a/cut.jpg"] = Array(photo.prefix(photo.count * 3 / 4))
            try PictureFixtures.write(files, in: folder)
            #expect(try load(folder).train.classCounts == [3, 3])
            #expect(try load(folder) { $0.truncated = .pad }.train.classCounts == [4, 3])
            let check = try check(folder) { $0.truncated = .pad }
            #expect(
                check.files.filter { $0.status == .suspect }.map(\.reason) == [
                    "truncated JPEG: what is missing is grey"
                ])
        }
    }

    @Test func damagedPicturesAreSkippedIfThatIsAskedFor() throws {
        try PictureFixtures.withFolder { folder in
            var files = try pictures(["train/a", "train/b", "val/a", "val/b"])
            files["train/a/endless.jpg"] = Array(photo.dropLast(2))
            try PictureFixtures.write(files, in: folder)
            #expect(try load(folder).train.classCounts == [4, 3])
            let strict = try load(folder) { $0.rejectsSuspect = true }
            #expect(strict.train.classCounts == [3, 3])
            #expect(strict.train.skipped.map(\.reason) == ["JPEG without its end marker"])
            #expect(try check(folder) { $0.rejectsSuspect = true }.files.contains { $0.status == .unusable })
        }
        var options = TrainingOptions()
        (options.truncated, options.rejectsSuspect) = (.pad, true)
        #expect(options.problem?.message == "rejectsSuspect skips the pictures that truncated pad keeps")
        #expect(options.problem?.kind == .usage)
    }

    // MARK: Classes

    @Test func anEmptyClassKeepsItsIndexIfItIsAllowed() throws {
        try PictureFixtures.withFolder { folder in
            var files = try pictures(["a", "c"], count: 6)
            files["b/notes.txt"] = []
            try PictureFixtures.write(files, in: folder)
            let refused = failure(folder)
            #expect(refused.kind == .badData && refused.message.hasSuffix("no pictures in b"))
            #expect(
                refused.hint == "add pictures or remove the folder, or let the class be empty with allowsEmptyClasses")
            let data = try load(folder) { $0.allowsEmptyClasses = true }
            #expect(data.train.classes == ["a", "b", "c"] && data.train.classCounts == [5, 0, 5])
            #expect(data.validation.classCounts == [1, 0, 1])
            #expect(data.warnings == ["\(folder.filePath): no pictures of b"])
            #expect(try !check(folder) { _ in }.isAccepted)
            #expect(try check(folder) { $0.allowsEmptyClasses = true }.isAccepted)
        }
    }

    @Test func oneClassWithPicturesIsNotEnough() throws {
        try PictureFixtures.withFolder { folder in
            var files = try pictures(["train/a", "val/a"])
            for place in ["train/b", "val/b", "none/a", "none/b"] { files["\(place)/notes.txt"] = [] }
            try PictureFixtures.write(files, in: folder)
            let lone = failure(folder) { $0.allowsEmptyClasses = true }
            #expect(lone.message.hasSuffix("train: only one class, a: there is nothing to tell apart"))
            let none = failure(folder + "/none") { $0.allowsEmptyClasses = true }
            #expect(none.message.hasSuffix("none: no pictures of any class") && none.kind == .badData)
            try PictureFixtures.write(try pictures(["train/b"]), in: folder)
            let unmeasured = failure(folder + "/train", validation: folder + "/none") { $0.allowsEmptyClasses = true }
            #expect(unmeasured.message.hasSuffix("none: no pictures of any class"))
            #expect(try !check(folder + "/none") { $0.allowsEmptyClasses = true }.isAccepted)
        }
    }

    @Test func unknownClassesAreLeftOutIfThatIsAskedFor() throws {
        try PictureFixtures.withFolder { folder in
            try PictureFixtures.write(
                try pictures(["train/a", "train/b", "val/a", "val/b", "val/zebra"]), in: folder)
            let refused = failure(folder)
            #expect(refused.message.contains("classes that the training folder lacks: zebra"))
            #expect(refused.hint?.hasSuffix(", or leave them out with ignoresUnknownClasses") == true)
            let data = try load(folder) { $0.ignoresUnknownClasses = true }
            #expect(data.validation.classCounts == [3, 3])
            #expect(data.warnings == ["\(folder.filePath)/val: unknown classes are left out: zebra"])
            #expect(try check(folder) { $0.ignoresUnknownClasses = true }.isAccepted)
        }
    }

    // MARK: Tables

    private func write(_ rows: String, in folder: String) throws {
        var files: [String: [UInt8]] = ["labels.csv": Array(rows.utf8)]
        for i in 0..<12 { files["set/\(i).png"] = try Image(width: 9, height: 9, repeating: UInt8(20 * i)).png() }
        try PictureFixtures.write(files, in: folder)
    }

    @Test(arguments: ["", "picture,kind\n"]) func aTableSaysOfWhichClassesPicturesAre(_ headings: String) throws {
        try PictureFixtures.withFolder { folder in
            let rows = (0..<12).map { "\($0).png,\($0 % 2 == 0 ? "even" : "odd")\n" }
            try write(headings + rows.joined(), in: folder)
            let (set, table) = (folder + "/set", (folder + "/labels.csv").filePath)
            #expect(failure(set).hint?.contains("labels FILE.csv") == true)
            let data = try load(set) { $0.labels = table }
            #expect(data.train.classes == ["even", "odd"] && data.train.classCounts == [5, 5])
            #expect(data.validation.classCounts == [1, 1] && data.warnings.isEmpty)
            // The same pictures in class folders are divided in the same way.
            for i in 0..<12 {
                let file = try Image(width: 9, height: 9, repeating: UInt8(20 * i)).png()
                try PictureFixtures.write(["sorted/\(i % 2 == 0 ? "even" : "odd")/\(i).png": file], in: folder)
            }
            let sorted = try load(folder + "/sorted")
            #expect(
                sorted.validation.samples.map { $0.path.name }.sorted()
                    == data.validation.samples.map { $0.path.name }.sorted())
            let check = try check(set) { $0.labels = table }
            #expect(check.isAccepted && check.division?.validation.count == 2)
        }
    }

    @Test func aFolderForValidationMayHaveClassFolders() throws {
        try PictureFixtures.withFolder { folder in
            try write("0.png,a\n1.png,b\n2.png,a\n", in: folder)
            try PictureFixtures.write(try pictures(["held/a", "held/b"]), in: folder)
            let data = try load(folder + "/set", validation: folder + "/held") {
                $0.labels = (folder + "/labels.csv").filePath
            }
            #expect(data.train.classCounts == [2, 1] && data.validation.classCounts == [3, 3] && data.division == nil)
        }
    }

    @Test(arguments: [
        ("0.png,a\n1.png\n", "line 2 has 1 fields, line 1 has 2"), ("0.png,a\n1.png,\n", "line 2 has no label"),
        ("0.png,a\n\n0.png,b\n", "line 3 gives 0.png the label b, line 1 a"),
        ("0.png,a\n\"1.png,b\n", "line 2 has a quote that is never closed"),
        ("0.png\n", "line 1 has only one column; a file and its class are needed"),
    ])
    func aBadRowIsNamed(_ rows: String, _ says: String) throws {
        try PictureFixtures.withFolder { folder in
            try write(rows, in: folder)
            let refused = failure(folder + "/set") { $0.labels = (folder + "/labels.csv").filePath }
            #expect(refused.message.hasSuffix("labels.csv: \(says)") && refused.kind == .badData, "\(refused)")
        }
    }

    @Test func aTableThatCannotBeUsedIsAnError() throws {
        try PictureFixtures.withFolder { folder in
            try write("0.png,a\n1.png,a\n2.png,a\n", in: folder)
            func refused(_ name: String) -> Failure {
                failure(folder + "/set") { $0.labels = "\(folder)/\(name)".filePath }
            }
            #expect(refused("nowhere.csv").kind == .inputMissing)
            #expect(refused("set").kind == .badData)
            let lone = refused("labels.csv")
            #expect(lone.message.hasSuffix("only one class, a: there is nothing to tell apart"))
            #expect(lone.hint == "list pictures of another class in \("\(folder)/labels.csv".filePath)")
            #expect(failure(folder + "/none") { $0.labels = "\(folder)/labels.csv".filePath }.kind == .inputMissing)
        }
    }

    // MARK: Balance

    @Test func unevenClassesAreOfferedWhatMakesThemCount() throws {
        try PictureFixtures.withFolder { folder in
            var files = try pictures(["train/a"], count: 20)
            files.merge(try pictures(["train/b"], count: 1)) { $1 }
            files.merge(try pictures(["val/a", "val/b"], count: 1).mapValues { $0 + [0] }) { $1 }
            try PictureFixtures.write(files, in: folder)
            let data = try load(folder)
            let finding = try #require(data.findings.first { $0.kind == .balance })
            #expect(
                finding.message == "20 pictures of a, but 1 of b: the accuracy says little about small classes, the "
                    + "balanced accuracy does")
            OptionName.$areFlags.withValue(true) {
                var options = TrainingOptions()
                let both =
                    "classes count the same in the loss with --class-weights balanced, and in the choice of the best "
                #expect(data.warnings(for: options) == [both + "epoch with --metric balanced-accuracy"])
                options.classWeights = .balanced
                #expect(
                    data.warnings(for: options) == [
                        "classes count the same in the choice of the best epoch with --metric balanced-accuracy"
                    ])
                options.metric = .balancedAccuracy
                #expect(data.warnings(for: options).isEmpty)
            }
        }
    }
}
