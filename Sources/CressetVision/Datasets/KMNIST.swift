import Cresset
import CressetData

/// Cursive Japanese characters: grey pictures of 28 by 28 pixels in ten classes, laid out as ``MNIST``.
///
/// *Source*: T. Clanuwat, M. Bober-Irizar, A. Kitamoto et al., "Deep learning for classical Japanese literature", 2018.
public struct KMNIST: IDXDataset {
    public let contents: IDXPictures

    /// Reads a part of the published files, compressed (`.gz`) or not.
    ///
    /// - Parameters:
    ///   - folder: The folder with the four files, or the one in which torchvision keeps them in `KMNIST/raw`.
    ///   - part: Training or test.
    ///   - mean: The mean subtracted from each pixel, from 0 to 1. Default: 0, as torchvision's `ToTensor` leaves it.
    ///   - deviation: The deviation by which each pixel is then divided.
    /// - Throws: ``IDXError``.
    public init(
        folder: some PathConvertible, _ part: MNIST.Part, mean: Float = 0, deviation: Float = 1
    ) throws(IDXError) {
        let names = IDXPictures.Names(
            folder: "KMNIST", prefix: part.rawValue,
            hint: "the files are published at https://github.com/rois-codh/kmnist")
        contents = try IDXPictures(
            folder: folder.filePath, names, classes: KMNIST.names, mean: mean, deviation: deviation)
    }

    public var classes: [String] { KMNIST.names }

    private static let names = ["o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"]
}
