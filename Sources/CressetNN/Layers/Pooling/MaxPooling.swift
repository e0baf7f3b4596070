import Cresset

/// A layer that keeps the largest element of each window.
///
/// *Shape*: (N, C, spatial…) gives (N, C, windows…); without N in, without N out. Padding never wins; NaN wins.
public protocol MaxPooling: Layer {
    /// The number of spatial axes.
    static var axes: Int { get }
    var kernelSize: PerAxis { get }
    /// Steps between windows.
    var stride: PerAxis { get }
    /// How far windows reach beyond the input.
    var padding: PerAxis { get }
    /// Distance between the elements of a window.
    var dilation: PerAxis { get }
    /// Whether windows that begin inside and end outside count.
    var ceilMode: Bool { get }
}

extension MaxPooling {
    public var details: String {
        "kernel_size=\(kernelSize.printed), stride=\(stride.printed), padding=\(padding.printed),"
            + " dilation=\(dilation.printed), ceil_mode=\(ceilMode.python)"
    }

    public func callAsFunction(_ x: Tensor) -> Tensor {
        x.batched(axes: Self.axes) { $0.maxPooled(kernel: kernelSize.expanded(Self.axes), window, ceilMode: ceilMode) }
    }

    /// The largest elements and their places (int64, flat within the channel's plane), as ``MaxUnpool2d`` takes them.
    public func withIndices(_ x: Tensor) -> (values: Tensor, indices: Tensor) {
        let isBatched = x.rank == Self.axes + 2
        let (values, indices) = (isBatched ? x : x.unsqueezed(at: 0))
            .maxPool(kernel: kernelSize.expanded(Self.axes), window, ceilMode: ceilMode)
        return isBatched ? (values, indices) : (values.squeezed(axis: 0), indices.squeezed(axis: 0))
    }

    private var window: Window {
        Window(
            stride: stride.expanded(Self.axes), padding: padding.expanded(Self.axes),
            dilation: dilation.expanded(Self.axes))
    }
}

/// The largest element of each window over one spatial axis.
public final class MaxPool1d: MaxPooling {
    public static let axes = 1
    public let kernelSize, stride, padding, dilation: PerAxis
    public let ceilMode: Bool

    /// - Parameters:
    ///   - stride: Steps between windows; the kernel's length where nil.
    ///   - padding: How far windows reach beyond the input, where nothing ever wins.
    ///   - dilation: Distance between the elements of a window.
    ///   - ceilMode: Whether windows that begin inside and end outside count.
    public init(
        _ kernelSize: PerAxis, stride: PerAxis? = nil, padding: PerAxis = 0, dilation: PerAxis = 1,
        ceilMode: Bool = false
    ) {
        self.kernelSize = kernelSize
        self.stride = stride ?? kernelSize
        self.padding = padding
        self.dilation = dilation
        self.ceilMode = ceilMode
    }
}

/// The largest element of each window over two spatial axes.
public final class MaxPool2d: MaxPooling {
    public static let axes = 2
    public let kernelSize, stride, padding, dilation: PerAxis
    public let ceilMode: Bool

    /// - Parameters:
    ///   - stride: Steps between windows; the kernel's lengths where nil.
    ///   - padding: How far windows reach beyond the input, where nothing ever wins.
    ///   - dilation: Distance between the elements of a window.
    ///   - ceilMode: Whether windows that begin inside and end outside count.
    public init(
        _ kernelSize: PerAxis, stride: PerAxis? = nil, padding: PerAxis = 0, dilation: PerAxis = 1,
        ceilMode: Bool = false
    ) {
        self.kernelSize = kernelSize
        self.stride = stride ?? kernelSize
        self.padding = padding
        self.dilation = dilation
        self.ceilMode = ceilMode
    }
}

/// The largest element of each window over three spatial axes.
public final class MaxPool3d: MaxPooling {
    public static let axes = 3
    public let kernelSize, stride, padding, dilation: PerAxis
    public let ceilMode: Bool

    /// - Parameters:
    ///   - stride: Steps between windows; the kernel's lengths where nil.
    ///   - padding: How far windows reach beyond the input, where nothing ever wins.
    ///   - dilation: Distance between the elements of a window.
    ///   - ceilMode: Whether windows that begin inside and end outside count.
    public init(
        _ kernelSize: PerAxis, stride: PerAxis? = nil, padding: PerAxis = 0, dilation: PerAxis = 1,
        ceilMode: Bool = false
    ) {
        self.kernelSize = kernelSize
        self.stride = stride ?? kernelSize
        self.padding = padding
        self.dilation = dilation
        self.ceilMode = ceilMode
    }
}

extension Tensor {
    /// `body` on this tensor, with a batch axis lent to it where it has none before its channels and `axes` spatial axes.
    func batched(axes: Int, _ body: (Tensor) -> Tensor) -> Tensor {
        rank == axes + 1 ? body(unsqueezed(at: 0)).squeezed(axis: 0) : body(self)
    }
}
