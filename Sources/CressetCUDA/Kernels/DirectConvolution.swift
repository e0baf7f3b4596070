import CCUDA
import CressetBackend

/// Convolution by our own kernels: float64, and whatever cuDNN has no plan for.
extension CUDABackend {
    func directConvolution(
        _ x: Operand, weight: Operand, bias: Operand?, geometry: ConvolutionGeometry, addend: Operand?,
        epilogue: Epilogue, into out: Operand
    ) {
        // (taps, input channels, output channels): neighbouring threads have neighbouring output channels and read
        // neighbours.
        let turned = turned(weight, channels: [1, 0])
        var parameters = cresset_convolution_parameters()
        parameters.shape = cresset_convolution_shape(geometry, x: x, weight: weight, out: out)
        (parameters.x, parameters.out) = (x.pointer, out.pointer)
        parameters.weight = UnsafeRawPointer(turned.pointer)
        parameters.bias = bias.map { UnsafeRawPointer($0.pointer) }
        parameters.addend = addend.map { UnsafeRawPointer($0.pointer) }
        parameters.rectifies = epilogue == .relu ? 1 : 0
        launch(
            convolutionKernel("cresset_convolution", x.dtype), grid: (out.elementCount + 255) / 256, block: 256,
            parameters)
        withExtendedLifetime(turned) {}
    }

    func directConvolutionInputGradient(
        _ gradient: Operand, weight: Operand, geometry: ConvolutionGeometry, into out: Operand
    ) {
        let turned = turned(weight, channels: [0, 1])
        var parameters = cresset_convolution_parameters()
        parameters.shape = cresset_convolution_shape(geometry, x: out, weight: weight, out: gradient)
        (parameters.x, parameters.out) = (out.pointer, gradient.pointer)
        parameters.weight = UnsafeRawPointer(turned.pointer)
        launch(
            convolutionKernel("cresset_convolution_input_gradient", out.dtype), grid: (out.elementCount + 255) / 256,
            block: 256, parameters)
        withExtendedLifetime(turned) {}
    }

    func directConvolutionWeightGradient(
        _ gradient: Operand, _ x: Operand, geometry: ConvolutionGeometry, weight: Operand
    ) {
        var slices = cresset_convolution_slices()
        slices.shape = cresset_convolution_shape(geometry, x: x, weight: weight, out: gradient)
        slices.gradient = UnsafeRawPointer(gradient.pointer)
        slices.x = UnsafeRawPointer(x.pointer)
        var sum = cresset_convolution_slice_sum()
        sum.kernel = slices.shape.kernel
        (sum.in_channels, sum.out_channels) = (Int32(weight.shape[1]), Int32(weight.shape[0]))
        sum.strides = weight.filterStrides.five
        sumSlices(
            "cresset_convolution_weight_gradient", gradient, slices, sum, count: weight.elementCount, into: weight)
    }

    /// The gradient of a convolution's bias: the sum over all positions.
    func convolutionBiasGradient(_ gradient: Operand, into bias: Operand) {
        var slices = cresset_convolution_slices()
        let window = WindowGeometry.adaptive(axes: gradient.shape.count - 2)
        slices.shape = cresset_convolution_shape(
            ConvolutionGeometry(window: window, groups: 1), x: gradient, weight: gradient, out: gradient)
        slices.gradient = UnsafeRawPointer(gradient.pointer)
        var sum = cresset_convolution_slice_sum()
        sum.kernel = (1, 1, 1)
        (sum.in_channels, sum.out_channels) = (1, Int32(gradient.shape[1]))
        slices.shape.out_channels = sum.out_channels
        sum.strides = (1, 0, 0, 0, 0)
        sumSlices("cresset_convolution_bias_gradient", gradient, slices, sum, count: gradient.shape[1], into: bias)
    }

    /// Sums over rows in slices, enough to keep the device busy, then adds these up in order, so that results are
    /// reproducible.
    private func sumSlices(
        _ entry: StaticString, _ gradient: Operand, _ slices: cresset_convolution_slices,
        _ sum: cresset_convolution_slice_sum, count: Int, into out: Operand
    ) {
        var (slices, sum) = (slices, sum)
        let rows = gradient.elementCount / gradient.shape[1]
        let busy = properties.multiprocessorCount * properties.threadsPerMultiprocessor
        let wanted = min(max(busy / count, rows / 4096, 1), (rows + 63) / 64, 65535)
        // Keeps the memory for the sums within reason.
        let limit = min(wanted, max(1, (1 << 26) / count))
        let rowsPerSlice = (rows + limit - 1) / limit
        let sliceCount = (rows + rowsPerSlice - 1) / rowsPerSlice
        slices.rows_per_slice = Int64(rowsPerSlice)
        sum.slices = Int32(sliceCount)
        sum.out = out.pointer
        let itemSize = gradient.dtype == .float64 ? 8 : 4
        withTemporary(byteCount: sliceCount * count * itemSize) {
            slices.sums = $0
            sum.sums = UnsafeRawPointer($0)
            let blocks = (count + 255) / 256
            launch(convolutionKernel(entry, gradient.dtype), grid: (blocks, sliceCount, 1), block: 256, slices)
            launch(convolutionKernel("cresset_convolution_slice_sums", gradient.dtype), grid: blocks, block: 256, sum)
        }
    }

    /// A dense copy of a weight with its taps first, then its two axes of channels in the order given.
    private func turned(_ weight: Operand, channels: [Int]) -> Operand {
        let strides = weight.filterStrides
        let axes = Array(2..<weight.shape.count) + channels
        let source = Operand(
            pointer: weight.pointer, dtype: weight.dtype, shape: Shape(axes.map { weight.shape[$0] }),
            strides: Shape(axes.map { strides[$0] }), storage: weight.storage)
        return copied(source, dtype: weight.dtype, strides: source.shape.rowMajorStrides)
    }

    private func convolutionKernel(_ entry: StaticString, _ dtype: DType) -> Kernel {
        kernel(.convolution, entry, variant: Int(dtype.rawValue), defines: ["ELEMENT=\(dtype.matmulElement)"])
    }

    /// A copy of an operand in memory that it owns.
    func copied(_ operand: Operand, dtype: DType, strides: Shape) -> Operand {
        let storage = allocate(operand.shape, dtype)
        let copy = Operand(
            pointer: storage.pointer, dtype: dtype, shape: operand.shape, strides: strides, storage: storage)
        launchCopy(operand, to: copy)
        return copy
    }
}

extension Operand {
    /// The strides of a batch of pictures, with those of axes of length 1 normalised.
    var activationStrides: Shape { isChannelsLast ? shape.channelsLastStrides : strides }

    /// The strides of a convolution's weight, normalised likewise.
    var filterStrides: Shape {
        isContiguous ? shape.rowMajorStrides : isChannelsLast ? shape.channelsLastStrides : strides
    }
}

extension cresset_convolution_shape {
    /// Missing spatial axes get length 1.
    init(_ geometry: ConvolutionGeometry, x: Operand, weight: Operand, out: Operand) {
        mustHold(
            max(x.elementCount, out.elementCount) / max(1, x.shape[0]) <= Int(Int32.max),
            "convolution: an example has at most 2^31 - 1 elements")
        self.init()
        batch = Int32(x.shape[0])
        groups = Int32(geometry.groups)
        in_channels = Int32(weight.shape[1])
        out_channels = Int32(weight.shape[0] / geometry.groups)
        self.in = x.shape.three(from: 2, missing: 1)
        self.out = out.shape.three(from: 2, missing: 1)
        kernel = weight.shape.three(from: 2, missing: 1)
        stride = geometry.window.stride.three(missing: 1)
        dilation = geometry.window.dilation.three(missing: 1)
        padding = geometry.window.paddingBefore.three(missing: 0)
        x_strides = x.activationStrides.five
        out_strides = out.activationStrides.five
    }
}
