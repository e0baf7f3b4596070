import Cresset
import CressetData
import Glibc

/// Handwritten digits: grey pictures of 28 by 28 pixels, each with the digit it shows.
///
/// ```swift
/// let (train, test) = try MNIST.load(folder: "data/mnist")
/// let loader = DataLoader(train, batchSize: 100, shuffles: true, seed: 1)
/// ```
///
/// A sample is a picture, (1, rows, columns) float32, and its digit, int64.
/// *Source*: LeCun, Cortes, Burges, "The MNIST database of handwritten digits".
public struct MNIST: Dataset {
    /// One of the two parts that the digits are published in.
    public enum Part: String, Sendable, CaseIterable {
        case train
        case test = "t10k"
    }

    public let rows, columns: Int
    /// The digit of each picture.
    public let labels: [UInt8]
    private let pixels: [UInt8]
    private let first: Int
    /// Subtracted from each pixel's brightness (0 to 1), which is then divided by the deviation.
    public let mean, deviation: Float

    public var count: Int { labels.count }

    /// Reads a part from a folder with the published files, compressed (`.gz`) or not.
    ///
    /// - Parameters:
    ///   - folder: The folder with the four files.
    ///   - part: Training or test.
    ///   - mean: The mean brightness of all pixels of the training pictures.
    ///   - deviation: The standard deviation of the same.
    /// - Throws: ``IDXError``.
    public init(
        folder: some PathConvertible, _ part: Part, mean: Float = 0.1307, deviation: Float = 0.3081
    ) throws(IDXError) {
        let folder = folder.filePath
        let (imagePath, labelPath) = (
            try Self.path(folder, "\(part.rawValue)-images-idx3-ubyte"),
            try Self.path(folder, "\(part.rawValue)-labels-idx1-ubyte")
        )
        try self.init(images: imagePath, labels: labelPath, mean: mean, deviation: deviation)
    }

    /// Reads two IDX files, compressed or not.
    ///
    /// - Parameters:
    ///   - images: The pictures.
    ///   - labels: The digit of each picture.
    ///   - mean: The mean subtracted from each pixel, from 0 to 1.
    ///   - deviation: The deviation by which each pixel is then divided.
    /// - Throws: ``IDXError``, including if the files differ in their number of samples or a label is not a digit.
    public init(
        images: some PathConvertible, labels: some PathConvertible, mean: Float = 0.1307, deviation: Float = 0.3081
    ) throws(IDXError) {
        let (images, labels) = (images.filePath, labels.filePath)
        let pictures = try IDXFile(path: images, axes: 3)
        let digits = try IDXFile(path: labels, axes: 1)
        guard pictures.lengths[0] == digits.lengths[0] else {
            throw IDXError(
                .mismatch, "\(images) has \(pictures.lengths[0]) pictures, \(labels) \(digits.lengths[0]) labels",
                hint: "both must come from the same part of the data")
        }
        guard pictures.lengths[0] > 0, pictures.lengths[1] > 0, pictures.lengths[2] > 0 else {
            throw IDXError(.malformed, "\(images): contains no pictures")
        }
        if let index = digits.bytes.firstIndex(where: { $0 > 9 }) {
            throw IDXError(.malformed, "\(labels): label \(digits.bytes[index]) of sample \(index) is not a digit")
        }
        self.init(pictures, digits.bytes, first: 0, mean: mean, deviation: deviation)
    }

    private init(_ pictures: IDXFile, _ labels: [UInt8], first: Int, mean: Float, deviation: Float) {
        rows = pictures.lengths[1]
        columns = pictures.lengths[2]
        pixels = pictures.bytes
        self.labels = labels
        self.first = first
        self.mean = mean
        self.deviation = deviation
    }

    private init(_ whole: MNIST, range: Range<Int>) {
        rows = whole.rows
        columns = whole.columns
        pixels = whole.pixels
        labels = Array(whole.labels[range])
        first = whole.first + range.lowerBound
        mean = whole.mean
        deviation = whole.deviation
    }

    /// Only the samples of `range`. Traps if it extends beyond the last.
    public subscript(range: Range<Int>) -> MNIST { MNIST(self, range: range) }

    /// The two parts of a folder.
    ///
    /// A folder with only the test part is split: four fifths for training, the last fifth for testing.
    ///
    /// - Parameter folder: The folder with the four files.
    /// - Throws: ``IDXError``.
    public static func load(folder: some PathConvertible) throws(IDXError) -> (train: MNIST, test: MNIST) {
        let test = try MNIST(folder: folder, .test)
        do {
            return (try MNIST(folder: folder, .train), test)
        } catch  where error.kind == .missing {
            guard test.count >= 5 else { throw error }
            let cut = test.count / 5 * 4
            return (test[0..<cut], test[cut..<test.count])
        }
    }

    public func read(_ index: Int, context: SampleContext, into sample: inout SampleWriter) throws {
        try sample.append(picture(index))
        try sample.append(label: Int(labels[index]))
    }

    /// A picture, (1, rows, columns) float32.
    ///
    /// - Parameter index: The number of the sample, from 0.
    public func picture(_ index: Int) -> Tensor {
        let start = (first + index) * rows * columns
        let values = pixels[start..<start + rows * columns].map { (Float($0) / 255 - mean) / deviation }
        return Tensor(values, shape: [1, rows, columns], device: .cpu)
    }

    private static func path(_ folder: FilePath, _ name: String) throws(IDXError) -> FilePath {
        for path in [folder.appending(name), folder.appending(name + ".gz")]
        where SystemFiles.exists(path) {
            return path
        }
        throw IDXError(
            .missing, "\(folder): there is neither \(name) nor \(name).gz",
            hint: "MNIST.download(into:) downloads the files from \(mirror)")
    }
}

extension MNIST {
    /// The address from which programs may download the files.
    public static let mirror = "https://ossci-datasets.s3.amazonaws.com/mnist"

    /// The published files with their SHA-256.
    static let published = [
        "train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        "t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        "t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
    ]

    /// Downloads the files that are not yet in `folder`, and checks each against its published hash.
    ///
    /// - Parameters:
    ///   - folder: The destination folder.
    ///   - mirror: The address of the folder in which the files are published.
    ///   - progress: Called while bytes arrive, on the thread that waits for them.
    /// - Throws: ``WeightsError``, which says how to get the files by hand if they cannot be downloaded.
    public static func download(
        into folder: some PathConvertible, mirror: String = MNIST.mirror,
        progress: (@Sendable (DownloadProgress) -> Void)? = nil
    ) throws(WeightsError) {
        let environment = WeightsCache()
        let cache = WeightsCache(folder: folder, server: mirror, isOffline: environment.isOffline)
        // The largest is 9.9 MB.
        for (name, hash) in published.sorted(by: { $0.key < $1.key }) {
            _ = try cache.file(named: name, sha256: hash, byteLimit: 12_000_000, progress: progress)
        }
    }
}
