import Cresset

/// Convolves (cross-correlates) over one spatial axis: (N, C, L).
public typealias Conv1d = Convolution<1>
/// Convolves (cross-correlates) over two spatial axes: (N, C, H, W).
public typealias Conv2d = Convolution<2>
/// Convolves (cross-correlates) over three spatial axes: (N, C, D, H, W).
public typealias Conv3d = Convolution<3>

/// Convolves (cross-correlates) over `axes` spatial axes: ``Conv1d``, ``Conv2d`` and ``Conv3d``.
///
/// *Shape*: (N, inChannels, spatial…) gives (N, outChannels, windows…); an input without N gives a result without N.
public final class Convolution<let axes: Int>: Layer {
    public var isTraining = true
    /// (outChannels, inChannels / groups, kernel…).
    public var weight: Parameter
    /// (outChannels).
    public var bias: Parameter?
    public let kernelSize: [Int]
    /// Steps between windows.
    public let stride: PerAxis
    /// Elements added around the input.
    public let padding: ConvolutionPadding
    /// Distance between the elements of a window.
    public let dilation: PerAxis
    /// Independent groups of channels.
    public let groups: Int
    /// The values of the elements around the input.
    public let paddingMode: ConvolutionPaddingMode

    /// A layer with random weights as PyTorch draws them.
    ///
    /// Traps if the groups do not divide both numbers of channels, and for padding `.same` with a stride.
    ///
    /// - Parameters:
    ///   - inChannels: The number of input channels.
    ///   - outChannels: The number of output channels.
    ///   - kernelSize: The lengths of the window, one for all axes or one for each.
    ///   - stride: Steps between windows.
    ///   - padding: Elements added around the input.
    ///   - dilation: Distance between the elements of a window.
    ///   - groups: Independent groups of channels; must divide both numbers of channels.
    ///   - bias: Whether a bias is added.
    ///   - paddingMode: The values of the elements around the input.
    ///   - dtype: The type of the parameters.
    public init(
        _ inChannels: Int, _ outChannels: Int, kernelSize: some AxisNumbers, stride: some AxisNumbers = 1,
        padding: some ConvolutionPaddingAmount = 0, dilation: some AxisNumbers = 1, groups: Int = 1, bias: Bool = true,
        paddingMode: ConvolutionPaddingMode = .zeros, dtype: DType = .float32
    ) {
        let padding = padding.convolutionPadding
        if padding == .keepingLengths, stride.perAxis.values.contains(where: { $0 != 1 }) {
            fatalError("Conv\(axes)d: padding \"same\" needs a stride of 1, not \(stride.perAxis.values)")
        }
        self.kernelSize = kernelSize.perAxis.expanded(axes)
        self.stride = stride.perAxis
        self.padding = padding
        self.dilation = dilation.perAxis
        self.groups = groups
        self.paddingMode = paddingMode
        checkGroups("Conv\(axes)d", groups, inChannels, outChannels)
        let shape = Shape([outChannels, inChannels / groups] + self.kernelSize)
        (weight, self.bias) = drawnFilter(shape, biases: bias ? outChannels : nil, dtype: dtype)
    }

    public static var className: String { "Conv\(axes)d" }

    public var details: String {
        var text = "\(weight.shape[1] * groups), \(weight.shape[0]), kernel_size=\(kernelSize.pythonTuple)"
        text += ", stride=\(stride.tuple(axes))"
        switch padding {
        case .keepingLengths: text += ", padding=same"
        case .roundingUp: text += ", padding=tensorflow"
        case .perAxis(let padding) where padding.expanded(axes).contains(where: { $0 != 0 }):
            text += ", padding=\(padding.tuple(axes))"
        case .perAxis: break
        }
        if dilation.expanded(axes).contains(where: { $0 != 1 }) { text += ", dilation=\(dilation.tuple(axes))" }
        if groups != 1 { text += ", groups=\(groups)" }
        if bias == nil { text += ", bias=False" }
        if paddingMode != .zeros { text += ", padding_mode=\(paddingMode.rawValue)" }
        return text
    }

    public func forward(_ x: Tensor) -> Tensor {
        x.batched(axes: axes) { x in
            guard let mode = paddingMode.explicit else {
                return x.convolution(weight: weight.value, bias: bias?.value, window(over: x))
            }
            // The kernels support only zeros: any other padding is added to the input first.
            var inner = window(over: x)
            let (before, after) = (inner.padding, inner.paddingAfter ?? inner.padding)
            let amounts = zip(before, after).reversed().flatMap { [$0, $1] }
            (inner.padding, inner.paddingAfter) = ([0], nil)
            return x.padded(amounts, mode).convolution(weight: weight.value, bias: bias?.value, inner)
        }
    }

    func window(over x: Tensor) -> Window {
        switch padding {
        case .perAxis(let padding):
            return Window(
                stride: stride.expanded(axes), padding: padding.expanded(axes), dilation: dilation.expanded(axes),
                groups: groups)
        case .keepingLengths: return .same(kernel: kernelSize, dilation: dilation.expanded(axes), groups: groups)
        case .roundingUp:
            var window = Window(stride: stride.expanded(axes), dilation: dilation.expanded(axes), groups: groups)
            window.pad(
                by: (0..<axes).map { axis in
                    let length = x.shape[x.rank - axes + axis], stride = window.stride[axis]
                    let covered = (kernelSize[axis] - 1) * window.dilation[axis] + 1
                    return max(0, (length - 1) / stride * stride + covered - length)
                })
            return window
        }
    }
}

/// What can be given as a convolution's padding: a number, an array with one number per axis, or `.same`.
public protocol ConvolutionPaddingAmount: Sendable {
    var convolutionPadding: ConvolutionPadding { get }
}

extension ConvolutionPaddingAmount where Self == ConvolutionPadding {
    /// Enough padding to keep the lengths of the axes.
    public static var same: ConvolutionPadding { .keepingLengths }
    /// TensorFlow's `SAME`: enough padding for a result of length / stride elements, rounded up.
    public static var tensorFlow: ConvolutionPadding { .roundingUp }
}

extension Int: ConvolutionPaddingAmount {
    public var convolutionPadding: ConvolutionPadding { .perAxis(PerAxis(self)) }
}

extension Array: ConvolutionPaddingAmount where Element == Int {
    public var convolutionPadding: ConvolutionPadding { .perAxis(PerAxis(self)) }
}

/// The zeros a convolution adds around its input: a number for each axis, or as many as keep its lengths.
public enum ConvolutionPadding: ConvolutionPaddingAmount, Hashable {
    case perAxis(PerAxis)
    /// The result is as long as the input; only for a stride of 1. If the number is odd, the extra zero comes after.
    case keepingLengths
    /// The result has length / stride elements, rounded up; if the number of zeros is odd, the extra one comes after.
    case roundingUp

    public var convolutionPadding: ConvolutionPadding { self }
}

/// The values of the elements that a convolution adds around its input.
public enum ConvolutionPaddingMode: String, Sendable {
    case zeros, reflect, replicate, circular

    /// Padding that a separate operator adds; nil for zeros.
    fileprivate var explicit: TensorPadding? {
        switch self {
        case .zeros: nil
        case .reflect: .reflect
        case .replicate: .replicate
        case .circular: .circular
        }
    }
}

/// Traps unless `groups` divides both numbers of channels.
func checkGroups(_ name: String, _ groups: Int, _ inChannels: Int, _ outChannels: Int) {
    guard groups >= 1, inChannels % groups == 0, outChannels % groups == 0 else {
        fatalError("\(name): \(groups) groups do not divide \(inChannels) and \(outChannels) channels")
    }
}

/// The weight, then the bias, drawn in PyTorch's order: uniform within ±1/√(elements of one filter).
func drawnFilter(_ shape: Shape, biases: Int?, dtype: DType) -> (weight: Parameter, bias: Parameter?) {
    let weight = Parameter(zeros: shape, dtype: dtype)
    weight.initializeAsFilter()
    guard let biases else { return (weight, nil) }
    let bias = Parameter(zeros: [biases], dtype: dtype)
    bias.drawUniform(bound: 1 / Double(Fan.input.count(shape)).squareRoot())
    return (weight, bias)
}
