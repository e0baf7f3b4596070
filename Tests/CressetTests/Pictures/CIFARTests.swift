import CressetData
import CressetVision
import Testing

/// CIFAR's files in miniature: three pictures a file, in all the ways in which they are published.
@Suite struct CIFARTests {
    private static func pixels(_ number: Int) -> [UInt8] {
        (0..<3072).map { UInt8(truncatingIfNeeded: $0 * (number + 1) + $0 / 1024 * 50) }
    }

    /// A pickle as Python 2 and NumPy wrote it.
    private func pickle(_ numbers: Range<Int>, rows: Int? = nil, labels: [String: [Int]]) -> [UInt8] {
        var writer = PickleWriter()
        writer.bytes = [0x80, 2]
        writer.op("}")
        writer.op("(")
        text("data", to: &writer)
        writer.global("numpy.core.multiarray", "_reconstruct")
        writer.global("numpy", "ndarray")
        writer.bytes += [UInt8(ascii: "K"), 0, 0x85]
        text("b", to: &writer)
        writer.bytes += [0x87, UInt8(ascii: "R")]
        // (1, (rows, 3072), dtype('u1', 0, 1), False, bytes)
        writer.bytes += [UInt8(ascii: "("), UInt8(ascii: "K"), 1, UInt8(ascii: "K"), UInt8(rows ?? numbers.count)]
        writer.bytes += [UInt8(ascii: "M"), 0, 12, 0x86]
        writer.global("numpy", "dtype")
        text("u1", to: &writer)
        writer.bytes += [UInt8(ascii: "K"), 0, UInt8(ascii: "K"), 1, 0x87, UInt8(ascii: "R")]
        writer.bytes += [UInt8(ascii: "("), UInt8(ascii: "K"), 3]
        text("|", to: &writer)
        writer.bytes += [UInt8(ascii: "t"), UInt8(ascii: "b"), 0x89]
        let data = numbers.flatMap { Self.pixels($0) }
        writer.bytes += [UInt8(ascii: "T")] + littleEndianBytes(Int32(data.count)) + data
        writer.bytes += [UInt8(ascii: "t"), UInt8(ascii: "b")]
        for (key, values) in labels.sorted(by: { $0.key < $1.key }) {
            text(key, to: &writer)
            writer.bytes += [UInt8(ascii: "]"), UInt8(ascii: "(")]
            for value in values {
                writer.bytes +=
                    value < 0
                    ? [UInt8(ascii: "J")] + littleEndianBytes(Int32(value)) : [UInt8(ascii: "K"), UInt8(value)]
            }
            writer.op("e")
        }
        writer.op("u")
        writer.stop()
        return writer.bytes
    }

    /// A string of Python 2.
    private func text(_ text: String, to writer: inout PickleWriter) {
        writer.bytes += [UInt8(ascii: "U"), UInt8(text.utf8.count)] + Array(text.utf8)
    }

    private static let classes = (0..<10).map { "class \($0)" }

    private func names(_ key: String, _ values: [String]) -> [UInt8] {
        var writer = PickleWriter()
        writer.bytes = [0x80, 2]
        writer.bytes += [UInt8(ascii: "}"), UInt8(ascii: "(")]
        text(key, to: &writer)
        writer.bytes += [UInt8(ascii: "]"), UInt8(ascii: "(")]
        for value in values { text(value, to: &writer) }
        writer.bytes += [UInt8(ascii: "e"), UInt8(ascii: "u")]
        writer.stop()
        return writer.bytes
    }

    private func check(_ data: CIFAR, numbers: Range<Int>, labels: [UInt8], classes: [String]) throws {
        #expect(data.count == numbers.count && data.labels == labels && data.classes == classes)
        for (index, number) in numbers.enumerated() {
            let pixels = Self.pixels(number), image = data.image(index)
            #expect(image[5, 7] == [pixels[7 * 32 + 5], pixels[1024 + 7 * 32 + 5], pixels[2048 + 7 * 32 + 5]])
        }
        let batch = try #require(try DataLoader(data, batchSize: 2).batches().next())
        #expect(batch.inputs.shape == [2, 3, 32, 32] && batch.inputs.dtype == .float32)
        #expect(batch.labels.scalars(as: UInt8.self) == Array(labels.prefix(2)))
    }

    @Test func tenInEveryForm() throws {
        var files: [(name: String, bytes: [UInt8])] = []
        for i in 0..<5 {
            files.append(("data_batch_\(i + 1)", pickle(3 * i..<3 * i + 3, labels: ["labels": [i, 1, 9]])))
        }
        files.append(("test_batch", pickle(20..<23, labels: ["labels": [3, 4, 5]])))
        files.append(("batches.meta", names("label_names", Self.classes)))
        let trainLabels = (0..<5).flatMap { (label: UInt8) -> [UInt8] in [label, 1, 9] }
        try PictureFixtures.withFolder { folder in
            let named = files.map { (name: "cifar-10-batches-py/" + $0.name, bytes: $0.bytes) }
            try PictureFixtures.write(Dictionary(uniqueKeysWithValues: named.map { ($0.name, $0.bytes) }), in: folder)
            try PictureFixtures.write(["ten.tar.gz": ArchiveTests.gzip(tar(named))], in: folder)
            for path in [folder, folder + "/cifar-10-batches-py", folder + "/ten.tar.gz"] {
                try check(
                    CIFAR(path, .ten, .train, verifies: false), numbers: 0..<15, labels: trainLabels,
                    classes: Self.classes)
                try check(
                    CIFAR(path, .ten, .test, verifies: false), numbers: 20..<23, labels: [3, 4, 5],
                    classes: Self.classes)
            }
            let error = #expect(throws: ArchiveError.self) { try CIFAR(folder, .ten, .test) }
            #expect(error?.problem == "test_batch is not the published file: its MD5 is another")
            let absent = #expect(throws: ArchiveError.self) { try CIFAR(folder, .hundred, .test) }
            #expect(absent?.kind == .missing)
        }
    }

    @Test func hundredAndBinary() throws {
        let labels = ["fine_labels": [99, 3, 0], "coarse_labels": [19, 1, 2]]
        let fine = (0..<100).map { "kind \($0)" }
        var (binary, ten): ([UInt8], [UInt8]) = ([], [])
        for i in 0..<3 {
            binary += [UInt8(labels["coarse_labels"]![i]), UInt8(labels["fine_labels"]![i])] + Self.pixels(i)
            if i < 2 { ten += [UInt8(7 + i)] + Self.pixels(i) }
        }
        try PictureFixtures.withFolder { folder in
            try PictureFixtures.write(
                [
                    "py/train": pickle(0..<3, labels: labels), "bin/train.bin": binary, "ten/test_batch.bin": ten,
                    "bin/fine_label_names.txt": Array(fine.joined(separator: "\n").utf8),
                    "bin/coarse_label_names.txt": Array(fine.prefix(20).joined(separator: "\r\n").utf8),
                ], in: folder)
            for (place, classes) in [("/py", []), ("/bin", fine)] as [(String, [String])] {
                try check(
                    CIFAR(folder + place, .hundred, .train, verifies: false), numbers: 0..<3, labels: [99, 3, 0],
                    classes: classes)
                let coarse = try CIFAR(folder + place, .hundredCoarse, .train, verifies: false)
                #expect(coarse.labels == [19, 1, 2])
            }
            try check(
                CIFAR(folder + "/ten", .ten, .test, verifies: false), numbers: 0..<2, labels: [7, 8], classes: [])
            let error = #expect(throws: ArchiveError.self) { try CIFAR(folder + "/ten", .ten, .test) }
            #expect(error?.problem == "test_batch.bin has 6146 bytes, not 10000 records of 3073")
        }
    }

    @Test func wrongFilesAreRefused() throws {
        func problem(_ file: [UInt8]) throws -> ArchiveError? {
            try PictureFixtures.withFolder { folder in
                try PictureFixtures.write(["test_batch": file], in: folder)
                return #expect(throws: ArchiveError.self) { try CIFAR(folder, .ten, .test, verifies: false) }
            }
        }
        #expect(
            try problem(pickle(0..<3, labels: ["labels": [1, 2, 10]]))?.problem.contains("the label 10 of 10") == true)
        #expect(
            try problem(pickle(0..<3, labels: ["labels": [1, 2, -1]]))?.problem.contains("the label -1 of 10") == true)
        #expect(try problem(pickle(0..<3, labels: ["labels": [1, 2]]))?.kind == .malformed)
        try PictureFixtures.withFolder { folder in
            try PictureFixtures.write(
                [
                    "test_batch": pickle(0..<3, labels: ["labels": [1, 2, 3]]),
                    "batches.meta": names("label_names", ["a"]),
                ],
                in: folder)
            let error = #expect(throws: ArchiveError.self) { try CIFAR(folder, .ten, .test, verifies: false) }
            #expect(error?.problem == "names 1 classes, but has the label 3")
        }
        #expect(try problem(pickle(0..<3, rows: 4, labels: ["labels": [1, 2, 3, 4]]))?.kind == .malformed)
        #expect(try problem(Array(pickle(0..<3, labels: ["labels": [1, 2, 3]]).dropLast(2000)))?.kind == .malformed)
        #expect(try problem([])?.kind == .malformed)
        var hostile = PickleWriter()
        hostile.bytes = [0x80, 2]
        hostile.global("os", "system")
        text("true", to: &hostile)
        hostile.bytes += [0x85, UInt8(ascii: "R")]
        hostile.stop()
        #expect(
            try problem(hostile.bytes)?.problem.contains("refused: loading it in Python would call os.system") == true)
    }
}
