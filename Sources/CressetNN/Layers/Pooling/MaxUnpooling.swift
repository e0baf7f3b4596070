import Cresset

/// Puts the elements of windows over one spatial axis back in their positions.
public typealias MaxUnpool1d = MaxUnpooling<1>
/// Puts the elements of windows over two spatial axes back in their positions.
public typealias MaxUnpool2d = MaxUnpooling<2>
/// Puts the elements of windows over three spatial axes back in their positions.
public typealias MaxUnpool3d = MaxUnpooling<3>

/// Puts elements back in the positions where ``MaxPooling/withIndices(_:)`` found them; zeros elsewhere.
///
/// *Shape*: (N, C, windows…) gives (N, C, spatial…); an input without N gives a result without N.
public final class MaxUnpooling<let axes: Int>: Module {
    public let kernelSize, stride, padding: PerAxis

    /// A layer with the parameters of the pool that it undoes.
    ///
    /// - Parameters:
    ///   - kernelSize: The lengths of the window, one for all axes or one for each.
    ///   - stride: How far the window moves; one number for all axes or one for each.
    ///   - padding: The number of elements added at both ends of each axis.
    public init(
        _ kernelSize: some AxisNumbers, stride: (some AxisNumbers)? = PerAxis?.none, padding: some AxisNumbers = 0
    ) {
        self.kernelSize = kernelSize.perAxis
        self.stride = stride?.perAxis ?? kernelSize.perAxis
        self.padding = padding.perAxis
    }

    public static var className: String { "MaxUnpool\(axes)d" }

    public var details: String {
        "kernel_size=\(kernelSize.tuple(axes)), stride=\(stride.tuple(axes)), padding=\(padding.tuple(axes))"
    }

    /// Traps if values and indices differ in shape.
    ///
    /// - Parameters:
    ///   - x: The result of the pooling.
    ///   - indices: The indices that the pooling returned.
    ///   - outputSize: The spatial lengths of the pool's input; if nil, the smallest that give these windows.
    public func callAsFunction(_ x: Tensor, indices: Tensor, outputSize: [Int]? = nil) -> Tensor {
        guard x.rank == axes + 1 || x.rank == axes + 2, indices.shape == x.shape else {
            fatalError("MaxUnpool\(axes)d: values of shape \(x.shape) do not match indices of shape \(indices.shape)")
        }
        let windows = x.shape.suffix(axes)
        let (kernel, steps, margins) = (kernelSize.expanded(axes), stride.expanded(axes), padding.expanded(axes))
        let lengths = outputSize ?? zip(windows, 0..<axes).map { ($0 - 1) * steps[$1] - 2 * margins[$1] + kernel[$1] }
        guard lengths.count == axes, lengths.allSatisfy({ $0 >= 1 }) else {
            fatalError("MaxUnpool\(axes)d: an output of \(lengths) does not fit windows of shape \(x.shape)")
        }
        let before = Array(x.shape.dropLast(axes))
        let plane = lengths.reduce(1, *)
        let flat = Tensor.zeros(Shape(before + [plane]), dtype: x.dtype, device: x.device)
        let at = x.rank - axes
        return observed(
            flat.scatter(axis: at, indices: indices.flattened(from: at), x.flattened(from: at))
                .reshaped(Shape(before + lengths)))
    }
}
