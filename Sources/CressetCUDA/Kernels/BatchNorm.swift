import CCUDA
import CressetBackend

extension CUDABackend {
    /// Mean and biased variance of each channel, in two passes via per-block sums.
    package func batchStatistics(_ x: Operand, mean: Operand, variance: Operand) {
        let channels = x.shape[1]
        if channels == 0 { return }
        let x = channelRows(x)
        var call = BatchNormCall(x, mean: mean, variance: variance, isVector: isVectorAligned(x.pointer))
        call.parameters.x = UnsafeRawPointer(x.pointer)
        call.setSums(mean, variance)
        let chunks = call.walkOverRows(blocks: properties.multiprocessorCount * 4)
        withTemporary(byteCount: chunks * 2 * channels * x.dtype.computeSize) {
            call.parameters.partial = $0
            if chunks > 0 { launch(call, "batchnorm_statistics") }
            finish(call, "batchnorm_finish_statistics")
        }
    }

    /// `out = epilogue((x - mean) * rsqrt(variance + epsilon) * weight + bias + addend)`, in one pass.
    ///
    /// `out` may be the memory of `x` or of `addend`.
    package func batchNormalize(
        _ x: Operand, mean: Operand, variance: Operand, weight: Operand?, bias: Operand?, epsilon: Double,
        addend: Operand?, epilogue: Epilogue, mask: Operand?, into out: Operand
    ) -> Bool {
        if x.elementCount == 0 { return false }
        var recordsMask = false
        withChannelRows(out) { out in
            let x = channelRows(x)
            let addend = addend.map(channelRows)
            let isVector =
                isVectorAligned(x.pointer) && isVectorAligned(addend?.pointer) && isVectorAligned(out.pointer)
            var call = BatchNormCall(x, mean: mean, variance: variance, isVector: isVector)
            call.set(weight: weight, bias: bias, epsilon: epsilon, epilogue: epilogue)
            call.parameters.x = UnsafeRawPointer(x.pointer)
            call.parameters.addend = UnsafeRawPointer(addend?.pointer)
            call.parameters.out = out.pointer
            if let mask, addend != nil, epilogue == .relu, call.tiles.width > 1 {
                recordsMask = true
                call.parameters.mask = mask.pointer.assumingMemoryBound(to: UInt8.self)
            }
            call.divideRows(blocks: properties.multiprocessorCount * 4)
            launch(call, addend == nil ? "batchnorm_normalize" : "batchnorm_normalize_add")
        }
        return recordsMask
    }

    /// One byte for each 16 bytes of the result.
    /// Only the rectifier: in recorded work, other activations become part of a chain of pointwise operators.
    package func supports(_ epilogue: Epilogue, after operation: FusibleOperation) -> Bool {
        epilogue == .none || epilogue == .relu
    }

    package func batchNormalizeMaskSize(_ x: Operand) -> Int? {
        let size = x.elementCount * x.dtype.itemSize
        return x.shape[1] * x.dtype.itemSize % 16 == 0 && size > 0 ? size / 16 : nil
    }

    /// The gradients of ``batchNormalize(_:mean:variance:weight:bias:epsilon:addend:epilogue:mask:into:)``: per-block sums,
    /// sums of those, and a pass that applies them. `out` may be the memory of `gradient`.
    package func batchNormalizeGradient(
        _ gradient: Operand, part: Operand?, x: Operand, result: Operand?, mask: Operand?, mean: Operand,
        variance: Operand, weight: Operand?, bias: Operand?, epsilon: Double, usesBatch: Bool, epilogue: Epilogue,
        into out: Operand?, weightGradient: Operand, biasGradient: Operand, addendGradient: Operand?
    ) {
        let channels = x.shape[1]
        if channels == 0 { return }
        if x.elementCount == 0 {
            clear(weightGradient)
            return clear(biasGradient)
        }
        let x = channelRows(x)
        let gradient = channelRows(gradient)
        let part = part.map(channelRows)
        let result = epilogue == .relu ? result.map(channelRows) : nil
        mustHold(
            out?.isChannelRows != false && addendGradient?.isChannelRows != false,
            "batchNormalizeGradient: results must be channels-last")
        let isVector =
            isVectorAligned(x.pointer) && isVectorAligned(gradient.pointer) && isVectorAligned(part?.pointer)
            && isVectorAligned(result?.pointer) && isVectorAligned(out?.pointer)
            && isVectorAligned(addendGradient?.pointer)
        var call = BatchNormCall(x, mean: mean, variance: variance, isVector: isVector)
        call.set(weight: weight, bias: bias, epsilon: epsilon, epilogue: epilogue)
        call.setSums(weightGradient, biasGradient)
        call.parameters.x = UnsafeRawPointer(x.pointer)
        call.parameters.gradient = UnsafeRawPointer(gradient.pointer)
        call.parameters.gradient_part = UnsafeRawPointer(part?.pointer)
        call.parameters.result = UnsafeRawPointer(result?.pointer)
        call.parameters.out = out?.pointer
        call.parameters.uses_batch = usesBatch ? 1 : 0
        var source = epilogue != .relu ? MaskSource.none : result != nil ? .result : .x
        if source == .result, let mask, call.tiles.width > 1 {
            source = .bits
            call.parameters.mask = mask.pointer.assumingMemoryBound(to: UInt8.self)
        }
        // Where the first pass leaves the masked gradient; the second may do without.
        call.parameters.masked = addendGradient?.pointer ?? out?.pointer
        let storesMasked = part != nil || source == .result || source == .bits
        mustHold(
            addendGradient == nil || storesMasked,
            "batchNormalizeGradient: without a mask the addend's gradient is the gradient itself")
        runGradient(&call, source, hasPart: part != nil, storesMasked: storesMasked)
    }

    /// What the rectifier's mask is derived from.
    private enum MaskSource { case none, result, bits, x }

    private func runGradient(_ call: inout BatchNormCall, _ source: MaskSource, hasPart: Bool, storesMasked: Bool) {
        let channels = Int(call.parameters.channels)
        let entry: StaticString =
            switch (source, hasPart) {
            case (.none, false): "batchnorm_gradient_sums"
            case (.x, false): "batchnorm_gradient_sums_x"
            case (.result, false): "batchnorm_gradient_sums_result"
            case (.bits, false): "batchnorm_gradient_sums_bits"
            case (.none, true): "batchnorm_gradient_sums_parts"
            case (.x, true): "batchnorm_gradient_sums_parts_x"
            case (.result, true): "batchnorm_gradient_sums_parts_result"
            case (.bits, true): "batchnorm_gradient_sums_parts_bits"
            }
        // As many blocks as fit at the same time: masks and second parts take more registers.
        let isPlain = source == .none && !hasPart
        let chunks = call.walkOverRows(blocks: properties.multiprocessorCount * (isPlain ? 4 : 3))
        withTemporary(byteCount: (chunks + 1) * 2 * channels * call.dtype.computeSize) {
            call.parameters.coefficients = $0
            call.parameters.partial = $0 + 2 * channels * call.dtype.computeSize
            launch(call, entry)
            finish(call, "batchnorm_finish_gradient")
            if call.parameters.out == nil { return }
            if storesMasked { call.parameters.gradient = UnsafeRawPointer(call.parameters.masked) }
            call.divideRows(blocks: properties.multiprocessorCount * 4)
            launch(call, source == .x && !storesMasked ? "batchnorm_gradient_x" : "batchnorm_gradient")
        }
    }

    @inline(__always)
    private func launch(_ call: BatchNormCall, _ entry: StaticString) {
        launch(
            kernel(.batchnorm, entry, variant: call.variant, defines: call.defines),
            grid: call.tiles.tiles * Int(call.parameters.chunks), block: ActivationTiles.blockThreads, call.parameters)
    }

    /// Adds up the blocks' results, 8 channels per block.
    @inline(__always)
    private func finish(_ call: BatchNormCall, _ entry: StaticString) {
        launch(
            kernel(.batchnorm, entry, variant: call.variant, defines: call.defines),
            grid: (Int(call.parameters.channels) + 7) / 8, block: 512, call.parameters)
    }
}

/// State shared by the kernels of one call.
private struct BatchNormCall {
    var parameters = cresset_gpu_batchnorm()
    let tiles: ActivationTiles
    let dtype: DType

    init(_ x: Operand, mean: Operand, variance: Operand, isVector: Bool) {
        let channels = x.shape[1]
        dtype = x.dtype
        mustHold(channels <= Int(Int32.max) / 2, "batch normalisation: \(channels) channels are too many")
        let vectors = isVector && channels * x.dtype.itemSize % 16 == 0
        tiles = ActivationTiles(channels: channels, dtype: x.dtype, isVector: vectors)
        parameters.channels = Int32(channels)
        parameters.rows = Int64(x.elementCount / channels)
        parameters.column_bits = Int32(tiles.columnBits)
        parameters.tiles = Int32(tiles.tiles)
        parameters.mean = mean.channelValues
        parameters.variance = variance.channelValues
    }

    /// Distinguishes kernels: by dtype, and by whether 16 bytes are moved at once.
    var variant: Int { Int(dtype.rawValue) * 2 + (tiles.width == 1 ? 0 : 1) }
    var defines: [String] { ["ELEMENT=\(dtype.activationElement)", "WIDTH=\(tiles.width)"] }

    mutating func set(weight: Operand?, bias: Operand?, epsilon: Double, epilogue: Epilogue) {
        parameters.weight = weight?.channelValues ?? cresset_gpu_channels()
        parameters.bias = bias?.channelValues ?? cresset_gpu_channels()
        parameters.epsilon = epsilon
        parameters.has_relu = epilogue == .relu ? 1 : 0
    }

    mutating func setSums(_ first: Operand, _ second: Operand) {
        parameters.first_sum = first.pointer
        parameters.first_dtype = first.dtype.rawValue
        parameters.second_sum = second.pointer
        parameters.second_dtype = second.dtype.rawValue
    }

    /// At most `blocks` in all that walk over the rows together; none if there are no rows.
    mutating func walkOverRows(blocks: Int) -> Int {
        let rows = Int(parameters.rows)
        let chunks = rows == 0 ? 0 : tiles.chunks(rows: rows, rowsPerThread: 4, blocks: blocks)
        parameters.chunks = Int32(chunks)
        parameters.thread_rows = 0
        return chunks
    }

    /// Up to eight rows per thread, fewer if that would leave fewer than `blocks` blocks.
    mutating func divideRows(blocks: Int) {
        let rows = Int(parameters.rows)
        var threadRows = 8
        func chunks() -> Int { (rows + tiles.height * threadRows - 1) / (tiles.height * threadRows) }
        while threadRows > 1 && chunks() * tiles.tiles < blocks { threadRows /= 2 }
        parameters.chunks = Int32(chunks())
        parameters.thread_rows = Int32(threadRows)
    }
}

extension Operand {
    fileprivate var channelValues: cresset_gpu_channels {
        mustHold(strides[0] == 1 || shape[0] == 1, "batch normalisation: per-channel values must be contiguous")
        return cresset_gpu_channels(values: UnsafeRawPointer(pointer), dtype: dtype.rawValue)
    }
}
