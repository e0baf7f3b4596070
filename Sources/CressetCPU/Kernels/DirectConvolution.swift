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
    var doubles: UnsafeMutablePointer<Double> { pointer.assumingMemoryBound(to: Double.self) }
}

extension cresset_convolution_geometry {
    /// Missing spatial axes get length 1.
    init(_ geometry: ConvolutionGeometry, x: Operand, out: Operand, weight: Operand) {
        func spatial(_ shape: Shape, from first: Int = 0, missing: Int) -> (Int64, Int64, Int64) {
            func value(_ i: Int) -> Int64 { first + i < shape.count ? Int64(shape[first + i]) : Int64(missing) }
            return (value(0), value(1), value(2))
        }
        func five(_ strides: Shape) -> (Int64, Int64, Int64, Int64, Int64) {
            let rest = spatial(strides, from: 2, missing: 0)
            return (Int64(strides[0]), Int64(strides[1]), rest.0, rest.1, rest.2)
        }
        self.init()
        batch = Int64(x.shape[0])
        groups = Int64(geometry.groups)
        in_channels = Int64(weight.shape[1])
        out_channels = Int64(weight.shape[0] / geometry.groups)
        self.in = spatial(x.shape, from: 2, missing: 1)
        self.out = spatial(out.shape, from: 2, missing: 1)
        kernel = spatial(weight.shape, from: 2, missing: 1)
        stride = spatial(geometry.window.stride, missing: 1)
        dilation = spatial(geometry.window.dilation, missing: 1)
        padding = spatial(geometry.window.paddingBefore, missing: 0)
        x_strides = five(x.strides)
        out_strides = five(out.strides)
        weight_strides = five(weight.strides)
    }
}
