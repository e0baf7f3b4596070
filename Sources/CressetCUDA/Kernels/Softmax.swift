import CCUDA
import CressetBackend

extension CUDABackend {
    package func softmax(_ x: Operand, axis: Int, logarithm: Bool, emptyIsZero: Bool, into out: Operand) {
        launchSoftmax(x, nil, axis: axis, logarithm: logarithm, emptyIsZero: emptyIsZero, into: out)
    }

    package func softmaxGradient(_ gradient: Operand, _ y: Operand, axis: Int, logarithm: Bool, into out: Operand) {
        launchSoftmax(gradient, y, axis: axis, logarithm: logarithm, emptyIsZero: false, into: out)
    }

    /// The longest rows that fit in registers.
    private static let shortest = 1024

    private func launchSoftmax(
        _ x: Operand, _ y: Operand?, axis: Int, logarithm: Bool, emptyIsZero: Bool, into out: Operand
    ) {
        if out.elementCount == 0 { return }
        mustHold(out.dtype.isFloatingPoint, "softmax: cannot be computed for \(out.dtype)")
        let second = y ?? x
        var walk = LineWalk()
        var parameters = cresset_softmax_parameters()
        parameters.count = 1
        for other in out.shape.indices {
            let steps = (x.strides[other], second.strides[other], out.strides[other])
            if other == axis {
                parameters.count = Int64(out.shape[other])
                parameters.steps = (Int64(steps.0), Int64(steps.1), Int64(steps.2))
            } else {
                walk.append(out.shape[other], steps.0, steps.1, steps.2)
            }
        }
        walk.arrange(by: 2)
        parameters.x = UnsafeRawPointer(x.pointer)
        parameters.y = UnsafeRawPointer(second.pointer)
        parameters.out = out.pointer
        parameters.rows = walk.c
        parameters.row_count = Int64(walk.count)
        parameters.logarithm = logarithm ? 1 : 0
        parameters.empty_is_zero = emptyIsZero ? 1 : 0
        let geometry = SoftmaxGeometry(walk, parameters, dtype: out.dtype)
        if geometry.isColumns {
            launchColumns(&parameters, out.dtype, isGradient: y != nil)
        } else if parameters.count <= Self.shortest {
            launchShort(parameters, geometry, out.dtype, isGradient: y != nil)
        } else {
            launchLong(parameters, geometry, out.dtype, isGradient: y != nil)
        }
    }

    /// Rows in registers, using a whole warp or fewer lanes.
    private func launchShort(
        _ parameters: cresset_softmax_parameters, _ geometry: SoftmaxGeometry, _ dtype: DType, isGradient: Bool
    ) {
        let vector = geometry.vector
        let vectors = (Int(parameters.count) + vector - 1) / vector
        var lanes = 1
        while lanes < 32 && lanes < vectors { lanes *= 2 }
        var per = vector
        while per * lanes < Int(parameters.count) { per *= 2 }
        let variant = ((dtype.variant * 32 + vector) * 64 + per) * 64 + lanes
        func defines() -> [String] {
            ["ELEMENT=\(dtype.kernelName)", "VECTOR=\(vector)", "PER=\(per)", "LANES=\(lanes)"]
        }
        let kernel =
            isGradient
            ? kernel(.softmax, "softmax_short_gradient", variant: variant, defines: defines())
            : kernel(.softmax, "softmax_short", variant: variant, defines: defines())
        let rows = 128 / lanes
        launch(kernel, grid: (Int(parameters.row_count) + rows - 1) / rows, block: 128, parameters)
    }

    /// One block per row.
    private func launchLong(
        _ parameters: cresset_softmax_parameters, _ geometry: SoftmaxGeometry, _ dtype: DType, isGradient: Bool
    ) {
        let vector = geometry.vector
        let (count, variant) = (Int(parameters.count), dtype.variant * 32 + vector)
        func defines() -> [String] { ["ELEMENT=\(dtype.kernelName)", "VECTOR=\(vector)"] }
        let block = count >= 16 * 1024 ? 1024 : count >= 4096 ? 512 : 256
        let sharedBytes = count * (dtype == .float64 ? 8 : 4)
        // Besides the row, a block has two numbers for each of its warps.
        if isGradient {
            let kernel = kernel(.softmax, "softmax_long_gradient", variant: variant, defines: defines())
            launch(kernel, grid: Int(parameters.row_count), block: block, parameters)
        } else if sharedBytes <= 48 * 1024 - 512 {
            let kernel = kernel(.softmax, "softmax_block", variant: variant, defines: defines())
            launch(kernel, grid: Int(parameters.row_count), block: block, sharedBytes: sharedBytes, parameters)
        } else {
            let kernel = kernel(.softmax, "softmax_long", variant: variant, defines: defines())
            launch(kernel, grid: Int(parameters.row_count), block: block, parameters)
        }
    }

    private func launchColumns(_ parameters: inout cresset_softmax_parameters, _ dtype: DType, isGradient: Bool) {
        let columns = Int(parameters.row_count)
        // More threads per column if there are too few columns to keep the device busy.
        var parts = 1
        while parts < 16 && parts * 4 <= Int(parameters.count)
            && columns * parts < properties.multiprocessorCount * 1024
        {
            parts *= 2
        }
        parameters.parts = Int32(parts)
        let variant = dtype.variant * 32 + 1
        func defines() -> [String] { ["ELEMENT=\(dtype.kernelName)", "VECTOR=1"] }
        let kernel =
            isGradient
            ? kernel(.softmax, "softmax_columns_gradient", variant: variant, defines: defines())
            : kernel(.softmax, "softmax_columns", variant: variant, defines: defines())
        let width = 256 / parts
        launch(kernel, grid: (columns + width - 1) / width, block: 256, parameters)
    }
}

/// How the rows of a softmax are laid out.
private struct SoftmaxGeometry {
    /// Elements that are moved at once.
    private(set) var vector = 1
    /// Whether rows are interleaved, as columns.
    private(set) var isColumns = false

    init(_ walk: LineWalk, _ parameters: cresset_softmax_parameters, dtype: DType) {
        if parameters.steps == (1, 1, 1) || parameters.count == 1 {
            var bits = Int(parameters.count)
            for tensor in 0..<3 {
                for axis in 0..<walk.rank { bits |= walk.strides[tensor][axis] }
            }
            bits |= Int(bitPattern: parameters.x) / dtype.itemSize
            bits |= Int(bitPattern: parameters.y) / dtype.itemSize
            bits |= Int(bitPattern: parameters.out) / dtype.itemSize
            vector = 16 / dtype.itemSize
            while bits % vector != 0 { vector /= 2 }
        } else if walk.rank > 0 {
            let last = walk.rank - 1
            isColumns =
                walk.strides[0][last] == 1 && walk.strides[1][last] == 1 && walk.strides[2][last] == 1
                && walk.lengths[last] >= 8
        }
    }
}

extension DType {
    /// A number that distinguishes kernel units for different types.
    var variant: Int { Int(rawValue) }
}
