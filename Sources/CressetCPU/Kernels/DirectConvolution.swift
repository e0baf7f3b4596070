import CKernels
import CressetBackend

/// Convolution in float64, with our own loops.
extension CPUBackend {
    func directConvolution(
        _ x: Operand, weight: Operand, bias: Operand?, geometry: ConvolutionGeometry, addend: Operand?,
        epilogue: Epilogue, into out: Operand
    ) {
        var loops = cresset_convolution_geometry(geometry, x: x, out: out, weight: weight)
        cresset_convolution_f64(
            &loops, x.doubles, weight.doubles, bias?.doubles, addend?.doubles, epilogue == .relu ? 1 : 0, out.doubles)
    }

    func directConvolutionInputGradient(
        _ gradient: Operand, weight: Operand, geometry: ConvolutionGeometry, into out: Operand
    ) {
        var loops = cresset_convolution_geometry(geometry, x: out, out: gradient, weight: weight)
        cresset_convolution_input_gradient_f64(&loops, gradient.doubles, weight.doubles, out.doubles)
    }

    func directConvolutionWeightGradient(
        _ gradient: Operand, _ x: Operand, geometry: ConvolutionGeometry, weight: Operand, bias: Operand?
    ) {
        var loops = cresset_convolution_geometry(geometry, x: x, out: gradient, weight: weight)
        cresset_convolution_weight_gradient_f64(
            &loops, gradient.doubles, x.doubles, weight.doubles, bias?.doubles)
    }
}

extension Operand {
    var floats: UnsafeMutablePointer<Float> { pointer.assumingMemoryBound(to: Float.self) }
    var doubles: UnsafeMutablePointer<Double> { pointer.assumingMemoryBound(to: Double.self) }
}

extension cresset_convolution_geometry {
    /// Missing spatial axes get length 1.
    init(_ geometry: ConvolutionGeometry, x: Operand, out: Operand, weight: Operand) {
        self.init()
        batch = Int64(x.shape[0])
        groups = Int64(geometry.groups)
        in_channels = Int64(weight.shape[1])
        out_channels = Int64(weight.shape[0] / geometry.groups)
        self.in = x.shape.three(from: 2, missing: 1)
        self.out = out.shape.three(from: 2, missing: 1)
        kernel = weight.shape.three(from: 2, missing: 1)
        stride = geometry.window.stride.three(missing: 1)
        dilation = geometry.window.dilation.three(missing: 1)
        padding = geometry.window.paddingBefore.three(missing: 0)
        x_strides = x.strides.five
        out_strides = out.strides.five
        weight_strides = weight.strides.five
    }
}
