import Cresset
import CressetData

/// Articles of clothing: grey pictures of 28 by 28 pixels in ten classes, laid out as ``MNIST``.
///
/// ```swift
/// let train = try FashionMNIST(folder: "data", .train, mean: 0.286, deviation: 0.353)
/// ```
///
/// *Source*: H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST: a novel image dataset for benchmarking machine learning
/// algorithms", 2017.
public struct FashionMNIST: IDXDataset {
    public let contents: IDXPictures

    /// Reads a part of the published files, compressed (`.gz`) or not.
    ///
    /// - Parameters:
    ///   - folder: The folder with the four files, or the one in which torchvision keeps them in `FashionMNIST/raw`.
    ///   - part: Training or test.
    ///   - mean: The mean subtracted from each pixel, from 0 to 1. Default: 0, as torchvision's `ToTensor` leaves it.
    ///   - deviation: The deviation by which each pixel is then divided.
    /// - Throws: ``IDXError``.
    public init(
        folder: some PathConvertible, _ part: MNIST.Part, mean: Float = 0, deviation: Float = 1
    ) throws(IDXError) {
        let names = IDXPictures.Names(
            folder: "FashionMNIST", prefix: part.rawValue,
            hint: "the files are published at https://github.com/zalandoresearch/fashion-mnist")
        contents = try IDXPictures(
            folder: folder.filePath, names, classes: FashionMNIST.names, mean: mean, deviation: deviation)
    }

    public var classes: [String] { FashionMNIST.names }

    private static let names = [
        "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
    ]
}
