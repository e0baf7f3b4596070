import Cresset

/// A layer that takes the norm of order p of each window, not its p-th part.
///
/// (sum of x^p)^(1/p): order 1 is the sum, a large order nears the largest element.
/// *Shape*: (N, C, spatial…) gives (N, C, windows…); without N in, without N out.
public protocol PowerAveragePooling: Layer {
    /// The number of spatial axes.
    static var axes: Int { get }
    /// The order p.
    var order: Double { get }
    var kernelSize: PerAxis { get }
    /// Steps between windows; the kernel's lengths where nil.
    var stride: PerAxis? { get }
    /// Whether windows that begin inside and end outside count.
    var ceilMode: Bool { get }
}

extension PowerAveragePooling {
    public var details: String {
        "norm_type=\(order.pythonNumber), kernel_size=\(kernelSize.printed),"
            + " stride=\((stride?.printed).python), ceil_mode=\(ceilMode.python)"
    }

    public func callAsFunction(_ x: Tensor) -> Tensor {
        let kernel = kernelSize.expanded(Self.axes)
        let steps = stride?.expanded(Self.axes) ?? kernel
        let means = x.power(order).batched(axes: Self.axes) {
            $0.averagePool(kernel: kernel, Window(stride: steps), ceilMode: ceilMode)
        }
        let sums = means.sign() * means.abs().relu() * Double(kernel.reduce(1, *))
        return sums.power(1 / order)
    }
}

/// The norm of each window over one spatial axis.
public final class LPPool1d: PowerAveragePooling {
    public static let axes = 1
    public let order: Double
    public let kernelSize: PerAxis
    public let stride: PerAxis?
    public let ceilMode: Bool

    public init(order: Double, _ kernelSize: PerAxis, stride: PerAxis? = nil, ceilMode: Bool = false) {
        self.order = order
        self.kernelSize = kernelSize
        self.stride = stride
        self.ceilMode = ceilMode
    }
}

/// The norm of each window over two spatial axes.
public final class LPPool2d: PowerAveragePooling {
    public static let axes = 2
    public let order: Double
    public let kernelSize: PerAxis
    public let stride: PerAxis?
    public let ceilMode: Bool

    public init(order: Double, _ kernelSize: PerAxis, stride: PerAxis? = nil, ceilMode: Bool = false) {
        self.order = order
        self.kernelSize = kernelSize
        self.stride = stride
        self.ceilMode = ceilMode
    }
}

/// The norm of each window over three spatial axes.
public final class LPPool3d: PowerAveragePooling {
    public static let axes = 3
    public let order: Double
    public let kernelSize: PerAxis
    public let stride: PerAxis?
    public let ceilMode: Bool

    public init(order: Double, _ kernelSize: PerAxis, stride: PerAxis? = nil, ceilMode: Bool = false) {
        self.order = order
        self.kernelSize = kernelSize
        self.stride = stride
        self.ceilMode = ceilMode
    }
}
