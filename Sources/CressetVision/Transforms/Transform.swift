import CPixels
import Cresset
import CressetData

/// A step between reading a picture and passing it to the model.
///
/// A random step takes its random numbers from `random`, never from anywhere else, so that a sample looks the same
/// whichever thread reads it.
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

/// What transforms work on: 8-bit pixels, and after ``ToTensor`` also the number that each byte stands for.
///
/// The numbers are kept as a table of 256 entries per channel until the picture is written into a batch: scaling and
/// normalising then cost one look-up per pixel, however many steps they take.
public struct Picture: Sendable {
    public var image: Image
    /// 256 values for each channel; nil before ``ToTensor``.
    public var levels: [Float]?

    /// A picture of an image's pixels.
    ///
    /// - Parameters:
    ///   - image: The pixels.
    ///   - levels: 256 values for each channel; nil before ``ToTensor``.
    public init(_ image: Image, levels: [Float]? = nil) {
        self.image = image
        self.levels = levels
    }

    /// The picture with its image replaced by the result of `body`.
    ///
    /// Traps after ``ToTensor``: steps on pixels must come before it.
    ///
    /// - Parameters:
    ///   - step: The name of the step, for messages.
    ///   - body: Makes the new image.
    public func mappingImage<E>(_ step: String, _ body: (Image) throws(E) -> Image) throws(E) -> Picture {
        if levels != nil { fatalError("\(step) works on 8-bit pixels\n  hint: put it before ToTensor()") }
        return Picture(try body(image))
    }

    /// The shape as a tensor: (channel, height, width).
    public var shape: Shape { [image.channels, image.height, image.width] }

    /// The type as a tensor: bytes before ``ToTensor``.
    public var dtype: DType { levels == nil ? .uint8 : .float32 }

    /// The picture as a tensor of ``shape``, held channels last.
    public var tensor: Tensor {
        Tensor(dtype: dtype, shape: [image.height, image.width, image.channels], device: .cpu) { write(to: $0) }
            .permuted([2, 0, 1])
    }

    /// Writes the picture in (height, width, channel) order.
    ///
    /// - Parameter memory: Holds at least as many bytes as the picture has as a tensor.
    public func write(to memory: UnsafeMutableRawBufferPointer) {
        guard let base = memory.baseAddress else { return }
        precondition(memory.count >= shape.elementCount * dtype.itemSize, "Picture: too little memory to write to")
        image.withDescription { source in
            if let levels {
                cresset_pixels_to_floats(source, levels, base.assumingMemoryBound(to: Float.self))
            } else {
                var target = source.pointee
                target.pixels = base.assumingMemoryBound(to: UInt8.self)
                target.stride = image.width * image.channels
                cresset_pixels_copy(source, &target)
            }
        }
    }
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
