import Cresset
import CressetData

/// Handwritten digits: grey pictures of 28 by 28 pixels, each with the digit it shows.
///
/// ```swift
/// let (train, test) = try MNIST.load(folder: "data/mnist")
/// let loader = DataLoader(train, batchSize: 100, shuffles: true, seed: 1)
/// ```
///
/// A sample is a picture, (1, rows, columns) float32, and its digit, int64.
/// *Source*: LeCun, Cortes, Burges, "The MNIST database of handwritten digits".
public struct MNIST: IDXDataset {
    /// One of the two parts that the digits are published in.
    public enum Part: String, Sendable, CaseIterable {
        case train
        case test = "t10k"
    }

    public let contents: IDXPictures

    /// Reads a part of the published files, compressed (`.gz`) or not.
    ///
    /// - Parameters:
    ///   - folder: The folder with the four files, or the one in which torchvision keeps them in `MNIST/raw`.
    ///   - part: Training or test.
    ///   - mean: The mean brightness of all pixels of the training pictures.
    ///   - deviation: The standard deviation of the same.
    /// - Throws: ``IDXError``.
    public init(
        folder: some PathConvertible, _ part: Part, mean: Float = 0.1307, deviation: Float = 0.3081
    ) throws(IDXError) {
        let names = IDXPictures.Names(
            folder: "MNIST", prefix: part.rawValue,
            hint: "MNIST.download(into:) downloads the files from \(MNIST.mirror)")
        contents = try IDXPictures(
            folder: folder.filePath, names, classes: MNIST.names, mean: mean, deviation: deviation)
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
        contents = try IDXPictures(
            images: images.filePath, labels: labels.filePath, classes: MNIST.names, mean: mean, deviation: deviation)
    }

    private init(_ contents: IDXPictures) { self.contents = contents }

    public var classes: [String] { MNIST.names }

    private static let names = [
        "0 - zero", "1 - one", "2 - two", "3 - three", "4 - four", "5 - five", "6 - six", "7 - seven", "8 - eight",
        "9 - nine",
    ]

    /// Only the samples of `range`. Traps if it extends beyond the last.
    public subscript(range: Range<Int>) -> MNIST { MNIST(contents[range]) }

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
