import Cresset

/// The mean of each window over one spatial axis.
public typealias AvgPool1d = AveragePooling<1>
/// The mean of each window over two spatial axes.
public typealias AvgPool2d = AveragePooling<2>
/// The mean of each window over three spatial axes.
public typealias AvgPool3d = AveragePooling<3>

/// The mean of each window over `axes` spatial axes.
///
/// *Shape*: (N, C, spatial…) gives (N, C, windows…); an input without N gives a result without N.
public final class AveragePooling<let axes: Int>: Layer {
    public let kernelSize, stride, padding: PerAxis
    public let ceilMode, countsPadding: Bool
    public let divisor: Int?

    ///
    /// - Parameters:
    ///   - kernelSize: The lengths of the window, one for all axes or one for each.
    ///   - stride: Steps between windows; the kernel's lengths if nil.
    ///   - padding: Zeros added around the input.
    ///   - ceilMode: Whether windows that start inside and end outside are included.
    ///   - countsPadding: Whether zeros of the padding are counted in the mean.
    ///   - divisor: Replaces the number of elements.
    public init(
        _ kernelSize: some AxisNumbers, stride: (some AxisNumbers)? = PerAxis?.none, padding: some AxisNumbers = 0,
        ceilMode: Bool = false,
        countsPadding: Bool = true, divisor: Int? = nil
    ) {
        self.kernelSize = kernelSize.perAxis
        self.stride = stride?.perAxis ?? kernelSize.perAxis
        self.padding = padding.perAxis
        self.ceilMode = ceilMode
        self.countsPadding = countsPadding
        self.divisor = divisor
    }

    public static var className: String { "AvgPool\(axes)d" }

    public var details: String {
        // As in PyTorch, which expands the numbers only for one axis.
        func printed(_ values: PerAxis) -> String { axes == 1 ? values.tuple(1) : values.printed }
        return "kernel_size=\(printed(kernelSize)), stride=\(printed(stride)), padding=\(printed(padding))"
    }

    public func forward(_ x: Tensor) -> Tensor {
        x.batched(axes: axes) {
            $0.averagePool(
                kernel: kernelSize.expanded(axes),
                Window(stride: stride.expanded(axes), padding: padding.expanded(axes)),
                ceilMode: ceilMode, countsPadding: countsPadding, divisor: divisor)
        }
    }
}
