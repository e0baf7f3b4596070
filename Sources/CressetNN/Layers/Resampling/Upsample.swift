import Cresset

/// Resizes the spatial axes.
///
/// *Shape*: (N, C, spatial…) gives (N, C, longer spatial…).
public final class Upsample: Layer {
    private enum Target {
        case size(PerAxis)
        case scale([Double])
    }

    private let target: Target
    public let mode: InterpolationMode
    public let alignsCorners: Bool?

    ///
    /// - Parameters:
    ///   - size: The output lengths, one for all axes or one each.
    ///   - mode: How values between elements are interpolated.
    ///   - alignsCorners: Whether the centres of the corner elements stay where they are (linear and cubic).
    public init(size: some AxisNumbers, mode: InterpolationMode = .nearest, alignsCorners: Bool? = nil) {
        target = .size(size.perAxis)
        self.mode = mode
        self.alignsCorners = alignsCorners
    }

    ///
    /// - Parameters:
    ///   - scale: The factor for all axes.
    ///   - mode: How values between elements are interpolated.
    ///   - alignsCorners: Whether the centres of the corner elements coincide instead of their outer corners.
    public convenience init(scale: Double, mode: InterpolationMode = .nearest, alignsCorners: Bool? = nil) {
        self.init(scale: [scale], mode: mode, alignsCorners: alignsCorners)
    }

    ///
    /// - Parameters:
    ///   - scale: The factor for each axis.
    ///   - mode: How values between elements are interpolated.
    ///   - alignsCorners: Whether the centres of the corner elements coincide instead of their outer corners.
    public init(scale: [Double], mode: InterpolationMode = .nearest, alignsCorners: Bool? = nil) {
        guard !scale.isEmpty else { fatalError("Upsample: neither a size nor a scale is given") }
        target = .scale(scale)
        self.mode = mode
        self.alignsCorners = alignsCorners
    }

    public var details: String {
        let name: String
        switch target {
        case .size(let size): name = "size=\(size.printed)"
        case .scale(let scale): name = "scale_factor=" + (scale.count == 1 ? "\(scale[0])" : scale.pythonTuple)
        }
        return "\(name), mode='\(mode.rawValue)'"
    }

    public func forward(_ x: Tensor) -> Tensor {
        guard x.rank >= 3 else { fatalError("Upsample: an input of shape \(x.shape), expected (N, C, spatial…)") }
        let axes = x.rank - 2
        switch target {
        case .size(let size):
            return x.interpolated(size: size.expanded(axes), mode: mode, alignsCorners: alignsCorners ?? false)
        case .scale(let given):
            guard given.count == 1 || given.count == axes else {
                fatalError("Upsample: \(given.count) factors do not fit \(axes) spatial axes")
            }
            let scale = given.count == 1 ? [Double](repeating: given[0], count: axes) : given
            let size = zip(x.shape.dropFirst(2), scale).map { Int((Double($0) * $1).rounded(.down)) }
            return x.interpolated(size: size, mode: mode, alignsCorners: alignsCorners ?? false, scale: scale)
        }
    }
}

/// Enlarges pictures by rearranging channels as pixels.
///
/// *Shape*: (…, C factor², H, W) gives (…, C, H factor, W factor).
/// *Source*: Shi et al., "Real-Time Single Image and Video Super-Resolution", 2016.
public final class PixelShuffle: Layer {
    public let factor: Int

    /// Creates one with these options.
    ///
    /// - Parameter factor: The factor by which height and width grow.
    public init(_ factor: Int) { self.factor = factor }

    public var details: String { "upscale_factor=\(factor)" }

    public func forward(_ x: Tensor) -> Tensor { x.pixelShuffled(factor: factor) }
}

/// Shrinks pictures by rearranging pixels as channels: the inverse of ``PixelShuffle``.
///
/// *Shape*: (…, C, H factor, W factor) gives (…, C factor², H, W).
public final class PixelUnshuffle: Layer {
    public let factor: Int

    /// Creates one with these options.
    ///
    /// - Parameter factor: The factor by which height and width shrink.
    public init(_ factor: Int) { self.factor = factor }

    public var details: String { "downscale_factor=\(factor)" }

    public func forward(_ x: Tensor) -> Tensor { x.pixelUnshuffled(factor: factor) }
}

/// Interleaves the channels of groups: first of each, second of each…
///
/// *Shape*: (N, C, …); the result has the same shape.
/// *Source*: Zhang et al., "ShuffleNet", 2018.
public final class ChannelShuffle: Layer {
    public let groups: Int

    /// Creates one with these options.
    ///
    /// - Parameter groups: The number of groups into which the channels are divided.
    public init(_ groups: Int) { self.groups = groups }

    public var details: String { "groups=\(groups)" }

    public func forward(_ x: Tensor) -> Tensor { x.channelShuffled(groups: groups) }
}
