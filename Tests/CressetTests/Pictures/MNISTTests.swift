import CressetData
import CressetVision
import Foundation
import Testing

@Suite struct MNISTTests {
    private let folder = TemporaryFolder()

    /// Two pictures of 2 by 3 pixels, 0 to 11, compressed with gzip.
    private let compressed: [UInt8] = [
        31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 99, 96, 224, 96, 102, 96, 96, 96, 130, 98, 102, 6, 70, 38, 102, 22, 86, 54,
        118,
        14, 78, 46, 110, 0, 120, 30, 35, 132, 28, 0, 0, 0,
    ]

    private func kind(_ bytes: [UInt8], axes: Int = 3) -> IDXError.Kind? {
        let path = folder.file("idx", bytes)
        do {
            _ = try IDXFile(path: path, axes: axes)
            return nil
        } catch {
            #expect(error.description.contains(path))
            return error.kind
        }
    }

    @Test func compressedOrNot() throws {
        let plain = idxFile([2, 2, 3], Array(0..<12))
        for bytes in [plain, compressed] {
            let file = try IDXFile(path: folder.file("f", bytes), axes: 3)
            #expect(file.lengths == [2, 2, 3] && file.bytes == Array(0..<12))
        }
    }

    @Test func damagedFiles() {
        let plain = idxFile([2, 2, 3], Array(0..<12))
        for length in 0..<plain.count { #expect(kind(Array(plain[..<length])) != nil, "\(length) bytes") }
        for length in 0..<compressed.count { #expect(kind(Array(compressed[..<length])) != nil, "\(length) bytes") }
        #expect(kind(plain + [0]) == .damaged)
        var wrong = compressed
        wrong[compressed.count - 6] ^= 1
        #expect(kind(wrong) == .damaged)
        #expect(kind(plain, axes: 1) == .malformed)
        #expect(kind([0, 0, 13, 3] + plain.dropFirst(4)) == .malformed)
    }

    @Test func claimsOfMoreThanThereIs() {
        #expect(kind(idxFile([1 << 31, 1 << 31, 1 << 31], [])) == .malformed)
        #expect(kind(idxFile([60000, 28, 28], [1, 2, 3])) == .malformed)
        #expect(kind(idxFile([0xFFFF_FFFF, 1, 1], [])) == .malformed)
        #expect(kind(Array("<html>not found</html>".utf8)) == .malformed)
    }

    @Test func oddFiles() {
        let path = folder.path + "/pipe"
        mkfifo(path, 0o600)
        #expect(throws: IDXError.self) { try IDXFile(path: path, axes: 3) }
        #expect(throws: IDXError.self) { try IDXFile(path: folder.path, axes: 3) }
        let missing = #expect(throws: IDXError.self) { try MNIST(folder: folder.path, .train) }
        #expect(missing?.kind == .missing && missing?.description.contains("hint:") == true)
    }

    @Test func partsOfAFolder() throws {
        _ = folder.file("t10k-images-idx3-ubyte", idxFile([10, 1, 2], (0..<20).map { UInt8($0 * 10) }))
        _ = folder.file("t10k-labels-idx1-ubyte", idxFile([10], Array(0..<10)))
        let (train, test) = try MNIST.load(folder: folder.path)
        #expect(train.count == 8 && test.count == 2 && test.labels == [8, 9])
        let batch = try DataLoader(test, batchSize: 2).batches().next()!
        #expect(batch.inputs.shape == [2, 1, 1, 2] && batch.labels.scalars(as: Int64.self) == [8, 9])
        let expected = [160, 170, 180, 190].map { (Float($0) / 255 - 0.1307) / 0.3081 }
        #expect(batch.inputs.scalars(as: Float.self) == expected)
    }

    @Test func labelsThatDoNotFit() throws {
        let images = folder.file("i", idxFile([2, 1, 1], [1, 2]))
        let three = #expect(throws: IDXError.self) {
            try MNIST(images: images, labels: folder.file("l", idxFile([3], [0, 1, 2])))
        }
        #expect(three?.kind == .mismatch)
        let eleven = #expect(throws: IDXError.self) {
            try MNIST(images: images, labels: folder.file("l", idxFile([2], [0, 11])))
        }
        #expect(eleven?.kind == .malformed && eleven?.description.contains("11 of sample 1") == true)
    }

    @Test func downloadChecksTheHash() throws {
        let name = "t10k-images-idx3-ubyte.gz"
        _ = folder.file(name, compressed)
        let error = #expect(throws: WeightsError.self) {
            try MNIST.download(into: folder.path, mirror: "http://127.0.0.1:9")
        }
        #expect(error?.kind == .damaged && error?.description.contains(name) == true)
    }
}
