import Cresset

/// The largest element of each window over one spatial axis.
public typealias MaxPool1d = MaxPooling<1>
/// The largest element of each window over two spatial axes.
public typealias MaxPool2d = MaxPooling<2>
/// The largest element of each window over three spatial axes.
public typealias MaxPool3d = MaxPooling<3>

/// The largest element of each window over `axes` spatial axes.
///
/// *Shape*: (N, C, spatial…) gives (N, C, windows…); an input without N gives a result without N. Padding never wins;
/// NaN always does.
public final class MaxPooling<let axes: Int>: Layer {
    public let kernelSize, stride, padding, dilation: PerAxis
    public let ceilMode: Bool

    ///
    /// - Parameters:
    ///   - kernelSize: The lengths of the window, one for all axes or one for each.
    ///   - stride: Steps between windows; the kernel's lengths if nil.
    ///   - padding: How far windows extend beyond the input, where no element ever wins.
    ///   - dilation: Distance between the elements of a window.
    ///   - ceilMode: Whether windows that start inside and end outside are included.
    public init(
        _ kernelSize: some AxisNumbers, stride: (some AxisNumbers)? = PerAxis?.none, padding: some AxisNumbers = 0,
        dilation: some AxisNumbers = 1,
        ceilMode: Bool = false
    ) {
        self.kernelSize = kernelSize.perAxis
        self.stride = stride?.perAxis ?? kernelSize.perAxis
        self.padding = padding.perAxis
        self.dilation = dilation.perAxis
        self.ceilMode = ceilMode
    }

    public static var className: String { "MaxPool\(axes)d" }

    public var details: String {
        "kernel_size=\(kernelSize.printed), stride=\(stride.printed), padding=\(padding.printed),"
            + " dilation=\(dilation.printed), ceil_mode=\(ceilMode.python)"
    }

    public func forward(_ x: Tensor) -> Tensor {
        x.batched(axes: axes) { $0.maxPooled(kernel: kernelSize.expanded(axes), window, ceilMode: ceilMode) }
    }

    /// The largest elements and their positions (int64, flat within the channel's plane), as ``MaxUnpooling`` takes
    /// them.
    ///
    /// - Parameter x: The input, (N, C, …).
    public func withIndices(_ x: Tensor) -> (values: Tensor, indices: Tensor) {
        x.batchedPair(axes: axes) { $0.maxPool(kernel: kernelSize.expanded(axes), window, ceilMode: ceilMode) }
    }

    private var window: Window {
        Window(stride: stride.expanded(axes), padding: padding.expanded(axes), dilation: dilation.expanded(axes))
    }
}

extension Tensor {
    /// `body` applied to this tensor, with a batch axis added temporarily if it has none before its channels and `axes`
    /// spatial axes.
    func batched(axes: Int, _ body: (Tensor) -> Tensor) -> Tensor {
        rank == axes + 1 ? body(unsqueezed(at: 0)).squeezed(axis: 0) : body(self)
    }

    /// ``batched(axes:_:)`` for two results.
    func batchedPair(
        axes: Int, _ body: (Tensor) -> (values: Tensor, indices: Tensor)
    ) -> (values: Tensor, indices: Tensor) {
        guard rank == axes + 1 else { return body(self) }
        let (values, indices) = body(unsqueezed(at: 0))
        return (values.squeezed(axis: 0), indices.squeezed(axis: 0))
    }
}
