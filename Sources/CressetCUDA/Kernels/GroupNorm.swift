import CCUDA
import CressetBackend

// Normalisation of parts in channels-last data.

extension CUDABackend {
    /// Sums of channels over blocks of rows, sums of those over groups, and a pass that applies them.
    func normalizeGroups(
        _ x: Operand, _ parts: PartNormalization, weight: Operand?, bias: Operand?, _ mean: Operand, _ scale: Operand,
        into out: Operand
    ) {
        var call = GroupNormCall(x, gradient: nil, parts, weight: weight ?? bias, mean, scale, into: out)
        call.parameters.weight = UnsafeRawPointer(weight?.pointer)
        call.parameters.bias = UnsafeRawPointer(bias?.pointer)
        let chunks = call.walkOverRows(blocks: properties.multiprocessorCount * 4)
        withTemporary(byteCount: chunks * call.chunkBytes) {
            call.parameters.partial = $0
            launch(call, "group_statistics")
            finish(call, "group_finish_statistics")
        }
        call.divideRows(blocks: properties.multiprocessorCount * 4)
        launch(call, "group_normalize")
    }

    /// The same for gradients; those of weights and biases are sums of the channels' sums.
    func normalizeGroupsGradient(
        _ gradient: Operand, _ x: Operand, _ parts: PartNormalization, weight: Operand?, _ mean: Operand,
        _ scale: Operand, into out: Operand, _ weightGradient: Operand?, _ biasGradient: Operand?
    ) {
        var call = GroupNormCall(x, gradient: gradient, parts, weight: weight, mean, scale, into: out)
        call.parameters.weight = UnsafeRawPointer(weight?.pointer)
        let chunks = call.walkOverRows(blocks: properties.multiprocessorCount * 3)
        let coefficientBytes = 2 * parts.count * x.dtype.computeSize
        // The partial sums begin at a multiple of 16.
        let start = (coefficientBytes + 15) & ~15
        withTemporary(byteCount: start + chunks * call.chunkBytes) {
            call.parameters.coefficients = $0
            call.parameters.partial = $0 + start
            launch(call, "group_gradient_sums")
            finish(call, "group_finish_gradient")
            if let weightGradient, let biasGradient {
                var sums = cresset_gpu_normalization_sums()
                sums.partial = call.parameters.partial
                sums.weight_gradient = weightGradient.statistics
                sums.bias_gradient = biasGradient.statistics
                sums.all = call.parameters.all
                sums.chunks = Int32(chunks)
                finishSums(sums, call.unit)
            }
            call.divideRows(blocks: properties.multiprocessorCount * 4)
            launch(call, "group_gradient")
        }
    }

    @inline(__always)
    private func launch(_ call: GroupNormCall, _ entry: StaticString) {
        launch(
            kernel(.groupnorm, entry, variant: call.unit.variant, defines: call.unit.defines),
            grid: call.tiles.tiles * Int(call.parameters.chunks) * Int(call.parameters.examples),
            block: ActivationTiles.blockThreads, call.parameters)
    }

    /// Adds up the blocks' results, one part per block.
    @inline(__always)
    private func finish(_ call: GroupNormCall, _ entry: StaticString) {
        launch(
            kernel(.groupnorm, entry, variant: call.unit.variant, defines: call.unit.defines),
            grid: Int(call.parameters.examples) * Int(call.parameters.groups), block: 128, call.parameters)
    }
}

/// State shared by the kernels of one call.
private struct GroupNormCall {
    var parameters = cresset_gpu_groupnorm()
    let unit: NormalizationUnit
    let tiles: ActivationTiles

    init(
        _ x: Operand, gradient: Operand?, _ parts: PartNormalization, weight: Operand?, _ mean: Operand,
        _ scale: Operand, into out: Operand
    ) {
        let (all, examples) = (parts.groups * parts.channels, parts.count / parts.groups)
        mustHold(
            all <= Int(Int32.max) / 2 && parts.plane <= Int(Int32.max),
            "normalize: \(all) channels of \(parts.plane) elements are too many")
        let isVector =
            all * x.dtype.itemSize % 16 == 0 && isVectorAligned(x.pointer) && isVectorAligned(out.pointer)
            && isVectorAligned(gradient?.pointer)
        unit = NormalizationUnit(x.dtype, weight: weight, isVector: isVector)
        tiles = ActivationTiles(channels: all, dtype: x.dtype, isVector: isVector)
        parameters.x = UnsafeRawPointer(x.pointer)
        parameters.gradient = UnsafeRawPointer(gradient?.pointer)
        parameters.out = out.pointer
        parameters.mean = mean.statistics
        parameters.scale = scale.statistics
        parameters.epsilon = parts.epsilon
        parameters.plane = Int64(parts.plane)
        parameters.examples = Int64(examples)
        parameters.all = Int32(all)
        parameters.groups = Int32(parts.groups)
        parameters.channels = Int32(parts.channels)
        parameters.is_centred = parts.isCentred ? 1 : 0
        parameters.column_bits = Int32(tiles.columnBits)
        parameters.tiles = Int32(tiles.tiles)
    }

    /// The size of a chunk's partial sums in bytes.
    var chunkBytes: Int { 2 * Int(parameters.all) * unit.dtype.computeSize }

    /// About `blocks` in all, which walk over their example's rows together; returns the number of chunks of all
    /// examples.
    mutating func walkOverRows(blocks: Int) -> Int {
        let examples = Int(parameters.examples)
        let chunks = tiles.chunks(rows: Int(parameters.plane), rowsPerThread: 4, blocks: blocks / examples)
        parameters.chunks = Int32(chunks)
        parameters.thread_rows = 0
        return chunks * examples
    }

    /// Up to eight rows per thread, fewer if that would leave fewer than `blocks` blocks.
    mutating func divideRows(blocks: Int) {
        let (rows, rest) = (Int(parameters.plane), tiles.tiles * Int(parameters.examples))
        var threadRows = 8
        func chunks() -> Int { (rows + tiles.height * threadRows - 1) / (tiles.height * threadRows) }
        while threadRows > 1 && chunks() * rest < blocks { threadRows /= 2 }
        parameters.chunks = Int32(chunks())
        parameters.thread_rows = Int32(threadRows)
    }
}
