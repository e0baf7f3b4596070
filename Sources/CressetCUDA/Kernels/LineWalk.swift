import CCUDA
import CressetBackend

/// The axes that a kernel walks over, and the strides of up to five tensors along them.
struct LineWalk {
    private(set) var lengths = InlineArray<8, Int>(repeating: 1)
    private(set) var strides = InlineArray<5, InlineArray<8, Int>>(repeating: InlineArray(repeating: 0))
    /// 0 if there is only one position.
    private(set) var rank = 0

    /// Adds an axis inside the existing ones; axes of length 1 are dropped.
    mutating func append(_ length: Int, _ a: Int, _ b: Int = 0, _ c: Int = 0, _ d: Int = 0, _ e: Int = 0) {
        if length == 1 { return }
        lengths[rank] = length
        strides[0][rank] = a
        strides[1][rank] = b
        strides[2][rank] = c
        strides[3][rank] = d
        strides[4][rank] = e
        rank += 1
    }

    var count: Int {
        var product = 1
        for axis in 0..<rank { product *= lengths[axis] }
        return product
    }

    /// Puts the axes into the order of a tensor's memory, and merges those that are adjacent in all tensors.
    mutating func arrange(by tensor: Int) {
        for i in stride(from: 1, to: rank, by: 1) {
            var place = i
            while place > 0, strides[tensor][place - 1] < strides[tensor][place] {
                swapAxes(place - 1, place)
                place -= 1
            }
        }
        var kept = 0
        for axis in stride(from: 1, to: rank, by: 1) {
            var follows = true
            for tensor in 0..<5 where strides[tensor][kept] != strides[tensor][axis] * lengths[axis] { follows = false }
            if follows {
                lengths[kept] *= lengths[axis]
            } else {
                kept += 1
                lengths[kept] = lengths[axis]
            }
            for tensor in 0..<5 { strides[tensor][kept] = strides[tensor][axis] }
        }
        rank = min(rank, kept + 1)
    }

    private mutating func swapAxes(_ a: Int, _ b: Int) {
        (lengths[a], lengths[b]) = (lengths[b], lengths[a])
        for tensor in 0..<5 { (strides[tensor][a], strides[tensor][b]) = (strides[tensor][b], strides[tensor][a]) }
    }

    /// Merges as many elements as fit in 16 bytes into one, if tensors 0 and 2 have dense rows of them and the others
    /// are constant along a row. Returns the number of elements merged; `step` is another stride of tensors 0 or 2.
    mutating func widen(itemSize: Int, step: Int, _ addresses: UnsafeRawPointer, _ more: UnsafeRawPointer) -> Int {
        let last = rank - 1
        guard rank > 0, strides[0][last] == 1, strides[2][last] == 1, strides[1][last] == 0, strides[3][last] == 0,
            strides[4][last] == 0
        else { return 1 }
        var bits = lengths[last] | step | (Int(bitPattern: addresses) | Int(bitPattern: more)) / itemSize
        for axis in 0..<last { bits |= strides[0][axis] | strides[2][axis] }
        var factor = 16 / itemSize
        while bits % factor != 0 { factor /= 2 }
        lengths[last] /= factor
        for axis in 0..<last {
            strides[0][axis] /= factor
            strides[2][axis] /= factor
        }
        return factor
    }

    /// The C struct passed to kernels.
    var c: cresset_lines {
        var walk = cresset_lines()
        walk.rank = Int32(max(rank, 1))
        let isSmall = count < 1 << 31
        walk.is_small = isSmall ? 1 : 0
        // C arrays are imported as tuples in Swift.
        withUnsafeMutableBytes(of: &walk.lengths) { bytes in
            let to = bytes.bindMemory(to: Int64.self)
            for axis in 0..<max(rank, 1) { to[axis] = Int64(lengths[axis]) }
        }
        withUnsafeMutableBytes(of: &walk.strides) { bytes in
            let to = bytes.bindMemory(to: Int64.self)
            for tensor in 0..<5 {
                for axis in 0..<rank { to[tensor * 8 + axis] = Int64(strides[tensor][axis]) }
            }
        }
        if !isSmall { return walk }
        withUnsafeMutableBytes(of: &walk.magics) { magics in
            withUnsafeMutableBytes(of: &walk.shifts) { shifts in
                let (magics, shifts) = (magics.bindMemory(to: UInt32.self), shifts.bindMemory(to: UInt32.self))
                for axis in 0..<max(rank, 1) {
                    cresset_prepare_division(Int64(lengths[axis]), &magics[axis], &shifts[axis])
                }
            }
        }
        return walk
    }
}
