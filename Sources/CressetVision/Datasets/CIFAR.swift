import Cresset
import CressetData

/// CIFAR-10 and CIFAR-100: colour pictures of 32 by 32 pixels in 10 or 100 classes.
///
/// ```swift
/// let train = try CIFAR("data", .ten, .train, transform: training)
/// let test = try CIFAR("cifar-10-python.tar.gz", .ten, .test)
/// ```
///
/// Reads what is published: the pickled files for Python, which torchvision keeps in `cifar-10-batches-py`, the binary
/// files, and the compressed archives of both, without unpacking them. Nothing in a pickle is ever run.
///
/// A sample is a picture, `[3, 32, 32]`, and its class index. *Source*: A. Krizhevsky, "Learning multiple layers of
/// features from tiny images", 2009.
public struct CIFAR: Dataset {
    /// The two data sets.
    public enum Collection: Sendable, Hashable, CaseIterable {
        /// 10 classes of 6,000 pictures each.
        case ten
        /// 100 classes of 600 pictures each.
        case hundred
        /// The pictures of ``hundred`` in its 20 superclasses.
        case hundredCoarse
    }

    /// One of the two parts that the pictures are published in.
    public enum Part: String, Sendable, CaseIterable {
        case train
        case test
    }

    public let collection: Collection
    /// The class of each picture.
    public let labels: [UInt8]
    /// The class names, one for each label; empty if they are not with the pictures.
    public let classes: [String]
    public let transform: any Transform
    /// 1,024 red, 1,024 green and 1,024 blue bytes of each picture, each row by row.
    private let pixels: [UInt8]

    static let pictureCount = 3 * 32 * 32

    /// Reads a part.
    ///
    /// - Parameters:
    ///   - path: The folder with the published files, one that contains it, or the archive `.tar.gz`.
    ///   - collection: Which data set.
    ///   - part: Training or test.
    ///   - transform: What is done to each picture. Default: numbers from 0 to 1.
    ///   - verifies: Whether the files must be the published ones: their MD5 where that is known (pickled files, in an
    ///     archive too), their size otherwise.
    /// - Throws: ``ArchiveError``. Never allocates more memory than the files can fill.
    public init(
        _ path: some PathConvertible, _ collection: Collection, _ part: Part, transform: any Transform = ToTensor(),
        verifies: Bool = true
    ) throws(ArchiveError) {
        let files = try CIFARFiles(path.filePath, collection, part, verifies: verifies)
        self.collection = collection
        self.transform = transform
        (pixels, labels) = try files.pictures()
        classes = try files.classes(of: labels)
    }

    public var count: Int { labels.count }

    /// The picture of a sample, in colour.
    ///
    /// - Parameter index: The number of the sample, from 0.
    public func image(_ index: Int) -> Image {
        let start = index * Self.pictureCount
        return Image(width: 32, height: 32) { target in
            for pixel in 0..<1024 {
                for channel in 0..<3 { target[3 * pixel + channel] = pixels[start + 1024 * channel + pixel] }
            }
        }
    }

    public func read(_ index: Int, context: SampleContext, into sample: inout SampleWriter) throws {
        var random = context.random(for: index)
        try sample.append(DecodedImage(image: image(index), suspicion: nil), transform, &random)
        try sample.append(label: Int(labels[index]))
    }
}
