import CCUDA
import CressetBackend

extension CUDABackend {
    /// Normalises parts of examples independently, in one pass over memory.
    ///
    /// `x` is row-major or channels-last, and `out` has the layout of `x`.
    package func normalize(
        _ x: Operand, parts: PartNormalization, weight: Operand?, bias: Operand?, mean: Operand, scale: Operand,
        into out: Operand
    ) {
        if x.elementCount == 0 { return }
        let (weight, bias) = alike(weight, bias)
        if isChannelsLast(parts, x, out) {
            return normalizeGroups(x, parts, weight: weight, bias: bias, mean, scale, into: out)
        }
        var call = PartNormalizationCall(parts, x, gradient: nil, weight: weight, bias: bias, into: out)
        call.parameters.mean = mean.statistics
        call.parameters.scale = scale.statistics
        launch(&call, "normalize")
    }

    /// The gradients of ``normalize(_:parts:weight:bias:mean:scale:into:)``.
    ///
    /// `gradient`, `x` and `out` have the same layout; `out` may be the memory of `gradient`.
    package func normalizeGradient(
        _ gradient: Operand, x: Operand, parts: PartNormalization, weight: Operand?, mean: Operand, scale: Operand,
        into out: Operand, weightGradient: Operand?, biasGradient: Operand?
    ) {
        if x.elementCount == 0 {
            if let weightGradient { clear(weightGradient) }
            if let biasGradient { clear(biasGradient) }
            return
        }
        if isChannelsLast(parts, x, out) {
            return normalizeGroupsGradient(
                gradient, x, parts, weight: weight, mean, scale, into: out, weightGradient, biasGradient)
        }
        var call = PartNormalizationCall(parts, x, gradient: gradient, weight: weight, bias: nil, into: out)
        call.parameters.mean = mean.statistics
        call.parameters.scale = scale.statistics
        if let weightGradient, let biasGradient {
            sumWeightGradients(call, parts, weightGradient, biasGradient)
        }
        launch(&call, "normalize_gradient")
    }

    /// Whether the operands are channels-last, with positions; otherwise they are row-major.
    private func isChannelsLast(_ parts: PartNormalization, _ x: Operand, _ out: Operand) -> Bool {
        let isChannelsLast = parts.plane > 1 && !x.isContiguous
        mustHold(
            isChannelsLast ? x.isChannelsLast && out.isChannelsLast : x.isContiguous && out.isContiguous,
            "normalize: operands must have the same layout, row-major or channels-last")
        return isChannelsLast
    }

    @inline(__always)
    private func launch(_ call: inout PartNormalizationCall, _ entry: StaticString) {
        let bits = partBits(units: Int(call.parameters.units), parts: Int(call.parameters.parts))
        call.parameters.part_bits = Int32(bits)
        let block = max(256, 1 << bits)
        let share = block >> bits
        launch(
            kernel(.normalization, entry, variant: call.unit.variant, defines: call.unit.defines),
            grid: (Int(call.parameters.parts) + share - 1) / share, block: block, call.parameters)
    }

    /// Threads per part, as a power of two: each has about four units, fewer if too few parts would leave the device
    /// idle.
    private func partBits(units: Int, parts: Int) -> Int {
        let most = min(9, bits(units))
        var count = min(most, max(3, bits((units + 3) / 4)))
        while count < most && parts << count < properties.multiprocessorCount * 1024 { count += 1 }
        return count
    }

    /// Sums over examples in two steps: over blocks of rows or over planes, and then over those.
    private func sumWeightGradients(
        _ call: PartNormalizationCall, _ parts: PartNormalization, _ weightGradient: Operand, _ biasGradient: Operand
    ) {
        var sums = call.sums(parts)
        let (unit, all, examples) = (call.unit, Int(sums.all), Int(sums.rows))
        sums.weight_gradient = weightGradient.statistics
        sums.bias_gradient = biasGradient.statistics
        let tiles = ActivationTiles(channels: all, dtype: unit.dtype, isVector: unit.width > 1)
        sums.column_bits = Int32(tiles.columnBits)
        sums.tiles = Int32(tiles.tiles)
        let chunks =
            parts.plane > 1
            ? examples : tiles.chunks(rows: examples, rowsPerThread: 4, blocks: properties.multiprocessorCount * 4)
        sums.chunks = Int32(chunks)
        withTemporary(byteCount: chunks * 2 * all * unit.dtype.computeSize) {
            sums.partial = $0
            if parts.plane > 1 {
                let bits = partBits(units: parts.plane / unit.width, parts: examples * all)
                sums.part_bits = Int32(bits)
                let block = max(256, 1 << bits)
                let share = block >> bits
                launch(
                    kernel(.normalization, "normalize_plane_sums", variant: unit.variant, defines: unit.defines),
                    grid: (examples * all + share - 1) / share, block: block, sums)
            } else {
                launch(
                    kernel(.normalization, "normalize_row_sums", variant: unit.variant, defines: unit.defines),
                    grid: tiles.tiles * chunks, block: ActivationTiles.blockThreads, sums)
            }
            finishSums(sums, unit)
        }
    }

    /// Adds up partial sums for the gradients of weights and biases, 8 channels per block.
    @inline(__always)
    func finishSums(_ sums: cresset_gpu_normalization_sums, _ unit: NormalizationUnit) {
        launch(
            kernel(.normalization, "normalize_finish_sums", variant: unit.variant, defines: unit.defines),
            grid: (Int(sums.all) + 7) / 8, block: 512, sums)
    }

    /// Converts weights and biases to one type if theirs differ: float32, or float64 if one of them is.
    private func alike(_ weight: Operand?, _ bias: Operand?) -> (Operand?, Operand?) {
        guard let weight, let bias, weight.dtype != bias.dtype else { return (weight, bias) }
        let dtype: DType = weight.dtype == .float64 || bias.dtype == .float64 ? .float64 : .float32
        func converted(_ x: Operand) -> Operand {
            if x.dtype == dtype { return x }
            let storage = allocate(x.shape, dtype)
            let result = Operand(
                pointer: storage.pointer, dtype: dtype, shape: x.shape, strides: x.shape.rowMajorStrides,
                storage: storage)
            launchCopy(x, to: result)
            return result
        }
        return (converted(weight), converted(bias))
    }
}

/// State shared by the kernels of one call.
private struct PartNormalizationCall {
    var parameters = cresset_gpu_normalization()
    let unit: NormalizationUnit

    init(
        _ parts: PartNormalization, _ x: Operand, gradient: Operand?, weight: Operand?, bias: Operand?,
        into out: Operand
    ) {
        let (all, isPlanes) = (parts.groups * parts.channels, parts.plane > 1)
        let length = isPlanes ? parts.plane : parts.channels
        let lines = isPlanes ? parts.channels : parts.plane
        let isVector =
            length * x.dtype.itemSize % 16 == 0 && isVectorAligned(x.pointer) && isVectorAligned(out.pointer)
            && isVectorAligned(gradient?.pointer)
            && (isPlanes || isVectorAligned(weight?.pointer) && isVectorAligned(bias?.pointer))
        unit = NormalizationUnit(x.dtype, weight: weight ?? bias, isVector: isVector)
        let lineUnits = length / unit.width
        let lineBits = lines == 1 ? 31 : bits(lineUnits)
        let units = lines == 1 ? lineUnits : lines << lineBits
        mustHold(
            units < 1 << 31 && all <= Int(Int32.max) / 2, "normalize: a part of \(lines * length) elements is too long")
        parameters.x = UnsafeRawPointer(x.pointer)
        parameters.gradient = UnsafeRawPointer(gradient?.pointer)
        parameters.weight = UnsafeRawPointer(weight?.pointer)
        parameters.bias = UnsafeRawPointer(bias?.pointer)
        parameters.out = out.pointer
        parameters.epsilon = parts.epsilon
        parameters.parts = Int64(parts.count)
        parameters.length = Int64(length)
        parameters.lines = UInt32(lines)
        parameters.line_bits = UInt32(lineBits)
        parameters.units = UInt32(units)
        parameters.groups = Int32(parts.groups)
        parameters.channels = Int32(parts.channels)
        parameters.groups_inverse = 1 / Double(parts.groups)
        parameters.is_centred = parts.isCentred ? 1 : 0
        parameters.has_channel_lines = isPlanes ? 1 : 0
    }

    /// The parameters of the kernels that sum over examples, as far as known here.
    func sums(_ parts: PartNormalization) -> cresset_gpu_normalization_sums {
        var sums = cresset_gpu_normalization_sums()
        let all = parts.groups * parts.channels
        sums.x = parameters.x
        sums.gradient = parameters.gradient
        sums.mean = UnsafePointer(parameters.mean)
        sums.scale = UnsafePointer(parameters.scale)
        sums.rows = Int64(parts.count / parts.groups)
        sums.plane = Int64(parts.plane)
        sums.all = Int32(all)
        sums.groups = Int32(parts.groups)
        sums.channels = Int32(parts.channels)
        sums.all_inverse = 1 / Double(all)
        return sums
    }
}

/// What normalisation kernels are compiled for: the types of elements and weights, and whether 16 bytes are moved at
/// once.
struct NormalizationUnit {
    let dtype: DType
    private let weightType: DType
    /// Elements moved at once by a thread.
    let width: Int

    init(_ dtype: DType, weight: Operand?, isVector: Bool) {
        self.dtype = dtype
        weightType = weight?.dtype ?? dtype
        width = isVector ? 16 / dtype.itemSize : 1
    }

    /// Distinguishes kernels.
    var variant: Int { Int(dtype.rawValue * 4 + weightType.rawValue) * 2 + (width == 1 ? 0 : 1) }
    var defines: [String] {
        ["ELEMENT=\(dtype.activationElement)", "WEIGHT=\(weightType.activationElement)", "WIDTH=\(width)"]
    }
}

extension Operand {
    var statistics: UnsafeMutablePointer<Double> {
        mustHold(dtype == .float64 && isContiguous, "normalize: statistics are float64, row-major")
        return pointer.assumingMemoryBound(to: Double.self)
    }
}
