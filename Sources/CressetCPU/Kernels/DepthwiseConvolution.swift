import CKernels
import CressetBackend

/// Convolution of each channel with a kernel of its own, with our own loops: oneDNN's take up to thirteen times as long for
/// the weight's gradient.
extension CPUBackend {
    /// Where less is read and written, it stays in caches, and oneDNN has fewer steps.
    private static let leastForwardByteCount = 8 << 20

    /// Returns false if the loops are not for this convolution or its epilogue. With a fixed weight they are for none:
    /// what is predicted for a picture does not depend on how many there are.
    func depthwiseConvolution(
        _ x: Operand, weight: Operand, bias: Operand?, geometry: ConvolutionGeometry, epilogue: Epilogue,
        weightIsFixed: Bool, into out: Operand
    ) -> Bool {
        guard !weightIsFixed, (x.elementCount + out.elementCount) * x.dtype.itemSize >= Self.leastForwardByteCount,
            let range = Bounds(epilogue),
            var loops = cresset_depthwise_geometry(geometry, x: x, out: out, weight: weight)
        else { return false }
        inFloat32([weight, bias], results: []) { inputs, _ in
            cresset_depthwise(
                &loops, x.pointer, inputs[0]!.floats, inputs[1]?.floats, range.lowest, range.highest, out.pointer)
        }
        return true
    }

    /// Returns false if the loops are not for this convolution.
    func depthwiseConvolutionInputGradient(
        _ gradient: Operand, weight: Operand, geometry: ConvolutionGeometry, into out: Operand
    ) -> Bool {
        guard var loops = cresset_depthwise_geometry(geometry, x: out, out: gradient, weight: weight) else {
            return false
        }
        inFloat32([weight], results: []) { inputs, _ in
            cresset_depthwise_input_gradient(&loops, gradient.pointer, inputs[0]!.floats, out.pointer)
        }
        return true
    }

    /// Returns false if the loops are not for this convolution.
    func depthwiseConvolutionWeightGradient(
        _ gradient: Operand, _ x: Operand, geometry: ConvolutionGeometry, weight: Operand, bias: Operand?
    ) -> Bool {
        guard var loops = cresset_depthwise_geometry(geometry, x: x, out: gradient, weight: weight) else {
            return false
        }
        inFloat32([], results: [weight, bias]) { _, results in
            cresset_depthwise_weight_gradient(
                &loops, gradient.pointer, x.pointer, results[0]!.floats, results[1]?.floats)
        }
        return true
    }
}

/// An epilogue that limits values to a range.
private struct Bounds {
    var lowest = -Float.infinity
    var highest = Float.infinity

    /// Nil if `epilogue` is something else.
    init?(_ epilogue: Epilogue) {
        switch epilogue {
        case .none: break
        case .relu: lowest = 0
        case .pointwise(.clamp, let a, let b) where a <= b: (lowest, highest) = (Float(a), Float(b))
        default: return nil
        }
    }
}

extension cresset_depthwise_geometry {
    /// Nil if the loops are not for this convolution.
    fileprivate init?(_ geometry: ConvolutionGeometry, x: Operand, out: Operand, weight: Operand) {
        let (channels, window) = (geometry.groups, geometry.window)
        guard x.dtype == .float32 || x.dtype == .bfloat16, x.dtype == out.dtype, x.shape.count == 4,
            // Fewer would leave most of a vector empty.
            channels >= 8, x.shape[1] == channels, weight.shape[0] == channels, weight.shape[1] == 1,
            x.isChannelsLast, out.isChannelsLast, weight.isContiguous || weight.isChannelsLast,
            weight.shape[2] == weight.shape[3], window.stride[0] == window.stride[1],
            window.dilation.allSatisfy({ $0 == 1 }),
            cresset_depthwise_supports(Int64(weight.shape[3]), Int64(window.stride[1]))
        else { return nil }
        func last(_ lengths: Shape) -> (Int64, Int64) {
            (Int64(lengths[lengths.count - 2]), Int64(lengths[lengths.count - 1]))
        }
        self.init(
            dtype: Int32(x.dtype.rawValue), batch: Int64(x.shape[0]), channels: Int64(channels), in: last(x.shape),
            out: last(out.shape), kernel: last(weight.shape), stride: last(window.stride),
            padding: last(window.paddingBefore))
    }
}
