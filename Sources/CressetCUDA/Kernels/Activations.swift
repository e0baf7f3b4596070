import CCUDA
import CressetBackend

/// What kernels of activations have in common: threads lie side by side over channels, and below each other over rows
/// (positions of all examples).
struct ActivationTiles {
    static let blockThreads = 256

    /// Elements a thread moves at once.
    let width: Int
    /// Threads of a block lie 2^columnBits side by side.
    let columnBits: Int
    /// Blocks side by side.
    let tiles: Int
    /// Rows of a block's threads.
    let height: Int

    /// `isVector`: rows and addresses are multiples of 16 bytes.
    init(channels: Int, dtype: DType, isVector: Bool) {
        width = isVector ? 16 / dtype.itemSize : 1
        let vectors = max(1, (channels + width - 1) / width)
        columnBits = min(5, bits(vectors))
        tiles = (vectors + (1 << columnBits) - 1) >> columnBits
        height = Self.blockThreads >> columnBits
    }

    /// The number of blocks below each other: at most `blocks` in all, each thread with several rows where there are many.
    func chunks(rows: Int, rowsPerThread: Int, blocks: Int) -> Int {
        let share = height * rowsPerThread
        return max(1, min((rows + share - 1) / share, blocks / tiles))
    }
}

/// The smallest b with 2^b >= count.
@inline(__always)
func bits(_ count: Int) -> Int { count <= 1 ? 0 : Int.bitWidth - (count - 1).leadingZeroBitCount }

extension DType {
    /// ``kernelName`` of a type of floating point.
    var activationElement: String {
        mustHold(isFloatingPoint, "\(self) is no type of floating point")
        return kernelName
    }

    /// Bytes of what it is computed with.
    var computeSize: Int { self == .float64 ? 8 : 4 }
}

@inline(__always)
func isVectorAligned(_ pointer: UnsafeMutableRawPointer?) -> Bool { UInt(bitPattern: pointer) & 15 == 0 }

extension Operand {
    /// Whether it lies as (N, spatial…, C), or as (N, C), without gaps.
    var isChannelRows: Bool { shape.count < 3 ? isContiguous : isChannelsLast }
}

extension CUDABackend {
    /// The operand itself where it lies as (N, spatial…, C), a copy that does otherwise.
    @inline(__always)
    func channelRows(_ x: Operand) -> Operand { x.isChannelRows ? x : channelRowsCopy(x) }

    @inline(never)
    private func channelRowsCopy(_ x: Operand) -> Operand {
        let copied = emptyChannelRows(like: x)
        copy(x, to: copied)
        return copied
    }

    private func emptyChannelRows(like x: Operand) -> Operand {
        let storage = allocate(byteCount: x.elementCount * x.dtype.itemSize)
        return Operand(
            pointer: storage.pointer, dtype: x.dtype, shape: x.shape, strides: x.shape.channelsLastStrides,
            storage: storage)
    }

    /// Calls `body` with memory that lies as (N, spatial…, C): the result's own, or some that is copied to it afterwards.
    @inline(__always)
    func withChannelRows(_ out: Operand, _ body: (Operand) -> Void) {
        if out.isChannelRows { return body(out) }
        let temporary = emptyChannelRows(like: out)
        body(temporary)
        copy(temporary, to: out)
    }

    /// Sets all bytes of a result, which has no gaps, to zero.
    func clear(_ out: Operand) {
        if out.elementCount == 0 { return }
        activate()
        check(
            driver.cuMemsetD8Async(
                UInt64(UInt(bitPattern: out.pointer)), 0, out.elementCount * out.dtype.itemSize, stream),
            "cuMemsetD8Async")
    }
}
