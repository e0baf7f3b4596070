import Cresset

/// The largest element of each window over two spatial axes.
///
/// *Shape*: (N, C, H, W) gives (N, C, H', W'); without N in, without N out.
public final class MaxPool2d: Layer {
    public let kernelSize, stride, padding, dilation: PerAxis
    public let ceilMode: Bool

    /// - Parameters:
    ///   - stride: Steps between windows; the kernel's lengths where nil.
    ///   - padding: How far windows reach beyond the input, where nothing ever wins.
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

    public var details: String {
        "kernel_size=\(kernelSize.printed), stride=\(stride.printed), padding=\(padding.printed),"
            + " dilation=\(dilation.printed), ceil_mode=\(ceilMode ? "True" : "False")"
    }

    public func callAsFunction(_ x: Tensor) -> Tensor {
        if x.rank == 3 { return self(x.unsqueezed(at: 0)).squeezed(axis: 0) }
        return x.maxPooled(kernel: kernelSize.expanded(2), window, ceilMode: ceilMode)
    }

    /// The largest elements, and where each was: its number within the channel's plane (int64).
    public func withIndices(_ x: Tensor) -> (values: Tensor, indices: Tensor) {
        if x.rank == 3 {
            let (values, indices) = withIndices(x.unsqueezed(at: 0))
            return (values.squeezed(axis: 0), indices.squeezed(axis: 0))
        }
        return x.maxPool(kernel: kernelSize.expanded(2), window, ceilMode: ceilMode)
    }

    private var window: Window {
        Window(stride: stride.expanded(2), padding: padding.expanded(2), dilation: dilation.expanded(2))
    }
}

/// The mean of each window over two spatial axes.
///
/// *Shape*: (N, C, H, W) gives (N, C, H', W'); without N in, without N out.
public final class AvgPool2d: Layer {
    public let kernelSize, stride, padding: PerAxis
    public let ceilMode, countsPadding: Bool
    public let divisor: Int?

    /// - Parameters:
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
        if x.rank == 3 { return self(x.unsqueezed(at: 0)).squeezed(axis: 0) }
        return x.averagePool(
            kernel: kernelSize.expanded(2), Window(stride: stride.expanded(2), padding: padding.expanded(2)),
            ceilMode: ceilMode, countsPadding: countsPadding, divisor: divisor)
    }
}

/// The mean over equal parts of two spatial axes, whatever their lengths.
///
/// *Shape*: (N, C, H, W) gives (N, C, output…).
public final class AdaptiveAvgPool2d: Layer {
    /// The lengths wanted; nil leaves an axis as it is.
    public let outputSize: [Int?]

    public init(_ outputSize: PerAxis) { self.outputSize = outputSize.expanded(2) }
    public init(lengths: [Int?]) { outputSize = lengths }

    public var details: String {
        "output_size=(" + outputSize.map { $0.map(String.init) ?? "None" }.joined(separator: ", ") + ")"
    }

    public func callAsFunction(_ x: Tensor) -> Tensor {
        if x.rank == 3 { return self(x.unsqueezed(at: 0)).squeezed(axis: 0) }
        return x.adaptiveAveragePool(output: zip(outputSize, x.shape.dropFirst(2)).map { $0 ?? $1 })
    }
}
