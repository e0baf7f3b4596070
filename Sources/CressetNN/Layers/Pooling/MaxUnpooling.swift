import Cresset

/// A layer that puts elements back to the places where ``MaxPooling/withIndices(_:)`` found them; zeros elsewhere.
///
/// *Shape*: (N, C, windows…) gives (N, C, spatial…); without N in, without N out.
public protocol MaxUnpooling: Module {
    /// The number of spatial axes.
    static var axes: Int { get }
    var kernelSize: PerAxis { get }
    var stride: PerAxis { get }
    var padding: PerAxis { get }
}

extension MaxUnpooling {
    public var details: String {
        "kernel_size=\(kernelSize.tuple(Self.axes)), stride=\(stride.tuple(Self.axes)),"
            + " padding=\(padding.tuple(Self.axes))"
    }

    /// - Parameter outputSize: The spatial lengths of what was pooled; the smallest that give these windows where nil.
    public func callAsFunction(_ x: Tensor, indices: Tensor, outputSize: [Int]? = nil) -> Tensor {
        let axes = Self.axes
        guard x.rank == axes + 1 || x.rank == axes + 2, indices.shape == x.shape else {
            fatalError("\(Self.self): values of shape \(x.shape) with indices of shape \(indices.shape)")
        }
        let windows = x.shape.suffix(axes)
        let (kernel, steps, margins) = (kernelSize.expanded(axes), stride.expanded(axes), padding.expanded(axes))
        let lengths = outputSize ?? zip(windows, 0..<axes).map { ($0 - 1) * steps[$1] - 2 * margins[$1] + kernel[$1] }
        guard lengths.count == axes, lengths.allSatisfy({ $0 >= 1 }) else {
            fatalError("\(Self.self): an output of \(lengths) for windows of shape \(x.shape)")
        }
        let before = Array(x.shape.dropLast(axes))
        let plane = lengths.reduce(1, *)
        let flat = Tensor.zeros(Shape(before + [plane]), dtype: x.dtype, device: x.device)
        let at = x.rank - axes
        return flat.scatter(axis: at, indices: indices.flattened(from: at), x.flattened(from: at))
            .reshaped(Shape(before + lengths))
    }
}

/// Puts the elements of windows over one spatial axis back to their places.
public final class MaxUnpool1d: MaxUnpooling {
    public static let axes = 1
    public let kernelSize, stride, padding: PerAxis

    public init(_ kernelSize: PerAxis, stride: PerAxis? = nil, padding: PerAxis = 0) {
        self.kernelSize = kernelSize
        self.stride = stride ?? kernelSize
        self.padding = padding
    }
}

/// Puts the elements of windows over two spatial axes back to their places.
public final class MaxUnpool2d: MaxUnpooling {
    public static let axes = 2
    public let kernelSize, stride, padding: PerAxis

    public init(_ kernelSize: PerAxis, stride: PerAxis? = nil, padding: PerAxis = 0) {
        self.kernelSize = kernelSize
        self.stride = stride ?? kernelSize
        self.padding = padding
    }
}

/// Puts the elements of windows over three spatial axes back to their places.
public final class MaxUnpool3d: MaxUnpooling {
    public static let axes = 3
    public let kernelSize, stride, padding: PerAxis

    public init(_ kernelSize: PerAxis, stride: PerAxis? = nil, padding: PerAxis = 0) {
        self.kernelSize = kernelSize
        self.stride = stride ?? kernelSize
        self.padding = padding
    }
}
