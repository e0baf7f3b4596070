import Cresset

/// The mean over equal parts of one spatial axis, whatever its length.
public typealias AdaptiveAvgPool1d = AdaptiveAveragePooling<1>
/// The mean over equal parts of two spatial axes, whatever their lengths.
public typealias AdaptiveAvgPool2d = AdaptiveAveragePooling<2>
/// The mean over equal parts of three spatial axes, whatever their lengths.
public typealias AdaptiveAvgPool3d = AdaptiveAveragePooling<3>
/// The largest element of equal parts of one spatial axis, whatever its length.
public typealias AdaptiveMaxPool1d = AdaptiveMaxPooling<1>
/// The largest element of equal parts of two spatial axes, whatever their lengths.
public typealias AdaptiveMaxPool2d = AdaptiveMaxPooling<2>
/// The largest element of equal parts of three spatial axes, whatever their lengths.
public typealias AdaptiveMaxPool3d = AdaptiveMaxPooling<3>

/// The mean over equal parts of `axes` spatial axes, whatever their lengths.
///
/// *Shape*: (N, C, spatial…) gives (N, C, output…); an input without N gives a result without N.
public final class AdaptiveAveragePooling<let axes: Int>: Layer {
    private let output: AdaptiveLengths

    /// Creates one with these options.
    ///
    /// - Parameter outputSize: The lengths of the result; nil for the input's lengths.
    public init(_ outputSize: some AxisNumbers) { output = AdaptiveLengths(outputSize.perAxis.values, axes) }

    /// - Parameter lengths: The output lengths; nil leaves an axis unchanged.
    public init(lengths: [Int?]) { output = AdaptiveLengths(lengths, axes) }

    public static var className: String { "AdaptiveAvgPool\(axes)d" }
    public var details: String { output.details }

    public func forward(_ x: Tensor) -> Tensor {
        x.batched(axes: axes) { $0.adaptiveAveragePool(output: output(of: $0)) }
    }
}

/// The largest element of equal parts of `axes` spatial axes, whatever their lengths.
///
/// *Shape*: (N, C, spatial…) gives (N, C, output…); an input without N gives a result without N.
public final class AdaptiveMaxPooling<let axes: Int>: Layer {
    private let output: AdaptiveLengths

    /// Creates one with these options.
    ///
    /// - Parameter outputSize: The lengths of the result; nil for the input's lengths.
    public init(_ outputSize: some AxisNumbers) { output = AdaptiveLengths(outputSize.perAxis.values, axes) }

    /// - Parameter lengths: The output lengths; nil leaves an axis unchanged.
    public init(lengths: [Int?]) { output = AdaptiveLengths(lengths, axes) }

    public static var className: String { "AdaptiveMaxPool\(axes)d" }
    public var details: String { output.details }

    public func forward(_ x: Tensor) -> Tensor { withIndices(x).values }

    /// The largest elements and their positions (int64, flat within the channel's plane).
    ///
    /// - Parameter x: The input, (N, C, …).
    public func withIndices(_ x: Tensor) -> (values: Tensor, indices: Tensor) {
        x.batchedPair(axes: axes) { $0.adaptiveMaxPool(output: output(of: $0)) }
    }
}

/// The output lengths of an adaptive pool: one for all axes or one each; nil leaves an axis unchanged.
private struct AdaptiveLengths {
    let lengths: [Int?]
    let axes: Int

    init(_ lengths: [Int?], _ axes: Int) {
        guard lengths.count == 1 || lengths.count == axes else {
            fatalError("an adaptive pool over \(axes) axes cannot have \(lengths.count) output lengths")
        }
        self.lengths = lengths
        self.axes = axes
    }

    var details: String {
        "output_size=" + (lengths.count == 1 ? lengths[0].python : lengths.map(\.python).pythonTuple)
    }

    func callAsFunction(of x: Tensor) -> [Int] {
        (0..<axes).map { i in lengths[lengths.count == 1 ? 0 : i] ?? x.shape[x.rank - axes + i] }
    }
}
