/// How alpha, orientation, size and damage are handled when a picture is read.
public struct ImageReadingOptions: Sendable, Hashable {
    /// How transparency is handled. Default: dropped, as in Pillow's conversion to RGB.
    public var alpha: AlphaRule
    /// Whether the orientation recorded by the camera is applied. Default: yes. torchvision ignores it.
    ///
    /// An AVIF file's own rotation and mirroring count as its orientation. Without it a TIFF file is as stored too, which
    /// Pillow turns whenever it opens one; a HEIC file is upright in any case, because libheif turns it.
    public var appliesOrientation: Bool
    /// Whether a JPEG file is decoded smaller than it is when it is then resized to much less. Default: no, because the
    /// pixels are not those that Pillow and torchvision compute.
    public var fast: Bool
    /// What becomes of a file that ends before its picture does. Default: it cannot be read.
    ///
    /// A picture that is complete but for the mark of its end is read in any case.
    public var truncated: TruncationRule
    /// Whether a picture that can be decoded but looks damaged is an error, ``ImageError/suspect(_:)``. Default: no, it is
    /// decoded, and ``DecodedImage/suspicion`` says what is odd about it.
    public var rejectsSuspect: Bool

    /// Creates one from its parts.
    ///
    /// - Parameters:
    ///   - alpha: How transparency is handled.
    ///   - appliesOrientation: Whether the picture is turned according to its EXIF or XMP data, its TIFF tag or, in AVIF, its
    ///     own rotation.
    ///   - fast: Whether JPEG files may be decoded at a half, a quarter or an eighth of their size, where
    ///     ``ImageFolder``'s transform begins with a ``Resize`` to no more than that.
    ///   - truncated: What becomes of a file that ends before its picture does.
    ///   - rejectsSuspect: Whether a picture that looks damaged is an error.
    public init(
        alpha: AlphaRule = .drop, appliesOrientation: Bool = true, fast: Bool = false,
        truncated: TruncationRule = .skip, rejectsSuspect: Bool = false
    ) {
        self.alpha = alpha
        self.appliesOrientation = appliesOrientation
        self.fast = fast
        self.truncated = truncated
        self.rejectsSuspect = rejectsSuspect
    }

    /// What happens to an alpha channel.
    public enum AlphaRule: String, Sendable, Hashable, Codable, CaseIterable {
        /// The colours are used as they are.
        case drop
        /// The picture is laid over white.
        case overWhite = "white"
        /// The picture is laid over black.
        case overBlack = "black"
    }

    /// What becomes of a file that ends before its picture does.
    public enum TruncationRule: String, Sendable, Hashable, Codable, CaseIterable {
        /// It cannot be read.
        case skip
        /// Of a JPEG or PNG file, what is there is decoded and the rest is grey, as Pillow does with JPEG files if
        /// `LOAD_TRUNCATED_IMAGES` is set. Not even the first row of blocks, or of pixels, may be missing; nor so much that
        /// no picture of that size could be in the file.
        case pad
    }
}
