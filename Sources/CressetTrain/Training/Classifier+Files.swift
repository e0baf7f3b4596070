import CressetData
import CressetVision
import Synchronization

extension Classifier {
    /// Classifies picture files in batches, which threads read ahead.
    ///
    /// *Throws* any error that `body` throws, and ``Failure`` if the network's output is not finite.
    ///
    /// - Parameters:
    ///   - paths: The picture files.
    ///   - count: The number of classes to name for each picture, the likeliest first.
    ///   - workers: The number of reading threads.
    ///   - suspicion: Called before `body` for each file that could be read but is odd, with the reason.
    ///   - body: Called for each file, in order; with the reason if the picture could not be read.
    public func predict(
        _ paths: [FilePath], count: Int = 1, workers: Int = 2,
        suspicion: (FilePath, String) throws -> Void = { _, _ in },
        _ body: (FilePath, Result<[Guess], ImageFileError>) throws -> Void
    ) throws {
        let files = PictureFiles(paths: paths, transform: record.preprocessing.evaluation, options: reading)
        let batches = DataLoader(files, batchSize: batchSize(for: paths.count), workers: workers).batches()
        var next = 0
        func report(_ end: Int) throws {
            for index in next..<end { try body(paths[index], .failure(files.reason(index))) }
            next = end
        }
        do {
            while let batch = try batches.next() {
                let answers = try guesses(batch.inputs, count: count) { "\(paths[batch.indices[$0]])" }
                for (index, guesses) in zip(batch.indices, answers) {
                    try report(index)
                    if let reason = files.suspicion(index) { try suspicion(paths[index], reason) }
                    try body(paths[index], .success(guesses))
                    next = index + 1
                }
            }
        } catch DataLoaderError.allSamplesBad {
            // Each failure is reported below.
        }
        try report(paths.count)
    }

    /// As many pictures as have the pixels of sixteen pictures of ImageNet's size.
    func batchSize(for count: Int) -> Int {
        let side = record.preprocessing.cropSize
        return max(min(count, 16 * 224 * 224 / (side * side)), 1)
    }
}

/// The pictures of files, prepared for a network; if one could not be read, or is odd, the reason is kept.
private final class PictureFiles: Dataset {
    private let paths: [FilePath]
    private let transform: Compose
    private let options: ImageReadingOptions
    private let reasons = Mutex<[Int: ImageFileError]>([:])
    private let suspicions = Mutex<[Int: String]>([:])

    init(paths: [FilePath], transform: Compose, options: ImageReadingOptions) {
        self.paths = paths
        self.transform = transform
        self.options = options
    }

    var count: Int { paths.count }

    func reason(_ index: Int) -> ImageFileError {
        reasons.withLock { $0[index] } ?? ImageFileError(path: paths[index], reason: .unsuitable("it was not read"))
    }

    func suspicion(_ index: Int) -> String? { suspicions.withLock { $0[index] } }

    func read(_ index: Int, context: SampleContext, into sample: inout SampleWriter) throws {
        do {
            try DecodedImage.reading(paths[index], options: options, before: NextStep(transform)) { decoded in
                if let reason = decoded.suspicion { suspicions.withLock { $0[index] = reason } }
                let picture = try transform(decoded.image)
                try sample.append(picture)
            }
        } catch let error as ImageFileError {
            reasons.withLock { $0[index] = error }
            throw error
        }
    }
}
