import Cresset

/// A layer that pools equal parts of its spatial axes, whatever their lengths.
///
/// *Shape*: (N, C, spatial…) gives (N, C, output…); without N in, without N out.
public protocol AdaptivePooling: Layer {
    /// The number of spatial axes.
    static var axes: Int { get }
    /// The lengths wanted, one for all axes or one each; nil leaves an axis as it is.
    var outputSize: [Int?] { get }
}

extension AdaptivePooling {
    public var details: String {
        "output_size=" + (outputSize.count == 1 ? outputSize[0].python : outputSize.map(\.python).pythonTuple)
    }

    func lengths(for x: Tensor) -> [Int] {
        guard outputSize.count == 1 || outputSize.count == Self.axes else {
            fatalError("\(Self.self): \(outputSize.count) lengths for \(Self.axes) axes")
        }
        return (0..<Self.axes).map { i in
            outputSize[outputSize.count == 1 ? 0 : i] ?? x.shape[x.rank - Self.axes + i]
        }
    }
}

/// An adaptive pool that keeps the largest element of each part.
public protocol AdaptiveMaxPooling: AdaptivePooling {}

extension AdaptiveMaxPooling {
    public func callAsFunction(_ x: Tensor) -> Tensor { withIndices(x).values }

    /// The largest elements and their places (int64, flat within the channel's plane).
    public func withIndices(_ x: Tensor) -> (values: Tensor, indices: Tensor) {
        let isBatched = x.rank == Self.axes + 2
        let (values, indices) = (isBatched ? x : x.unsqueezed(at: 0)).adaptiveMaxPool(output: lengths(for: x))
        return isBatched ? (values, indices) : (values.squeezed(axis: 0), indices.squeezed(axis: 0))
    }
}

/// An adaptive pool that takes the mean of each part.
public protocol AdaptiveAveragePooling: AdaptivePooling {}

extension AdaptiveAveragePooling {
    public func callAsFunction(_ x: Tensor) -> Tensor {
        let output = lengths(for: x)
        return x.batched(axes: Self.axes) { $0.adaptiveAveragePool(output: output) }
    }
}
