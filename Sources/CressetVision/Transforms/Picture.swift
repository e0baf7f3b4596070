import CPixels
import Cresset
import CressetData

/// What transforms work on: 8-bit pixels, and after ``ToTensor`` also the number that each byte stands for.
///
/// The numbers are kept as a table of 256 entries per channel until the picture is written into a batch: scaling and
/// normalising then cost one look-up per pixel, however many steps they take.
///
/// After ``FiveCrop`` and ``TenCrop`` a picture holds several images of one size, which become one tensor.
public struct Picture: Sendable {
    /// One image, or the crops that ``FiveCrop`` and ``TenCrop`` make.
    public let images: [Image]
    /// 256 values for each channel; nil before ``ToTensor``.
    ///
    /// Traps if it is set to another number of values.
    public var levels: [Float]? { didSet { checkLevels() } }
    /// What ``RandomErasing`` has put in the place of pixels.
    var patches: [Patch] = []
    private let isStack: Bool

    /// A rectangle with numbers of its own.
    struct Patch: Sendable {
        let left: Int
        let top: Int
        let width: Int
        let height: Int
        /// One number per channel, or (channel, height, width).
        var values: [Float]
        let isConstant: Bool
    }

    /// A picture of an image's pixels. Traps unless there are 256 levels for each channel, or none.
    ///
    /// - Parameters:
    ///   - image: The pixels.
    ///   - levels: 256 values for each channel; nil before ``ToTensor``.
    public init(_ image: Image, levels: [Float]? = nil) {
        images = [image]
        isStack = false
        self.levels = levels
        checkLevels()
    }

    /// A picture of several crops.
    ///
    /// Traps if there is none, if they differ in size or channels, or unless there are 256 levels for each channel, or
    /// none.
    ///
    /// - Parameters:
    ///   - crops: The crops, in the order of the tensor's first axis.
    ///   - levels: 256 values for each channel; nil before ``ToTensor``.
    public init(crops: [Image], levels: [Float]? = nil) {
        guard let first = crops.first else { fatalError("Picture: there are no crops") }
        if let other = crops.first(where: {
            $0.width != first.width || $0.height != first.height || $0.channels != first.channels
        }) {
            fatalError("Picture: crops must be equally large, got \(first) and \(other)")
        }
        images = crops
        isStack = true
        self.levels = levels
        checkLevels()
    }

    private func checkLevels() {
        guard let levels, levels.count != 256 * image.channels else { return }
        fatalError("Picture: \(levels.count) levels do not fit \(image.channels) channels, each of which has 256")
    }

    /// The image; of several crops, the first.
    public var image: Image { images[0] }

    /// The picture with its image replaced by the result of `body`.
    ///
    /// Traps after ``ToTensor``, ``FiveCrop`` and ``TenCrop``: steps on the pixels of one image must come before them.
    ///
    /// - Parameters:
    ///   - step: The name of the step, for messages.
    ///   - body: Makes the new image.
    public func mappingImage<E>(_ step: String, _ body: (Image) throws(E) -> Image) throws(E) -> Picture {
        Picture(try body(singleImage(step)))
    }

    /// The 8-bit pixels of a single image.
    func singleImage(_ step: String) -> Image {
        if levels != nil { fatalError("\(step) works on 8-bit pixels\n  hint: put it before ToTensor()") }
        if isStack {
            fatalError(
                "\(step) works on one image, got \(images.count) crops\n  hint: put it before FiveCrop and TenCrop")
        }
        return image
    }

    /// The shape as a tensor: (channel, height, width), or (crop, channel, height, width).
    public var shape: Shape {
        isStack
            ? [images.count, image.channels, image.height, image.width] : [image.channels, image.height, image.width]
    }

    /// The type as a tensor: bytes before ``ToTensor``.
    public var dtype: DType { levels == nil ? .uint8 : .float32 }

    /// The picture as a tensor of ``shape``; a single image is held channels last.
    public var tensor: Tensor {
        if isStack { return Tensor(dtype: dtype, shape: shape, device: .cpu) { write(to: $0) } }
        return Tensor(dtype: dtype, shape: [image.height, image.width, image.channels], device: .cpu) { write(to: $0) }
            .permuted([2, 0, 1])
    }

    /// Writes the picture: a single image in (height, width, channel) order, crops in the order of ``shape``.
    ///
    /// - Parameter memory: Holds at least as many bytes as the picture has as a tensor.
    public func write(to memory: UnsafeMutableRawBufferPointer) {
        guard let base = memory.baseAddress else { return }
        precondition(memory.count >= shape.elementCount * dtype.itemSize, "Picture: too little memory to write to")
        let size = image.channels * image.height * image.width * dtype.itemSize
        for (number, image) in images.enumerated() { write(image, to: base + number * size) }
    }

    /// How far apart the elements of an image are once they are written.
    private var steps: cresset_steps {
        let (width, channels) = (image.width, image.channels)
        return isStack
            ? cresset_steps(column: 1, row: width, channel: width * image.height)
            : cresset_steps(column: channels, row: width * channels, channel: 1)
    }

    private func write(_ image: Image, to base: UnsafeMutableRawPointer) {
        var steps = steps
        image.withDescription { source in
            guard let levels else {
                let bytes = base.assumingMemoryBound(to: UInt8.self)
                if isStack {
                    cresset_pixels_to_planes(source, &steps, bytes)
                } else {
                    var target = source.pointee
                    target.pixels = bytes
                    target.stride = image.width * image.channels
                    cresset_pixels_copy(source, &target)
                }
                return
            }
            let values = base.assumingMemoryBound(to: Float.self)
            if isStack {
                cresset_pixels_to_float_planes(source, levels, &steps, values)
            } else {
                cresset_pixels_to_floats(source, levels, values)
            }
            for patch in patches { patch.write(to: values, &steps, channels: image.channels) }
        }
    }
}

extension Picture.Patch {
    fileprivate func write(to base: UnsafeMutablePointer<Float>, _ steps: inout cresset_steps, channels: Int) {
        values.withUnsafeBufferPointer { values in
            var patch = cresset_patch(
                values: values.baseAddress, left: Int32(left), top: Int32(top), width: Int32(width),
                height: Int32(height), channels: Int32(channels), is_constant: isConstant ? 1 : 0)
            cresset_floats_patch(base, &steps, &patch)
        }
    }
}

extension SampleWriter {
    /// Adds a picture as a field: (channel, height, width), held channels last, or (crop, channel, height, width).
    ///
    /// - Parameter picture: What the transforms have made of it.
    /// - Throws: ``DataLoaderError`` if the batch's pictures differ in shape.
    public mutating func append(_ picture: Picture) throws {
        try append(dtype: picture.dtype, shape: picture.shape, isChannelsLast: picture.shape.count == 3) {
            picture.write(to: $0)
        }
    }
}
