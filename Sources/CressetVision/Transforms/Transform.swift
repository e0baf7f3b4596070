import CressetData

/// A step between reading a picture and passing it to the model.
///
/// A random step takes its random numbers from `random`, never from anywhere else, so that a sample looks the same
/// whichever thread reads it.
///
/// Steps in a row get numbers that are independent of each other. Two pictures that must be changed alike, such as a
/// picture and a mask, are passed through the same transform with equal `random`.
///
/// A mistake in the program traps, if possible when the transform is created. A problem that depends on the picture
/// alone is thrown, as ``ImageError``, and that picture is skipped.
public protocol Transform: Sendable {
    /// The picture after this step.
    ///
    /// - Parameters:
    ///   - picture: The picture before it.
    ///   - random: The only source of random numbers.
    func apply(to picture: Picture, random: inout SampleRandom) throws -> Picture
}

/// Several transforms, applied in order.
///
/// Of a ``Resize`` followed by a ``CenterCrop``, only the part that is cut out is computed.
public struct Compose: Transform {
    public let transforms: [any Transform]

    /// A transform that applies others.
    ///
    /// - Parameter transforms: The steps, the first one first.
    public init(_ transforms: [any Transform]) { self.transforms = transforms }

    public func apply(to picture: Picture, random: inout SampleRandom) throws -> Picture {
        var picture = picture
        var rest = transforms[...]
        while let transform = rest.popFirst() {
            random.beginOperation()
            if let resize = transform as? Resize, let crop = rest.first as? CenterCrop {
                rest.removeFirst()
                random.beginOperation()
                picture = try picture.mappingImage("Resize") {
                    try $0.resized(
                        resize.size, croppedTo: (crop.width, crop.height), interpolation: resize.interpolation)
                }
            } else {
                picture = try transform.apply(to: picture, random: &random)
            }
        }
        return picture
    }
}

extension Transform {
    /// Applies the transform to an image.
    ///
    /// - Parameters:
    ///   - image: The image to transform.
    ///   - random: The source of random numbers. Default: seed 0.
    /// - Throws: Any error that the transform throws for this picture.
    public func callAsFunction(
        _ image: Image, random: SampleRandom = SampleRandom(seed: 0, epoch: 0, index: 0)
    ) throws -> Picture {
        var random = random
        return try apply(to: Picture(image), random: &random)
    }
}
