import Cresset

/// The largest element of randomly placed windows over two spatial axes.
public typealias FractionalMaxPool2d = FractionalMaxPooling<2>
/// The largest element of randomly placed windows over three spatial axes.
public typealias FractionalMaxPool3d = FractionalMaxPooling<3>

/// The largest element of randomly placed windows over `axes` spatial axes: two or three.
///
/// *Shape*: (N, C, spatial…) gives (N, C, output…); an input without N gives a result without N. The windows are placed
/// anew in each call, in evaluation too. *Source*: Graham, "Fractional Max-Pooling", 2014.
public final class FractionalMaxPooling<let axes: Int>: Layer {
    private enum Output {
        case size(PerAxis)
        case ratio([Double])
    }

    public let kernelSize: PerAxis
    private let output: Output

    ///
    /// - Parameters:
    ///   - kernelSize: The lengths of the window, one for all axes or one for each.
    ///   - outputSize: The output lengths.
    public init(_ kernelSize: some AxisNumbers, outputSize: some AxisNumbers) {
        self.kernelSize = kernelSize.perAxis
        output = .size(outputSize.perAxis)
    }

    ///
    /// - Parameters:
    ///   - kernelSize: The lengths of the window, one for all axes or one for each.
    ///   - outputRatio: The share of the input's lengths, above 0 and below 1: one for all axes or one for each.
    public init(_ kernelSize: some AxisNumbers, outputRatio: [Double]) {
        guard outputRatio.count == 1 || outputRatio.count == axes, outputRatio.allSatisfy({ $0 > 0 && $0 < 1 }) else {
            fatalError("FractionalMaxPool\(axes)d: output ratios \(outputRatio) must each be between 0 and 1")
        }
        self.kernelSize = kernelSize.perAxis
        output = .ratio(outputRatio)
    }

    public static var className: String { "FractionalMaxPool\(axes)d" }

    public func forward(_ x: Tensor) -> Tensor { withIndices(x).values }

    /// The largest elements and their positions (int64, flat within the channel's plane), as ``MaxUnpooling`` takes
    /// them.
    ///
    /// - Parameters:
    ///   - x: The input, (N, C, …).
    ///   - samples: (N, C, axes), numbers in [0, 1) that place the windows; drawn at random if nil.
    public func withIndices(_ x: Tensor, samples: Tensor? = nil) -> (values: Tensor, indices: Tensor) {
        x.batchedPair(axes: axes) {
            $0.fractionalMaxPool(kernel: kernelSize.expanded(axes), output: lengths(for: $0), samples: samples)
        }
    }

    private func lengths(for x: Tensor) -> [Int] {
        switch output {
        case .size(let size): size.expanded(axes)
        case .ratio(let ratio):
            (0..<axes).map { Int(Double(x.shape[x.rank - axes + $0]) * ratio[ratio.count == 1 ? 0 : $0]) }
        }
    }
}
