import CPixels

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A picture in memory: 8-bit pixels of one (grey) or three (red, green, blue) channels.
///
/// The layout is (height, width, channel): the channels of a pixel are adjacent, and rows follow each other `rowStride`
/// bytes apart.
///
/// ```
/// row 0   R G B R G B R G B …  width * channels bytes, then perhaps a gap
/// row 1   R G B R G B R G B …
/// ```
///
/// An image is an immutable value. Cropping shares the memory of the original and costs nothing; everything else
/// creates a new picture.
public struct Image: Sendable {
    /// The maximum number of pixels in an image: 178,956,970, the limit at which Pillow warns of a decompression bomb.
    public static let maximumPixelCount = 178_956_970

    public let width: Int
    public let height: Int
    /// 1 or 3.
    public let channels: Int
    /// Bytes from one row to the next.
    public let rowStride: Int
    private let memory: PixelMemory
    private let offset: Int

    /// An image whose pixels `body` fills in; they are undefined before.
    ///
    /// Traps if the size is not positive or over ``maximumPixelCount``, or if memory runs out.
    package init(
        width: Int, height: Int, channels: Int = 3, filling body: (UnsafeMutablePointer<UInt8>) throws -> Void
    ) rethrows {
        Image.check(width: width, height: height, channels: channels)
        guard let memory = PixelMemory(byteCount: width * height * channels) else {
            OutOfMemory.end(
                "no memory for an image of \(width) x \(height) pixels", hint: "fewer workers need less")
        }
        try body(memory.pointer)
        self.init(width: width, height: height, channels: channels, memory: memory)
    }

    /// An image of existing pixels, without gaps.
    init(width: Int, height: Int, channels: Int, memory: PixelMemory) {
        self.init(
            width: width, height: height, channels: channels, rowStride: width * channels, memory: memory, offset: 0)
    }

    private init(width: Int, height: Int, channels: Int, rowStride: Int, memory: PixelMemory, offset: Int) {
        self.width = width
        self.height = height
        self.channels = channels
        self.rowStride = rowStride
        self.memory = memory
        self.offset = offset
    }

    /// An image made of `pixels` in (height, width, channel) order.
    ///
    /// Traps if the count does not fit the size.
    ///
    /// - Parameters:
    ///   - width: Its width, in pixels.
    ///   - height: Its height, in pixels.
    ///   - channels: 1 for grey, 3 for red, green and blue, 4 with opacity.
    ///   - pixels: The bytes, row by row, the channels of a pixel together.
    public init(width: Int, height: Int, channels: Int = 3, pixels: [UInt8]) {
        Image.check(width: width, height: height, channels: channels)
        if pixels.count != width * height * channels {
            fatalError(
                "Image: \(width) x \(height) pixels of \(channels) channels take \(width * height * channels) bytes, "
                    + "got \(pixels.count)")
        }
        self.init(width: width, height: height, channels: channels) { target in
            pixels.withUnsafeBufferPointer { target.update(from: $0.baseAddress!, count: pixels.count) }
        }
    }

    /// An image of one colour.
    ///
    /// - Parameters:
    ///   - width: Its width, in pixels.
    ///   - height: Its height, in pixels.
    ///   - channels: 1 for grey, 3 for red, green and blue, 4 with opacity.
    ///   - value: The value of every byte.
    public init(width: Int, height: Int, channels: Int = 3, repeating value: UInt8) {
        self.init(width: width, height: height, channels: channels) {
            $0.update(repeating: value, count: width * height * channels)
        }
    }

    /// The pixels in (height, width, channel) order, without gaps.
    public var pixels: [UInt8] {
        let rowBytes = width * channels
        return [UInt8](unsafeUninitializedCapacity: rowBytes * height) { buffer, count in
            withPixels { source in
                for y in 0..<height {
                    (buffer.baseAddress! + y * rowBytes).update(from: source + y * rowStride, count: rowBytes)
                }
            }
            count = rowBytes * height
        }
    }

    /// The bytes of the pixel in column `x` of row `y`.
    public subscript(x: Int, y: Int) -> [UInt8] {
        precondition(x >= 0 && x < width && y >= 0 && y < height, "Image: pixel out of range")
        return withPixels { source in (0..<channels).map { source[y * rowStride + x * channels + $0] } }
    }

    /// The part whose upper left corner is at column `left` of row `top`, sharing this image's memory.
    ///
    /// Traps if the part extends outside.
    ///
    /// - Parameters:
    ///   - left: Pixels from the left edge.
    ///   - top: Pixels from the upper edge.
    ///   - width: The part's width, in pixels.
    ///   - height: The part's height, in pixels.
    public func cropped(left: Int, top: Int, width: Int, height: Int) -> Image {
        if left < 0 || top < 0 || width < 1 || height < 1 || width > self.width - left || height > self.height - top {
            fatalError(
                "cropped: \(width) x \(height) pixels from (\(left), \(top)) reach outside an image of "
                    + "\(self.width) x \(self.height)\n  hint: CenterCrop pads images that are too small")
        }
        return Image(
            width: width, height: height, channels: channels, rowStride: rowStride, memory: memory,
            offset: offset + top * rowStride + left * channels)
    }

    /// Passes the address of the first pixel, for reading.
    package func withPixels<R>(_ body: (UnsafePointer<UInt8>) throws -> R) rethrows -> R {
        defer { withExtendedLifetime(memory) {} }
        return try body(UnsafePointer(memory.pointer + offset))
    }

    /// Passes the image as the C kernels see it, for reading.
    package func withDescription<R>(_ body: (UnsafePointer<cresset_pixels>) throws -> R) rethrows -> R {
        try withPixels { pointer in
            var description = cresset_pixels(
                pixels: UnsafeMutablePointer(mutating: pointer), stride: rowStride, width: Int32(width),
                height: Int32(height), channels: Int32(channels))
            return try withUnsafePointer(to: &description) { try body($0) }
        }
    }

    /// A new image of the given size, computed by `kernel` from this one.
    package func mapped(
        width: Int? = nil, height: Int? = nil, channels: Int? = nil,
        _ kernel: (UnsafePointer<cresset_pixels>, UnsafePointer<cresset_pixels>) -> Void
    ) -> Image {
        let width = width ?? self.width
        let height = height ?? self.height
        let channels = channels ?? self.channels
        return Image(width: width, height: height, channels: channels) { pointer in
            var target = cresset_pixels(
                pixels: pointer, stride: width * channels, width: Int32(width), height: Int32(height),
                channels: Int32(channels))
            withDescription { source in withUnsafePointer(to: &target) { kernel(source, $0) } }
        }
    }

    static func check(width: Int, height: Int, channels: Int) {
        if width < 1 || height < 1 || width > maximumPixelCount / max(height, 1) {
            fatalError(
                "an image must have at least 1 x 1 and at most \(maximumPixelCount) pixels, got \(width) x \(height)")
        }
        if channels != 1 && channels != 3 { fatalError("an image must have 1 or 3 channels, got \(channels)") }
    }
}

extension Image: Equatable {
    /// Whether both have the same size, channels and pixels.
    public static func == (a: Image, b: Image) -> Bool {
        guard a.width == b.width, a.height == b.height, a.channels == b.channels else { return false }
        return a.withPixels { first in
            b.withPixels { second in
                (0..<a.height).allSatisfy {
                    memcmp(first + $0 * a.rowStride, second + $0 * b.rowStride, a.width * a.channels) == 0
                }
            }
        }
    }
}

extension Image: CustomStringConvertible {
    public var description: String { "Image(\(width) x \(height), \(channels == 1 ? "grey" : "RGB"))" }
}

/// The bytes of an image, followed by as many as the vector kernels may read.
final class PixelMemory: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<UInt8>

    /// Nil if memory runs out.
    init?(byteCount: Int) {
        guard let memory = malloc(byteCount + Int(CRESSET_PIXELS_PADDING)) else { return nil }
        pointer = memory.assumingMemoryBound(to: UInt8.self)
        memset(pointer + byteCount, 0, Int(CRESSET_PIXELS_PADDING))
    }

    deinit { free(pointer) }
}
