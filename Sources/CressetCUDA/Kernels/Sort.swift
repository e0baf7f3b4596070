import CCUDA
import CressetBackend

extension CUDABackend {
    package func sort(_ x: Operand, axis: Int, descending: Bool, values: Operand, indices: Operand) {
        if x.elementCount == 0 { return }
        var parameters = cresset_sort_parameters()
        var walk = LineWalk()
        parameters.count = 1
        for other in x.shape.indices {
            let steps = (x.strides[other], values.strides[other], indices.strides[other])
            if other == axis {
                parameters.count = Int64(x.shape[other])
                parameters.steps = (Int64(steps.0), Int64(steps.1), Int64(steps.2))
            } else {
                walk.append(x.shape[other], steps.0, steps.1, steps.2)
            }
        }
        walk.arrange(by: 1)
        parameters.x = UnsafeRawPointer(x.pointer)
        parameters.values = values.pointer
        parameters.indices = indices.pointer.assumingMemoryBound(to: Int64.self)
        parameters.lines = walk.c
        parameters.descending = descending ? 1 : 0
        let (lines, unit) = (walk.count, SortUnit(dtype: x.dtype, isIndex: false))
        if parameters.count <= SortUnit.longestInBlock {
            parameters.line_count = Int64(lines)
            sortInBlocks(parameters, unit)
            return
        }
        // Takes only as many lines at a time as keep the temporary memory small.
        let together = max(1, min(lines, (1 << 27) / Int(parameters.count)))
        for first in stride(from: 0, to: lines, by: together) {
            parameters.first_line = Int64(first)
            parameters.line_count = Int64(min(together, lines - first))
            let sorted = sortByDigits(parameters, unit, passes: unit.keySize)
            withExtendedLifetime(sorted.storage) {
                parameters.order = UnsafePointer(sorted.order)
                let grid = gridStride(Int(parameters.line_count * parameters.count), block: 256)
                launch(kernel(.sort, "sort_finish", unit), grid: grid, block: 256, parameters)
            }
        }
    }

    /// Lines of an index (tensor 0 of `lines`), each sorted. Entries are below `bound`; those that equal `skipped` come
    /// last.
    func sortedIndex(
        _ index: UnsafeRawPointer, lines: LineWalk, count: Int, step: Int, bound: Int, skipped: Int = -1
    ) -> SortedIndex {
        mustHold(bound < 0xffff_ffff, "scatter: an axis of length \(bound) is too long")
        var parameters = cresset_sort_parameters()
        parameters.x = index
        parameters.lines = lines.c
        parameters.line_count = Int64(lines.count)
        parameters.count = Int64(count)
        parameters.steps.0 = Int64(step)
        parameters.skipped = Int64(skipped)
        let unit = SortUnit(dtype: .int64, isIndex: true)
        // The key of skipped entries must differ from all others in the digits that are compared.
        var passes = 1
        while passes < 4 && bound >= 1 << (8 * passes) { passes += 1 }
        if count > SortUnit.longestInBlock { return sortByDigits(parameters, unit, passes: passes) }
        let bytes = (lines.count * count * 4 + 255) / 256 * 256
        let storage = allocate(byteCount: 2 * bytes)
        let sorted = SortedIndex(
            storage, storage.pointer, (storage.pointer + bytes).assumingMemoryBound(to: UInt32.self))
        parameters.sorted_keys = sorted.keys
        parameters.sorted_order = sorted.order
        sortInBlocks(parameters, unit)
        return sorted
    }

    private func sortInBlocks(_ parameters: cresset_sort_parameters, _ unit: SortUnit) {
        var parameters = parameters
        var width = 1
        while width < Int(parameters.count) { width *= 2 }
        let elements = max(width, 512)
        parameters.width = Int32(width)
        parameters.block_elements = Int32(elements)
        let lines = elements / width
        launch(
            kernel(.sort, "sort_block", unit), grid: (Int(parameters.line_count) + lines - 1) / lines,
            block: min(elements / 2, 1024), sharedBytes: elements * (unit.keySize == 8 ? 10 : 8), parameters)
    }

    /// A radix sort by the lowest `passes` digits of the keys.
    private func sortByDigits(_ parameters: cresset_sort_parameters, _ unit: SortUnit, passes: Int) -> SortedIndex {
        var parameters = parameters
        let (lines, count) = (Int(parameters.line_count), Int(parameters.count))
        mustHold(count <= 0xffff_ffff, "sort: an axis of length \(count) is too long")
        let tiles = (count + cresset_sort_tile - 1) / cresset_sort_tile
        parameters.tiles = Int64(tiles)
        func whole(_ bytes: Int) -> Int { (bytes + 255) / 256 * 256 }
        let (keyBytes, orderBytes) = (whole(lines * count * unit.keySize), whole(lines * count * 4))
        let counts = whole(lines * 256 * tiles * 4)
        let storage = allocate(byteCount: 2 * (keyBytes + orderBytes) + counts + lines * 1024)
        func part(_ offset: Int) -> UnsafeMutablePointer<UInt32> {
            (storage.pointer + offset).assumingMemoryBound(to: UInt32.self)
        }
        let keys = (storage.pointer, storage.pointer + keyBytes)
        let order = (part(2 * keyBytes), part(2 * keyBytes + orderBytes))
        parameters.histogram = part(2 * (keyBytes + orderBytes))
        parameters.totals = part(2 * (keyBytes + orderBytes) + counts)
        var (from, to) = (SortedIndex(storage, keys.0, order.0), SortedIndex(storage, keys.1, order.1))
        parameters.sorted_keys = from.keys
        parameters.sorted_order = from.order
        launch(
            kernel(.sort, "sort_keys", unit), grid: gridStride(lines * count, block: 256), block: 256, parameters)
        for pass in 0..<passes {
            parameters.shift = Int32(8 * pass)
            parameters.keys = UnsafeRawPointer(from.keys)
            parameters.order = UnsafePointer(from.order)
            parameters.sorted_keys = to.keys
            parameters.sorted_order = to.order
            launch(kernel(.sort, "sort_count", unit), grid: lines * tiles, block: 256, parameters)
            launch(kernel(.sort, "sort_scan", unit), grid: lines * 256, block: 256, parameters)
            launch(kernel(.sort, "sort_scatter", unit), grid: lines * tiles, block: 256, parameters)
            swap(&from, &to)
        }
        return from
    }

    private func kernel(_ family: KernelFamily, _ entry: StaticString, _ unit: SortUnit) -> Kernel {
        kernel(family, entry, variant: unit.variant, defines: unit.defines)
    }
}

/// Sorted keys and the positions they come from, dense, line by line.
struct SortedIndex {
    let storage: Storage
    let keys: UnsafeMutableRawPointer
    let order: UnsafeMutablePointer<UInt32>

    init(_ storage: Storage, _ keys: UnsafeMutableRawPointer, _ order: UnsafeMutablePointer<UInt32>) {
        self.storage = storage
        self.keys = keys
        self.order = order
    }
}

/// A unit of sort.cu.
private struct SortUnit {
    let dtype: DType
    /// Whether the elements are the indices of a scatter.
    let isIndex: Bool

    /// The longest lines that a block sorts in shared memory.
    static let longestInBlock = 4096

    var keySize: Int { isIndex ? 4 : dtype.itemSize }
    var variant: Int { dtype.variant * 2 + (isIndex ? 1 : 0) }
    var defines: [String] {
        let key = keySize == 8 ? "u64" : keySize == 4 ? "u32" : keySize == 2 ? "u16" : "u8"
        return ["ELEMENT=\(dtype.kernelName)", "KEY=\(key)"] + (keySize == 8 ? ["WIDE=1"] : [])
            + (isIndex ? ["INDEX=1"] : [])
    }
}
