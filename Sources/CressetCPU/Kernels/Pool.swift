import CKernels
import CressetBackend

extension CPUBackend {
    /// Largest element of each window; NaN is larger than any number.
    ///
    /// `indices` (int64 or int32, flat within a channel's plane) receives its position, for callers that need it. All
    /// results are channels-last; `x` is copied if it is not.
    package func maxPool(_ x: Operand, window: WindowGeometry, indices: Operand?, into out: Operand) {
        if out.elementCount == 0 { return }
        if isWidened(x) {
            return inFloat32([x], results: [out]) {
                maxPool($0[0]!, window: window, indices: indices, into: $1[0]!)
            }
        }
        checkPoolResult(out)
        if let indices { checkPoolResult(indices) }
        var geometry = cresset_pool_geometry(window, input: x.shape, output: out.shape, dtype: x.dtype)
        ActivationLayout(channelsLast: x.shape, dtype: x.dtype).read(x) {
            cresset_max_pool(&geometry, $0, indices?.pointer, indices?.dtype == .int64, out.pointer)
        }
    }

    /// The gradient of ``maxPool(_:window:indices:into:)``: each gradient goes to the position of its window's largest
    /// element. Every element of `out` is written.
    package func maxPoolGradient(_ gradient: Operand, indices: Operand, window: WindowGeometry, into out: Operand) {
        if out.elementCount == 0 { return }
        if isWidened(gradient) {
            return inFloat32([gradient], results: [out]) {
                maxPoolGradient($0[0]!, indices: indices, window: window, into: $1[0]!)
            }
        }
        if gradient.elementCount == 0 { return clear(out) }
        checkPoolResult(out)
        checkPoolResult(indices)
        var geometry = cresset_pool_geometry(window, input: out.shape, output: gradient.shape, dtype: out.dtype)
        ActivationLayout(channelsLast: gradient.shape, dtype: gradient.dtype).read(gradient) {
            cresset_max_pool_gradient(&geometry, $0, indices.pointer, indices.dtype == .int64, out.pointer)
        }
    }

    /// Mean of each window. `countsPadding`: zeros of the padding are counted; `divisor` replaces the count if given.
    ///
    /// A window may extend beyond the padding after the input, as the last does in PyTorch's ceil mode; that part is
    /// never counted.
    package func averagePool(
        _ x: Operand, window: WindowGeometry, countsPadding: Bool, divisor: Int?, into out: Operand
    ) {
        if out.elementCount == 0 { return }
        if isWidened(x) {
            return inFloat32([x], results: [out]) {
                averagePool($0[0]!, window: window, countsPadding: countsPadding, divisor: divisor, into: $1[0]!)
            }
        }
        checkPoolResult(out)
        var geometry = cresset_pool_geometry(window, input: x.shape, output: out.shape, dtype: x.dtype)
        ActivationLayout(channelsLast: x.shape, dtype: x.dtype).read(x) {
            cresset_average_pool(&geometry, $0, countsPadding, Int64(divisor ?? 0), out.pointer)
        }
    }

    /// The gradient of ``averagePool(_:window:countsPadding:divisor:into:)``; every element of `out` is written.
    package func averagePoolGradient(
        _ gradient: Operand, window: WindowGeometry, countsPadding: Bool, divisor: Int?, into out: Operand
    ) {
        if out.elementCount == 0 { return }
        if isWidened(gradient) {
            return inFloat32([gradient], results: [out]) {
                averagePoolGradient(
                    $0[0]!, window: window, countsPadding: countsPadding, divisor: divisor, into: $1[0]!)
            }
        }
        if gradient.elementCount == 0 { return clear(out) }
        checkPoolResult(out)
        var geometry = cresset_pool_geometry(window, input: out.shape, output: gradient.shape, dtype: out.dtype)
        ActivationLayout(channelsLast: gradient.shape, dtype: gradient.dtype).read(gradient) {
            cresset_average_pool_gradient(&geometry, $0, countsPadding, Int64(divisor ?? 0), out.pointer)
        }
    }

    private func checkPoolResult(_ operand: Operand) {
        mustHold(operand.isChannelsLast, "pool: results and indices must be channels-last")
    }
}

extension cresset_pool_geometry {
    /// Missing spatial axes get length 1.
    init(_ window: WindowGeometry, input: Shape, output: Shape, dtype: DType) {
        mustHold(
            input.dropFirst(2).reduce(1, *) <= Int(Int32.max), "pool: a channel's plane has at most 2^31 - 1 elements")
        self.init()
        batch = Int64(input[0])
        channels = Int64(input[1])
        self.in = input.three(from: 2, missing: 1)
        self.out = output.three(from: 2, missing: 1)
        kernel = window.kernel.three(missing: 1)
        stride = window.stride.three(missing: 1)
        dilation = window.dilation.three(missing: 1)
        padding_before = window.paddingBefore.three(missing: 0)
        padding_after = window.paddingAfter.three(missing: 0)
        is_adaptive = window.isAdaptive
        self.dtype = dtype.rawValue
    }
}
