import Cresset
import CressetData

/// What tells whether two files are the same picture: their bytes, and how they look.
package struct PictureFingerprint: Sendable, Hashable {
    /// The SHA-256 of the file.
    package let digest: String
    /// The picture in grey, 16 by 16 pixels, row by row; nil if it was not decoded.
    let thumbnail: [UInt8]?
    /// The sum of the thumbnail's pixels.
    let brightness: Int

    /// The bytes of a thumbnail.
    static let pixelCount = 256
    /// The difference in grey, of 255, that similar thumbnails have at most on average, and in any pixel. Copies at half the
    /// size, or compressed to a quality of 60, differ by less than 2 on average and 12 in any pixel.
    private static let (meanDifference, mostDifference) = (3, 16)
    /// How far the brightness of similar pictures may be apart.
    static let brightnessMargin = meanDifference * pixelCount

    /// What is compared of how a picture looks.
    static func thumbnail(of image: Image) -> [UInt8] {
        image.resized(width: 16, height: 16, interpolation: .box).grayscale().pixels
    }

    init(digest: String, thumbnail: [UInt8]?) {
        self.digest = digest
        self.thumbnail = thumbnail
        brightness = thumbnail.map { $0.reduce(0) { $0 + Int($1) } } ?? 0
    }

    /// Whether both show the same picture, perhaps resized or compressed again.
    func isSimilar(to other: PictureFingerprint) -> Bool {
        if digest == other.digest { return true }
        guard let thumbnail, let others = other.thumbnail else { return false }
        var sum = 0
        for (a, b) in zip(thumbnail, others) {
            let difference = Int(max(a, b) - min(a, b))
            sum += difference
            if difference > Self.mostDifference { return false }
        }
        return sum <= Self.brightnessMargin
    }
}

extension ImageFolder {
    /// The fingerprint of each sample; nil for files that cannot be read.
    ///
    /// - Parameters:
    ///   - looks: Whether pictures are decoded, to find similar ones.
    ///   - workers: The number of reading threads.
    func fingerprints(looks: Bool, workers: Int) -> [PictureFingerprint?] {
        var result = [PictureFingerprint?](repeating: nil, count: count)
        let reader = DataLoader(
            FingerprintReader(samples: samples, options: options, looks: looks), batchSize: 16, workers: workers)
        let batches = reader.batches()
        // The iteration fails only if nothing at all can be read; then there is nothing to tell.
        while let batch = (try? batches.next()) ?? nil {
            let digests = batch.inputs.scalars(as: UInt8.self)
            let thumbnails = batch.labels.scalars(as: UInt8.self)
            for (row, index) in batch.indices.enumerated() {
                let thumbnail = Array(thumbnails[row * 257..<(row + 1) * 257])
                result[index] = PictureFingerprint(
                    digest: String(decoding: digests[row * 64..<(row + 1) * 64], as: UTF8.self),
                    thumbnail: thumbnail[0] == 1 ? Array(thumbnail[1...]) : nil)
            }
        }
        return result
    }

    /// Groups of samples that show the same picture, by index; those that stand alone are groups too.
    static func groups(_ fingerprints: [PictureFingerprint?]) -> [[Int]] {
        var leaders = Array(fingerprints.indices)
        func leader(of index: Int) -> Int {
            var index = index
            while leaders[index] != index {
                leaders[index] = leaders[leaders[index]]
                index = leaders[index]
            }
            return index
        }
        func join(_ a: Int, _ b: Int) {
            let (a, b) = (leader(of: a), leader(of: b))
            if a != b { leaders[max(a, b)] = min(a, b) }
        }
        var firstOfDigest: [String: Int] = [:]
        var looking: [Int] = []
        for (index, fingerprint) in fingerprints.enumerated() {
            guard let fingerprint else { continue }
            if let first = firstOfDigest[fingerprint.digest] {
                join(first, index)
                continue
            }
            firstOfDigest[fingerprint.digest] = index
            if fingerprint.thumbnail != nil { looking.append(index) }
        }
        let equal = Dictionary(grouping: fingerprints.indices, by: leader)
        // Similar pictures are similarly bright.
        looking.sort { fingerprints[$0]!.brightness < fingerprints[$1]!.brightness }
        for (place, a) in looking.enumerated() {
            for b in looking[(place + 1)...] {
                if fingerprints[b]!.brightness - fingerprints[a]!.brightness > PictureFingerprint.brightnessMargin {
                    break
                }
                if fingerprints[a]!.isSimilar(to: fingerprints[b]!) { join(a, b) }
            }
        }
        let similar = Dictionary(grouping: fingerprints.indices, by: leader)
        // Where much looks alike, that is what the pictures are of: they are not copies.
        let mostCopies = max(10, fingerprints.count / 10)
        let groups = similar.values.flatMap { group in
            group.count <= mostCopies ? [group] : group.compactMap { equal[$0] }
        }
        return groups.sorted { $0[0] < $1[0] }
    }
}

/// Reads digests and thumbnails.
private struct FingerprintReader: Dataset {
    let samples: [ImageFolder.Sample]
    let options: ImageReadingOptions
    let looks: Bool
    var count: Int { samples.count }

    func read(_ index: Int, context: SampleContext, into sample: inout SampleWriter) throws {
        let path = samples[index].path
        let digest = try FileBytes(path).withBytes { sha256(of: Array($0)) }
        try sample.append(dtype: .uint8, shape: [64]) { $0.copyBytes(from: digest.utf8) }
        // A picture that cannot be decoded is compared by its bytes alone; whoever uses it will report it.
        let thumbnail =
            looks
            ? try? DecodedImage.reading(path, options: options) {
                PictureFingerprint.thumbnail(of: $0.image)
            } : nil
        try sample.append(dtype: .uint8, shape: [257]) { memory in
            memory[0] = thumbnail == nil ? 0 : 1
            for i in 0..<PictureFingerprint.pixelCount { memory[i + 1] = thumbnail?[i] ?? 0 }
        }
    }
}
