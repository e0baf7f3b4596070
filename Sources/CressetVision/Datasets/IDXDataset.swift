import Cresset
import CressetData

/// Small grey pictures with a class each, published in IDX files: ``MNIST`` and the collections that follow it.
///
/// A sample is a picture, (1, rows, columns) float32, and its class index, int64.
public protocol IDXDataset: Dataset {
    /// All pictures with their labels.
    var contents: IDXPictures { get }
    /// The class names, as torchvision has them; a label is an index into them.
    var classes: [String] { get }
}

extension IDXDataset {
    /// The number of pictures.
    public var count: Int { contents.labels.count }
    /// The class index of each picture.
    public var labels: [UInt8] { contents.labels }
    /// The height of the pictures.
    public var rows: Int { contents.rows }
    /// The width of the pictures.
    public var columns: Int { contents.columns }
    /// Subtracted from each pixel's brightness (0 to 1), which is then divided by ``deviation``.
    public var mean: Float { contents.mean }
    /// What each pixel's brightness less ``mean`` is divided by.
    public var deviation: Float { contents.deviation }

    /// A picture, (1, rows, columns) float32.
    ///
    /// - Parameter index: The number of the sample, from 0.
    public func picture(_ index: Int) -> Tensor { contents.picture(index) }

    public func read(_ index: Int, context: SampleContext, into sample: inout SampleWriter) throws {
        try sample.append(picture(index))
        try sample.append(label: Int(labels[index]))
    }
}

/// The contents of two IDX files that belong together: pictures and their labels.
public struct IDXPictures: Sendable {
    /// The height and the width of the pictures.
    public let rows, columns: Int
    /// The class index of each picture.
    public let labels: [UInt8]
    /// Subtracted from each pixel's brightness (0 to 1), which is then divided by the deviation.
    public let mean, deviation: Float
    private let pixels: [UInt8]
    private let first: Int

    /// How a collection names its files, and where they are to be had.
    struct Names {
        /// torchvision's folder below the root.
        let folder: String
        /// What the names of a part's files begin with.
        let prefix: String
        /// What to do if they are missing.
        let hint: String
    }

    /// Reads the files of a part, compressed (`.gz`) or not: those in torchvision's folder, such as `MNIST/raw`, else
    /// those in `folder` itself.
    init(
        folder: FilePath, _ names: Names, classes: [String], mean: Float, deviation: Float
    ) throws(IDXError) {
        let places = [folder.appending(names.folder).appending("raw"), folder]
        func path(_ file: String) throws(IDXError) -> FilePath {
            for path in places.flatMap({ [$0.appending(file), $0.appending(file + ".gz")] })
            where SystemFiles.exists(path) {
                return path
            }
            throw IDXError(
                .missing, "\(folder): there is neither \(file) nor \(file).gz, also not in \(names.folder)/raw",
                hint: names.hint)
        }
        try self.init(
            images: path("\(names.prefix)-images-idx3-ubyte"), labels: path("\(names.prefix)-labels-idx1-ubyte"),
            classes: classes, mean: mean, deviation: deviation)
    }

    /// Reads two files, compressed or not.
    init(
        images: FilePath, labels: FilePath, classes: [String], mean: Float, deviation: Float
    ) throws(IDXError) {
        let pictures = try IDXFile(path: images, axes: 3)
        let list = try IDXFile(path: labels, axes: 1)
        guard pictures.lengths[0] == list.lengths[0] else {
            throw IDXError(
                .mismatch, "\(images) has \(pictures.lengths[0]) pictures, \(labels) \(list.lengths[0]) labels",
                hint: "both must come from the same part of the data")
        }
        guard pictures.lengths[0] > 0, pictures.lengths[1] > 0, pictures.lengths[2] > 0 else {
            throw IDXError(.malformed, "\(images): contains no pictures")
        }
        if let index = list.bytes.firstIndex(where: { Int($0) >= classes.count }) {
            throw IDXError(
                .malformed,
                "\(labels): label \(list.bytes[index]) of sample \(index) is not from 0 to \(classes.count - 1)")
        }
        rows = pictures.lengths[1]
        columns = pictures.lengths[2]
        pixels = pictures.bytes
        self.labels = list.bytes
        first = 0
        (self.mean, self.deviation) = (mean, deviation)
    }

    private init(_ whole: IDXPictures, range: Range<Int>) {
        (rows, columns, pixels) = (whole.rows, whole.columns, whole.pixels)
        labels = Array(whole.labels[range])
        first = whole.first + range.lowerBound
        (mean, deviation) = (whole.mean, whole.deviation)
    }

    /// Only the samples of `range`. Traps if it extends beyond the last.
    public subscript(range: Range<Int>) -> IDXPictures { IDXPictures(self, range: range) }

    /// A picture, (1, rows, columns) float32.
    ///
    /// - Parameter index: The number of the sample, from 0.
    public func picture(_ index: Int) -> Tensor {
        let start = (first + index) * rows * columns
        let values = pixels[start..<start + rows * columns].map { (Float($0) / 255 - mean) / deviation }
        return Tensor(values, shape: [1, rows, columns], device: .cpu)
    }
}
