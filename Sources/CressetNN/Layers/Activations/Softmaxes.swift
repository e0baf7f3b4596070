import Cresset

/// The logarithm of the softmax along an axis, without overflow.
public final class LogSoftmax: Layer {
    public let axis: Int

    /// Creates one with these options.
    ///
    /// - Parameter axis: The axis along which the numbers sum to 1.
    public init(axis: Int) { self.axis = axis }

    public var details: String { "dim=\(axis)" }

    public func forward(_ x: Tensor) -> Tensor { x.logSoftmax(axis: axis) }
}

/// The softmax of -x along an axis: the smallest element gets the largest share.
public final class Softmin: Layer {
    public let axis: Int

    /// Creates one with these options.
    ///
    /// - Parameter axis: The axis along which the numbers sum to 1.
    public init(axis: Int) { self.axis = axis }

    public var details: String { "dim=\(axis)" }

    public func forward(_ x: Tensor) -> Tensor { (-x).softmax(axis: axis) }
}

/// The softmax over the channels at each position.
///
/// *Shape*: (N, C, H, W) or (C, H, W), the result has the same.
public final class Softmax2d: Layer {
    public init() {}

    public func forward(_ x: Tensor) -> Tensor {
        guard x.rank == 3 || x.rank == 4 else {
            fatalError("Softmax2d: an input of shape \(x.shape), expected (N, C, H, W) or (C, H, W)")
        }
        return x.softmax(axis: -3)
    }
}
