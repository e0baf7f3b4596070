import CCUDA
import CressetBackend

/// What kernels of activations have in common: threads are side by side over channels, and stacked over rows (positions
/// of all examples).
struct ActivationTiles {
    static let blockThreads = 256

    /// Elements moved at once by a thread.
    let width: Int
    /// The threads of a block are 2^columnBits wide.
    let columnBits: Int
    /// Blocks side by side.
    let tiles: Int
    /// Rows covered by a block's threads.
    let height: Int

    /// `isVector`: rows and addresses are multiples of 16 bytes.
    init(channels: Int, dtype: DType, isVector: Bool) {
        width = isVector ? 16 / dtype.itemSize : 1
        let vectors = max(1, (channels + width - 1) / width)
        columnBits = min(5, bits(vectors))
        tiles = (vectors + (1 << columnBits) - 1) >> columnBits
        height = Self.blockThreads >> columnBits
    }

    /// The number of stacked blocks: at most `blocks` in all, with several rows per thread if there are many rows.
    func chunks(rows: Int, rowsPerThread: Int, blocks: Int) -> Int {
        let share = height * rowsPerThread
        return max(1, min((rows + share - 1) / share, blocks / tiles))
    }
}

/// The smallest b with 2^b >= count.
@inline(__always)
func bits(_ count: Int) -> Int { count <= 1 ? 0 : Int.bitWidth - (count - 1).leadingZeroBitCount }

extension DType {
    /// The ``kernelName`` of a floating-point type.
    var activationElement: String {
        mustHold(isFloatingPoint, "\(self) is not a floating-point type")
        return kernelName
    }

    /// The bytes of the computation type.
    var computeSize: Int { self == .float64 ? 8 : 4 }
}

@inline(__always)
func isVectorAligned(_ pointer: UnsafeMutableRawPointer?) -> Bool { UInt(bitPattern: pointer) & 15 == 0 }

extension Operand {
    /// Whether it is stored as (N, spatial…, C), or as (N, C), without gaps.
    var isChannelRows: Bool { shape.count < 3 ? isContiguous : isChannelsLast }
}

extension CUDABackend {
    /// The operand itself if it is stored as (N, spatial…, C), otherwise a copy that is.
    @inline(__always)
    func channelRows(_ x: Operand) -> Operand { x.isChannelRows ? x : channelRowsCopy(x) }

    @inline(never)
    private func channelRowsCopy(_ x: Operand) -> Operand {
        let copied = emptyChannelRows(like: x)
        launchCopy(x, to: copied)
        return copied
    }

    private func emptyChannelRows(like x: Operand) -> Operand {
        let storage = allocate(x.shape, x.dtype)
        return Operand(
            pointer: storage.pointer, dtype: x.dtype, shape: x.shape, strides: x.shape.channelsLastStrides,
            storage: storage)
    }

    /// Calls `body` with memory stored as (N, spatial…, C): the result's own, or a temporary that is copied to it
    /// afterwards.
    @inline(__always)
    func withChannelRows(_ out: Operand, _ body: (Operand) -> Void) {
        if out.isChannelRows { return body(out) }
        let temporary = emptyChannelRows(like: out)
        body(temporary)
        launchCopy(temporary, to: out)
    }

    /// Sets all bytes of a result without gaps to zero.
    func clear(_ out: Operand) {
        if out.elementCount == 0 { return }
        activate()
        check(
            driver.cuMemsetD8Async(
                UInt64(UInt(bitPattern: out.pointer)), 0, out.elementCount * out.dtype.itemSize, stream),
            "cuMemsetD8Async")
    }
}
