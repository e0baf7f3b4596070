import Cresset

/// The norm of each window over one spatial axis.
public typealias LPPool1d = PowerAveragePooling<1>
/// The norm of each window over two spatial axes.
public typealias LPPool2d = PowerAveragePooling<2>
/// The norm of each window over three spatial axes.
public typealias LPPool3d = PowerAveragePooling<3>

/// The norm of order p of each window over `axes` spatial axes.
///
/// (sum of x^p)^(1/p): order 1 is the sum, a large order approaches the largest element.
/// *Shape*: (N, C, spatial…) gives (N, C, windows…); an input without N gives a result without N.
public final class PowerAveragePooling<let axes: Int>: Layer {
    /// The order p.
    public let order: Double
    public let kernelSize: PerAxis
    public let stride: PerAxis?
    public let ceilMode: Bool

    ///
    /// - Parameters:
    ///   - order: The power: 1 for sums, infinity for the maximum.
    ///   - kernelSize: The lengths of the window, one for all axes or one for each.
    ///   - stride: Steps between windows; the kernel's lengths if nil.
    ///   - ceilMode: Whether windows that start inside and end outside are included.
    public init(
        order: Double, _ kernelSize: some AxisNumbers, stride: (some AxisNumbers)? = PerAxis?.none,
        ceilMode: Bool = false
    ) {
        self.order = order
        self.kernelSize = kernelSize.perAxis
        self.stride = stride?.perAxis
        self.ceilMode = ceilMode
    }

    public static var className: String { "LPPool\(axes)d" }

    public var details: String {
        "norm_type=\(order.pythonNumber), kernel_size=\(kernelSize.printed),"
            + " stride=\((stride?.printed).python), ceil_mode=\(ceilMode.python)"
    }

    public func forward(_ x: Tensor) -> Tensor {
        let kernel = kernelSize.expanded(axes)
        let steps = stride?.expanded(axes) ?? kernel
        let means = x.power(order).batched(axes: axes) {
            $0.averagePool(kernel: kernel, Window(stride: steps), ceilMode: ceilMode)
        }
        let sums = means.sign() * means.abs().relu() * Double(kernel.reduce(1, *))
        return sums.power(1 / order)
    }
}
