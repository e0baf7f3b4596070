import CCUDA
import CressetBackend

extension CUDABackend {
    /// Largest element of each window; NaN is larger than any number.
    package func maxPool(_ x: Operand, window: WindowGeometry, indices: Operand?, into out: Operand) {
        if out.elementCount == 0 { return }
        checkPoolResult(out)
        if let indices { checkPoolResult(indices) }
        let x = channelRows(x)
        var call = PoolCall(window, input: x, windows: out, result: out, indices: indices)
        call.parameters.x = UnsafeRawPointer(x.pointer)
        launch(call, "pool_max")
    }

    /// The gradient of ``maxPool(_:window:indices:into:)``: each element of `out` gathers from the windows over it.
    package func maxPoolGradient(_ gradient: Operand, indices: Operand, window: WindowGeometry, into out: Operand) {
        if out.elementCount == 0 { return }
        checkPoolResult(out)
        if gradient.elementCount == 0 { return clear(out) }
        checkPoolResult(indices)
        let gradient = channelRows(gradient)
        var call = PoolCall(window, input: out, windows: gradient, result: out, indices: indices)
        call.parameters.x = UnsafeRawPointer(gradient.pointer)
        launch(call, indices.dtype == .int64 ? "pool_max_gradient_wide" : "pool_max_gradient")
    }

    /// Mean of each window. `countsPadding`: zeros of the padding are counted; `divisor` replaces the count if given.
    package func averagePool(
        _ x: Operand, window: WindowGeometry, countsPadding: Bool, divisor: Int?, into out: Operand
    ) {
        if out.elementCount == 0 { return }
        checkPoolResult(out)
        let x = channelRows(x)
        var call = PoolCall(window, input: x, windows: out, result: out, indices: nil)
        call.parameters.x = UnsafeRawPointer(x.pointer)
        call.parameters.counts_padding = countsPadding ? 1 : 0
        call.parameters.divisor = Int64(divisor ?? 0)
        launch(call, "pool_average")
    }

    /// The gradient of ``averagePool(_:window:countsPadding:divisor:into:)``; every element of `out` is written.
    package func averagePoolGradient(
        _ gradient: Operand, window: WindowGeometry, countsPadding: Bool, divisor: Int?, into out: Operand
    ) {
        if out.elementCount == 0 { return }
        checkPoolResult(out)
        if gradient.elementCount == 0 { return clear(out) }
        let gradient = channelRows(gradient)
        var call = PoolCall(window, input: out, windows: gradient, result: out, indices: nil)
        call.parameters.x = UnsafeRawPointer(gradient.pointer)
        call.parameters.counts_padding = countsPadding ? 1 : 0
        call.parameters.divisor = Int64(divisor ?? 0)
        launch(call, "pool_average_gradient")
    }

    private func checkPoolResult(_ operand: Operand) {
        mustHold(operand.isChannelsLast, "pool: results and indices must be channels-last")
    }

    @inline(__always)
    private func launch(_ call: PoolCall, _ entry: StaticString) {
        let height = call.tiles.height
        launch(
            kernel(.pool, entry, variant: call.variant, defines: call.defines),
            grid: (Int(call.parameters.rows) + height - 1) / height * call.tiles.tiles,
            block: ActivationTiles.blockThreads, call.parameters)
    }
}

/// State shared by the kernels of pools.
private struct PoolCall {
    var parameters = cresset_gpu_pool()
    let tiles: ActivationTiles
    let dtype: DType

    /// Windows lie over `input`, `windows` has one element per window; `result` is one of the two.
    init(_ window: WindowGeometry, input: Operand, windows: Operand, result: Operand, indices: Operand?) {
        let channels = result.shape[1]
        dtype = result.dtype
        mustHold(
            input.shape.dropFirst(2).reduce(1, *) <= Int(Int32.max)
                && windows.shape.dropFirst(2).reduce(1, *) <= Int(Int32.max),
            "pool: a channel's plane must have at most 2^31 - 1 elements")
        let isVector =
            channels * dtype.itemSize % 16 == 0 && isVectorAligned(input.pointer) && isVectorAligned(windows.pointer)
            && isVectorAligned(indices?.pointer)
        tiles = ActivationTiles(channels: channels, dtype: dtype, isVector: isVector)
        parameters.out = result.pointer
        parameters.indices = indices?.pointer
        parameters.has_wide_indices = indices?.dtype == .int64 ? 1 : 0
        parameters.channels = Int32(channels)
        parameters.rows = Int64(result.elementCount / channels)
        parameters.column_bits = Int32(tiles.columnBits)
        parameters.tiles = Int32(tiles.tiles)
        parameters.in = input.shape.three(from: 2, missing: 1)
        parameters.windows = windows.shape.three(from: 2, missing: 1)
        parameters.kernel = window.kernel.three(missing: 1)
        parameters.stride = window.stride.three(missing: 1)
        parameters.dilation = window.dilation.three(missing: 1)
        parameters.padding_before = window.paddingBefore.three(missing: 0)
        parameters.padding_after = window.paddingAfter.three(missing: 0)
        parameters.in_inverse = Self.inverses(parameters.in)
        parameters.windows_inverse = Self.inverses(parameters.windows)
        let plane = result.shape.dropFirst(2).reduce(1, *)
        parameters.plane_inverse = 1 / Double(max(1, plane))
        parameters.is_adaptive = window.isAdaptive ? 1 : 0
    }

    /// Distinguishes kernels: by dtype, and by whether 16 bytes are moved at once.
    var variant: Int { Int(dtype.rawValue) * 2 + (tiles.width == 1 ? 0 : 1) }
    var defines: [String] { ["ELEMENT=\(dtype.activationElement)", "WIDTH=\(tiles.width)"] }

    private static func inverses(_ lengths: (Int32, Int32, Int32)) -> (Double, Double, Double) {
        (1 / Double(lengths.0), 1 / Double(lengths.1), 1 / Double(lengths.2))
    }
}
