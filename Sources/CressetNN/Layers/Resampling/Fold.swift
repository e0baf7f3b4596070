import Cresset

/// The windows over two spatial axes as columns.
///
/// *Shape*: (N, C, H, W) gives (N, C kernel…, windows); an input without N gives a result without N.
public final class Unfold: Layer {
    public let kernelSize, dilation, padding, stride: PerAxis

    /// Creates one with these options.
    ///
    /// - Parameters:
    ///   - kernelSize: The lengths of the window, one for all axes or one for each.
    ///   - dilation: The distance between the elements that the window takes.
    ///   - padding: The number of elements added at both ends of each axis.
    ///   - stride: How far the window moves; one number for all axes or one for each.
    public init(
        _ kernelSize: some AxisNumbers, dilation: some AxisNumbers = 1, padding: some AxisNumbers = 0,
        stride: some AxisNumbers = 1
    ) {
        self.kernelSize = kernelSize.perAxis
        self.dilation = dilation.perAxis
        self.padding = padding.perAxis
        self.stride = stride.perAxis
    }

    public var details: String {
        "kernel_size=\(kernelSize.printed), dilation=\(dilation.printed), padding=\(padding.printed),"
            + " stride=\(stride.printed)"
    }

    public func forward(_ x: Tensor) -> Tensor {
        x.windowColumns(
            kernel: kernelSize.expanded(2),
            Window(stride: stride.expanded(2), padding: padding.expanded(2), dilation: dilation.expanded(2)))
    }
}

/// Puts columns back as windows over two spatial axes, summed where they overlap.
///
/// *Shape*: (N, C kernel…, windows) gives (N, C, outputSize…); an input without N gives a result without N.
public final class Fold: Layer {
    public let outputSize, kernelSize, dilation, padding, stride: PerAxis

    /// Creates one with these options.
    ///
    /// - Parameters:
    ///   - outputSize: The lengths of the picture.
    ///   - kernelSize: The lengths of the window, one for all axes or one for each.
    ///   - dilation: The distance between the elements that the window takes.
    ///   - padding: The number of elements added at both ends of each axis.
    ///   - stride: How far the window moves; one number for all axes or one for each.
    public init(
        _ outputSize: some AxisNumbers, _ kernelSize: some AxisNumbers, dilation: some AxisNumbers = 1,
        padding: some AxisNumbers = 0, stride: some AxisNumbers = 1
    ) {
        self.outputSize = outputSize.perAxis
        self.kernelSize = kernelSize.perAxis
        self.dilation = dilation.perAxis
        self.padding = padding.perAxis
        self.stride = stride.perAxis
    }

    public var details: String {
        "output_size=\(outputSize.printed), kernel_size=\(kernelSize.printed), dilation=\(dilation.printed),"
            + " padding=\(padding.printed), stride=\(stride.printed)"
    }

    public func forward(_ x: Tensor) -> Tensor {
        if x.rank == 2 { return self(x.unsqueezed(at: 0)).squeezed(axis: 0) }
        let (size, kernel, margin) = (outputSize.expanded(2), kernelSize.expanded(2), padding.expanded(2))
        let (height, width) = (size[0] + 2 * margin[0], size[1] + 2 * margin[1])
        // Where each element of a column belongs in the padded plane, found by unfolding the numbers of its positions.
        let places = Tensor.arange(height * width, device: x.device).to(.float64).reshaped([1, 1, height, width])
            .windowColumns(kernel: kernel, Window(stride: stride.expanded(2), dilation: dilation.expanded(2)))
            .to(.int64).flattened()
        let count = kernel[0] * kernel[1]
        guard x.rank == 3, x.shape[1] % count == 0, x.shape[1] / count * places.elementCount == x.shape[1] * x.shape[2]
        else { fatalError("Fold: an input of shape \(x.shape) does not fit \(places.elementCount / count) windows") }
        let (n, c) = (x.shape[0], x.shape[1] / count)
        let columns = x.reshaped([n, c, places.elementCount])
        return Tensor.zeros([n, c, height * width], dtype: x.dtype, device: x.device)
            .scatterAdd(axis: 2, indices: places.broadcast(to: columns.shape), columns)
            .reshaped([n, c, height, width])
            .padded([-margin[1], -margin[1], -margin[0], -margin[0]])
    }
}

/// Splits one axis into several.
public final class Unflatten: Layer {
    public let axis: Int
    public let lengths: [Int]

    ///
    /// - Parameters:
    ///   - axis: The axis that is divided.
    ///   - lengths: The lengths of the new axes; one may be -1 and is inferred.
    public init(axis: Int, into lengths: [Int]) {
        self.axis = axis
        self.lengths = lengths
    }

    public var details: String { "dim=\(axis), unflattened_size=\(lengths.pythonTuple)" }

    public func forward(_ x: Tensor) -> Tensor { x.unflattened(axis: axis, into: lengths) }
}
