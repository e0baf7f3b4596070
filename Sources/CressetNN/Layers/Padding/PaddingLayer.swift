import Cresset

/// A layer that puts elements around its spatial axes.
///
/// *Shape*: (N, C, spatial…) or (C, spatial…), each axis longer by what is put before and after it.
public protocol PaddingLayer: Layer {
    /// The number of spatial axes.
    static var axes: Int { get }
    /// How many elements are put before and after each axis, in pairs from the last axis on; negative ones cut off.
    var padding: [Int] { get }
    /// What the elements are.
    var mode: TensorPadding { get }
}

extension PaddingLayer {
    public var details: String { padding.pythonTuple }

    public func callAsFunction(_ x: Tensor) -> Tensor {
        guard x.rank > Self.axes else {
            fatalError("\(Self.self): an input of shape \(x.shape) has no channels and \(Self.axes) spatial axes")
        }
        return x.padded(padding, mode)
    }

    /// One number for every side, or a pair for each axis, the last first.
    static func sides(_ padding: PerAxis) -> [Int] { padding.expanded(2 * axes) }
}
