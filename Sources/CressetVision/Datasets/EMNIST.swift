import Cresset
import CressetData

/// Handwritten letters and digits: grey pictures of 28 by 28 pixels.
///
/// ```swift
/// let train = try EMNIST(folder: "data", .letters, .train)
/// let upright = train.picture(0).transposed(1, 2)
/// ```
///
/// Pictures and labels are as in the files, and so as in torchvision: rows and columns of a picture are exchanged, and the
/// labels of ``Split/letters`` begin with 1, so that its class 0, `N/A`, has no pictures.
///
/// *Source*: G. Cohen, S. Afshar, J. Tapson, A. van Schaik, "EMNIST: an extension of MNIST to handwritten letters", 2017.
public struct EMNIST: IDXDataset {
    /// The collections that the pictures are published in.
    public enum Split: String, Sendable, CaseIterable {
        /// Digits, capitals and small letters: 62 classes of different sizes.
        case byClass = "byclass"
        /// The same, where small letters that look like their capitals count as these: 47 classes.
        case byMerge = "bymerge"
        /// The classes of ``byMerge`` with as many pictures each.
        case balanced
        /// Letters, capitals and small ones together: 26 classes, numbered from 1.
        case letters
        /// Digits.
        case digits
        /// As many digits as ``MNIST`` has.
        case mnist
    }

    public let split: Split
    public let contents: IDXPictures

    /// Reads a part of a collection, compressed (`.gz`) or not.
    ///
    /// - Parameters:
    ///   - folder: The folder with the files, or the one in which torchvision keeps them in `EMNIST/raw`.
    ///   - split: The collection.
    ///   - part: Training or test.
    ///   - mean: The mean subtracted from each pixel, from 0 to 1. Default: 0, as torchvision's `ToTensor` leaves it.
    ///   - deviation: The deviation by which each pixel is then divided.
    /// - Throws: ``IDXError``.
    public init(
        folder: some PathConvertible, _ split: Split, _ part: MNIST.Part, mean: Float = 0, deviation: Float = 1
    ) throws(IDXError) {
        let names = IDXPictures.Names(
            folder: "EMNIST", prefix: "emnist-\(split.rawValue)-\(part)",
            hint: "the files are published at https://www.nist.gov/itl/products-and-services/emnist-dataset")
        self.split = split
        contents = try IDXPictures(
            folder: folder.filePath, names, classes: split.classes, mean: mean, deviation: deviation)
    }

    public var classes: [String] { split.classes }
}

extension EMNIST.Split {
    /// The class names.
    fileprivate var classes: [String] {
        let digits = "0123456789".map(String.init), small = "abcdefghijklmnopqrstuvwxyz".map(String.init)
        return switch self {
        case .byClass: digits + small.map { $0.uppercased() } + small
        case .byMerge, .balanced:
            digits + small.map { $0.uppercased() } + small.filter { !"cijklmopsuvwxyz".contains($0) }
        case .letters: ["N/A"] + small
        case .digits, .mnist: digits
        }
    }
}
