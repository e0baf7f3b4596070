import Cresset
import CressetData
import CressetVision
import Testing

/// An IDX file of bytes.
func idxFile(_ lengths: [Int], _ bytes: [UInt8]) -> [UInt8] {
    let head: [UInt8] = [0, 0, 8, UInt8(lengths.count)]
    return head
        + lengths.flatMap { length in stride(from: 24, through: 0, by: -8).map { UInt8(length >> $0 & 255) } } + bytes
}

/// The collections that follow MNIST, where torchvision 0.29.2 keeps them; labels and pixels as it gives them.
@Suite struct IDXDatasetTests {
    /// Two pictures of 2 by 3 pixels.
    private func write(_ prefix: String, labels: [UInt8], in folder: String) throws {
        try PictureFixtures.write(
            [
                prefix + "-images-idx3-ubyte": idxFile([2, 2, 3], (0..<12).map { $0 * 20 }),
                prefix + "-labels-idx1-ubyte": idxFile([2], labels),
            ], in: folder)
    }

    private func values(_ data: some IDXDataset) throws -> (shape: Shape, pixels: [Float], labels: [Int64]) {
        let batch = try DataLoader(data, batchSize: 2).batches().next()!
        return (
            batch.inputs.shape, batch.inputs.scalars(as: Float.self), batch.labels.scalars(as: Int64.self)
        )
    }

    @Test func foldersAndClassesAreTorchvisions() throws {
        try PictureFixtures.withFolder { root in
            try write("FashionMNIST/raw/train", labels: [9, 1], in: root)
            try write("KMNIST/raw/t10k", labels: [0, 9], in: root)
            let fashion = try FashionMNIST(folder: root, .train)
            #expect(fashion.labels.map { fashion.classes[Int($0)] } == ["Ankle boot", "Trouser"])
            #expect(fashion.rows == 2 && fashion.columns == 3)
            let read = try values(fashion)
            #expect(read.shape == [2, 1, 2, 3] && read.labels == [9, 1])
            #expect(read.pixels == (0..<12).map { Float($0 * 20) / 255 })
            let characters = try KMNIST(folder: root + "/KMNIST/raw", .test, mean: 0.5, deviation: 0.25)
            #expect(characters.labels.map { characters.classes[Int($0)] } == ["o", "wo"])
            #expect(try values(characters).pixels[3] == (Float(60) / 255 - 0.5) / 0.25)
            // Each in its own folder: the files of MNIST and of these have the same names.
            #expect(throws: IDXError.self) { try MNIST(folder: root, .train) }
            try write("MNIST/raw/train", labels: [3, 4], in: root)
            #expect(try MNIST(folder: root, .train).labels == [3, 4])
        }
    }

    @Test func lettersAreNumberedFromOne() throws {
        try PictureFixtures.withFolder { root in
            try write("EMNIST/raw/emnist-letters-test", labels: [1, 26], in: root)
            let letters = try EMNIST(folder: root, .letters, .test)
            #expect(letters.labels == [1, 26] && letters.labels.map { letters.classes[Int($0)] } == ["a", "z"])
            #expect(letters.classes.count == 27 && letters.classes[0] == "N/A")
            // Rows and columns are exchanged in the files.
            #expect(letters.picture(0).transposed(1, 2).scalars(as: Float.self)[1] == Float(60) / 255)
            try write("emnist-balanced-train", labels: [36, 46], in: root)
            let balanced = try EMNIST(folder: root, .balanced, .train)
            #expect(balanced.classes.count == 47 && balanced.labels.map { balanced.classes[Int($0)] } == ["a", "t"])
            try write("emnist-byclass-train", labels: [10, 61], in: root)
            let all = try EMNIST(folder: root, .byClass, .train)
            #expect(all.classes.count == 62 && all.labels.map { all.classes[Int($0)] } == ["A", "z"])
        }
    }

    @Test func whatIsMissingOrDoesNotFitIsNamed() throws {
        try PictureFixtures.withFolder { root in
            let missing = #expect(throws: IDXError.self) { try EMNIST(folder: root, .mnist, .train) }
            #expect(missing?.kind == .missing && missing?.hint?.contains("nist.gov") == true)
            #expect(
                missing?.problem.contains("emnist-mnist-train-images-idx3-ubyte.gz, also not in EMNIST/raw") == true)
            try write("FashionMNIST/raw/train", labels: [9, 10], in: root)
            let label = #expect(throws: IDXError.self) { try FashionMNIST(folder: root, .train) }
            #expect(label?.problem.hasSuffix("label 10 of sample 1 is not from 0 to 9") == true)
        }
    }
}
