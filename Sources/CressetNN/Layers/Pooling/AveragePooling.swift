import Cresset

/// A layer that takes the mean of each window.
///
/// *Shape*: (N, C, spatial…) gives (N, C, windows…); without N in, without N out.
public protocol AveragePooling: Layer {
    /// The number of spatial axes.
    static var axes: Int { get }
    var kernelSize: PerAxis { get }
    /// Steps between windows.
    var stride: PerAxis { get }
    /// Zeros put around the input.
    var padding: PerAxis { get }
    /// Whether windows that begin inside and end outside count.
    var ceilMode: Bool { get }
    /// Whether zeros of the padding take part in the mean.
    var countsPadding: Bool { get }
    /// Takes the place of the number of elements.
    var divisor: Int? { get }
}

extension AveragePooling {
    public var details: String {
        // As PyTorch has it, which spreads the numbers of one axis only.
        func printed(_ values: PerAxis) -> String { Self.axes == 1 ? values.tuple(1) : values.printed }
        return "kernel_size=\(printed(kernelSize)), stride=\(printed(stride)), padding=\(printed(padding))"
    }

    public func callAsFunction(_ x: Tensor) -> Tensor {
        let axes = Self.axes
        return x.batched(axes: axes) {
            $0.averagePool(
                kernel: kernelSize.expanded(axes),
                Window(stride: stride.expanded(axes), padding: padding.expanded(axes)),
                ceilMode: ceilMode, countsPadding: countsPadding, divisor: divisor)
        }
    }
}

/// The mean of each window over one spatial axis.
public final class AvgPool1d: AveragePooling {
    public static let axes = 1
    public let kernelSize, stride, padding: PerAxis
    public let ceilMode, countsPadding: Bool
    public var divisor: Int? { nil }

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
}

/// The mean of each window over two spatial axes.
public final class AvgPool2d: AveragePooling {
    public static let axes = 2
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
}

/// The mean of each window over three spatial axes.
public final class AvgPool3d: AveragePooling {
    public static let axes = 3
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
}
