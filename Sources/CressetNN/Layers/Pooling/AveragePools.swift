import Cresset

/// The mean of each window over one spatial axis.
///
/// *Shape*: (N, C, L) gives (N, C, L'); without N in, without N out.
public final class AvgPool1d: Layer {
    public let kernelSize, stride, padding: PerAxis
    public let ceilMode, countsPadding: Bool

    /// - Parameters:
    ///   - stride: Steps between windows; the kernel's length where nil.
    ///   - padding: Zeros put around the input.
    ///   - ceilMode: Whether windows that begin inside and end outside count.
    ///   - countsPadding: Whether zeros of the padding take part in the mean.
    public init(
        _ kernelSize: PerAxis, stride: PerAxis? = nil, padding: PerAxis = 0, ceilMode: Bool = false,
        countsPadding: Bool = true
    ) {
        self.kernelSize = kernelSize
        self.stride = stride ?? kernelSize
        self.padding = padding
        self.ceilMode = ceilMode
        self.countsPadding = countsPadding
    }

    public var details: String {
        "kernel_size=\(kernelSize.tuple(1)), stride=\(stride.tuple(1)), padding=\(padding.tuple(1))"
    }

    public func callAsFunction(_ x: Tensor) -> Tensor {
        x.batched(axes: 1) {
            $0.averagePool(
                kernel: kernelSize.expanded(1), Window(stride: stride.expanded(1), padding: padding.expanded(1)),
                ceilMode: ceilMode, countsPadding: countsPadding)
        }
    }
}

/// The mean of each window over three spatial axes.
///
/// *Shape*: (N, C, D, H, W) gives (N, C, D', H', W'); without N in, without N out.
public final class AvgPool3d: Layer {
    public let kernelSize, stride, padding: PerAxis
    public let ceilMode, countsPadding: Bool
    public let divisor: Int?

    /// - Parameters:
    ///   - stride: Steps between windows; the kernel's lengths where nil.
    ///   - padding: Zeros put around the input.
    ///   - ceilMode: Whether windows that begin inside and end outside count.
    ///   - countsPadding: Whether zeros of the padding take part in the mean.
    ///   - divisor: Takes the place of the number of elements.
    public init(
        _ kernelSize: PerAxis, stride: PerAxis? = nil, padding: PerAxis = 0, ceilMode: Bool = false,
        countsPadding: Bool = true, divisor: Int? = nil
    ) {
        self.kernelSize = kernelSize
        self.stride = stride ?? kernelSize
        self.padding = padding
        self.ceilMode = ceilMode
        self.countsPadding = countsPadding
        self.divisor = divisor
    }

    public var details: String {
        "kernel_size=\(kernelSize.printed), stride=\(stride.printed), padding=\(padding.printed)"
    }

    public func callAsFunction(_ x: Tensor) -> Tensor {
        x.batched(axes: 3) {
            $0.averagePool(
                kernel: kernelSize.expanded(3), Window(stride: stride.expanded(3), padding: padding.expanded(3)),
                ceilMode: ceilMode, countsPadding: countsPadding, divisor: divisor)
        }
    }
}
