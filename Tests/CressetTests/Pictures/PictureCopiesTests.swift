import CressetData
import CressetTrain
import CressetVision
import Testing

/// Equal files on both sides, or under two labels, are named.
@Suite struct PictureCopiesTests {
    private func picture(_ value: Int) throws -> [UInt8] {
        try Image(width: 9, height: 9, repeating: UInt8(value)).png()
    }

    @Test func copiesBetweenPartsAndClassesAreNamed() throws {
        try PictureFixtures.withFolder { folder in
            var files: [String: [UInt8]] = [:]
            for i in 0..<5 {
                files["train/a/\(i).png"] = try picture(i)
                files["train/b/\(i).png"] = try picture(100 + i)
                files["val/a/\(i).png"] = try picture(i)
            }
            files["val/b/1.png"] = try picture(200)
            files["val/b/2.png"] = try picture(4)
            try PictureFixtures.write(files, in: folder)
            let data = try TrainingData(folder, preprocessing: Preprocessing())
            let copies = PictureCopies(data.train, data.validation, workers: 2)
            #expect(copies.betweenParts.count == 6 && copies.betweenClasses.count == 1)
            #expect(data.warnings.suffix(2) == copies.warnings.suffix(2) && copies.warnings.count == 2)
            let path = folder.filePath
            #expect(
                copies.warnings == [
                    "6 validation pictures are also for training (\(path)/val/a/0.png is \(path)/train/a/0.png, "
                        + "\(path)/val/a/1.png is \(path)/train/a/1.png, \(path)/val/a/2.png is \(path)/train/a/2.png "
                        + "and 3 more): what was learnt by heart makes the accuracy too high",
                    "1 picture is in two classes (\(path)/val/b/2.png is \(path)/train/a/4.png): one of the labels is wrong",
                ])
        }
    }

    /// Where the pictures are divided here, copies stay on one side; two labels are still said.
    @Test func copiesInAFolderThatIsDivided() throws {
        try PictureFixtures.withFolder { folder in
            var files: [String: [UInt8]] = [:]
            for i in 0..<10 {
                files["a/\(i).png"] = try picture(25 * i)
                files["b/\(i).png"] = try picture(25 * i + 12)
            }
            files["b/x.png"] = files["a/3.png"]
            try PictureFixtures.write(files, in: folder)
            let data = try TrainingData(folder, preprocessing: Preprocessing())
            let copies = PictureCopies(data.train, data.validation, workers: 1)
            #expect(copies.betweenParts.isEmpty && copies.betweenClasses.map { $0.path.name } == ["x.png"])
            #expect(data.warnings == copies.warnings)
        }
    }

    @Test func differentFilesOfOneSizeAreNoCopies() throws {
        try PictureFixtures.withFolder { folder in
            let start = Array("P5 2 2 255\n".utf8)
            try PictureFixtures.write(
                [
                    "train/a/1.pgm": start + [1, 2, 3, 4], "train/b/1.pgm": start + [1, 2, 3, 5],
                    "val/a/1.pgm": start + [2, 2, 3, 4], "val/b/1.pgm": start + [3, 2, 3, 4],
                ], in: folder)
            #expect(try TrainingData(folder, preprocessing: Preprocessing()).warnings.isEmpty)
        }
    }
}
