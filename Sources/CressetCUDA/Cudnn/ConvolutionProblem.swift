import CressetBackend

/// One of the three passes of a convolution in cuDNN's terms, with everything its plan depends on: two or three spatial
/// axes, everything channels-last.
package struct ConvolutionProblem: Hashable, Sendable {
    package enum Pass: Int, Hashable, Sendable { case forward, inputGradient, weightGradient }

    package var pass: Pass
    package var dtype: DType
    /// (N, C, spatial…), (M, C / groups, spatial…) and (N, M, spatial…).
    package var x, weight, out: Shape
    package var stride, dilation, paddingBefore, paddingAfter: Shape
    package var hasBias = false
    package var hasAddend = false
    package var isRectified = false
    package var allowsTF32: Bool

    package init(
        _ pass: Pass, _ dtype: DType, x: Shape, weight: Shape, out: Shape, geometry: ConvolutionGeometry,
        allowsTF32: Bool
    ) {
        self.pass = pass
        self.dtype = dtype
        self.allowsTF32 = allowsTF32 && dtype == .float32
        let window = geometry.window
        (self.x, self.weight, self.out) = (x, weight, out)
        (stride, dilation) = (window.stride, window.dilation)
        (paddingBefore, paddingAfter) = (window.paddingBefore, window.paddingAfter)
        if x.count == 3 {
            (self.x, self.weight, self.out) = (
                x.inserting(1, at: 2), weight.inserting(1, at: 2), out.inserting(1, at: 2)
            )
            (stride, dilation) = (stride.inserting(1, at: 0), dilation.inserting(1, at: 0))
            (paddingBefore, paddingAfter) = (paddingBefore.inserting(0, at: 0), paddingAfter.inserting(0, at: 0))
        }
        // More engines accept equal padding on both sides. It is the same convolution if it gives the same number of
        // windows.
        for axis in 0..<stride.count where windows(axis, after: paddingBefore[axis]) == self.out[axis + 2] {
            paddingAfter[axis] = paddingBefore[axis]
        }
    }

    private func windows(_ axis: Int, after: Int) -> Int {
        let room = x[axis + 2] + paddingBefore[axis] + after - dilation[axis] * (weight[axis + 2] - 1) - 1
        return room < 0 ? -1 : room / stride[axis] + 1
    }

    /// Whether cuDNN can express it: it has no negative padding (which a transposed convolution may have).
    var isExpressible: Bool { paddingAfter.allSatisfy { $0 >= 0 } && dtype != .float64 }

    /// The same without anything added to or applied to the result.
    var plain: ConvolutionProblem {
        var problem = self
        (problem.hasBias, problem.hasAddend, problem.isRectified) = (false, false, false)
        return problem
    }

    var isPlain: Bool { !hasBias && !hasAddend && !isRectified }
}
