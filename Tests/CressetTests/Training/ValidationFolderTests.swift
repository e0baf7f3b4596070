import CressetTrain
import CressetVision
import Testing

/// Validation pictures that are elsewhere, and what is said of those that choose the best epoch.
@Suite struct ValidationFolderTests {
    private func write(_ places: [String], in folder: String) throws {
        var files: [String: [UInt8]] = [:]
        for (number, place) in places.enumerated() {
            for i in 0..<3 {
                files["\(place)/\(i).png"] = try Image(width: 9, height: 9, repeating: UInt8(10 * number + i)).png()
            }
        }
        try PictureFixtures.write(files, in: folder)
    }

    private func load(_ folder: String, _ validation: String, share: Double? = nil) throws -> TrainingData {
        try TrainingData(folder, validation: validation, preprocessing: Preprocessing(), validationShare: share)
    }

    private func failure(_ folder: String, _ validation: String, share: Double? = nil) -> Failure {
        do {
            _ = try load(folder, validation, share: share)
            return Failure("nothing failed", kind: .bug)
        } catch { return Failure(error) }
    }

    @Test(arguments: ["set", "set/train"]) func aFolderElsewhereIsUsed(_ name: String) throws {
        try PictureFixtures.withFolder { folder in
            try write(["set/train/a", "set/train/b", "set/val/a", "set/val/b", "held/a", "held/b"], in: folder)
            let data = try load("\(folder)/\(name)", folder + "/held")
            #expect(data.train.count == 6 && data.validation.count == 6 && data.division == nil)
            #expect(data.validation.root == "\(folder)/held".filePath && data.train.root.name == "train")
            let set = folder.filePath.appending("set"), held = folder.filePath.appending("held")
            #expect(data.warnings == (name == "set" ? ["\(set)/val is not used, but \(held)"] : []))
            #expect(try load("\(folder)/\(name)", folder + "/set/val").warnings.isEmpty)
            #expect(failure("\(folder)/\(name)", folder + "/held", share: 0.3).kind == .usage)
        }
    }

    @Test func classesMustMatch() throws {
        try PictureFixtures.withFolder { folder in
            try write(["set/a", "set/b", "held/a", "held/c"], in: folder)
            let unknown = failure(folder + "/set", folder + "/held")
            #expect(unknown.kind == .badData)
            #expect(unknown.message.hasSuffix("classes that the training folder lacks: c (it has a, b)"))
            try write(["some/b"], in: folder)
            let data = try load(folder + "/set", folder + "/some")
            #expect(data.validation.classCounts == [0, 3])
            #expect(
                data.warnings.contains(
                    "no validation pictures of a: the accuracy does not say whether this class is recognised"))
        }
    }

    @Test func theFoldersMustBeApart() throws {
        try PictureFixtures.withFolder { folder in
            try write(["set/a", "set/b", "set/held/a", "outer/train/a", "outer/train/b"], in: folder)
            for (data, validation, relation) in [
                ("set", "set", "holds the pictures for training"),
                ("set", "set/held", "is inside the folder for training"),
                ("outer", "outer", "contains the folder for training"), ("outer", "outer/train", "holds the pictures"),
            ] {
                let refused = failure("\(folder)/\(data)", "\(folder)/\(validation)")
                #expect(refused.kind == .usage && refused.message.contains(relation), "\(refused)")
            }
            #expect(failure(folder + "/set", folder + "/nowhere").kind == .inputMissing)
            #expect(failure(folder + "/nowhere", folder + "/set").kind == .inputMissing)
        }
    }

    @Test func choosingByTestIsSaid() throws {
        try PictureFixtures.withFolder { folder in
            try write(["train/a", "train/b", "test/a", "test/b"], in: folder)
            let data = try TrainingData(folder, preprocessing: Preprocessing())
            let path = folder.filePath
            #expect(
                data.warnings == [
                    "there is no \(path)/val; \(path)/test is used instead",
                    "the best epoch is chosen by the pictures of test, which are therefore no fair test any more: keep some "
                        + "apart as val",
                ])
            #expect(data.isChosenByTest)
            try write(["val/a", "val/b"], in: folder)
            #expect(try TrainingData(folder, preprocessing: Preprocessing()).isChosenByTest == false)
        }
    }
}
