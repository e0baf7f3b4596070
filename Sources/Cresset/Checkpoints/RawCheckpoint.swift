import CressetBackend

/// What a container's reader found, before any tensor is created: which bytes belong to which name.
///
/// Every reader has checked its entries: shapes and strides are not negative, and each entry lies inside its storage.
struct RawCheckpoint {
    /// A section of bytes that entries refer to.
    struct Storage {
        enum Place {
            /// At this offset of the file.
            case file(offset: Int)
            /// A member of the zip archive.
            case member(ZipArchive.Member)
        }
        var place: Place
        var byteCount: Int
    }

    /// A tensor as the file describes it.
    struct Entry {
        var name: String
        var dtype: DType
        var shape: [Int]
        /// In elements.
        var strides: [Int]
        /// Of the first element, in bytes from the start of the storage.
        var byteOffset: Int
        /// An index into ``RawCheckpoint/storages``.
        var storage: Int
        /// Whether the tensor's numbers are those of the storage with the opposite sign.
        var isNegated = false
    }

    var entries: [Entry] = []
    var storages: [Storage] = []
    var archive: ZipArchive?
    /// Whether numbers are stored with the most significant byte first.
    var isBigEndian = false
    var metadata: [String: String] = [:]
    /// Names of entries that are not tensors, with what they are.
    var skipped: [String] = []
    /// The names under which the state dict was found, from the outside in.
    var nesting: [String] = []

    /// The maximum number of tensors in a file, in any container.
    static let entryLimit = 200_000

    /// The strides of a row-major tensor; the caller has checked that the product of `shape` fits.
    static func rowMajorStrides(_ shape: [Int]) -> [Int] {
        var strides = shape
        var step = 1
        for axis in shape.indices.reversed() {
            strides[axis] = step
            step *= max(shape[axis], 1)
        }
        return strides
    }

    /// Throws unless a tensor with this shape, strides and offset (in elements) fits in a storage of `count` elements.
    ///
    /// A view may have more elements than its storage, as an expanded tensor (stride 0) does: ``TensorAssembly`` limits
    /// the memory this takes.
    static func checkView(
        shape: [Int], strides: [Int], offset: Int, in count: Int
    ) throws(CheckpointError) {
        guard shape.count == strides.count else {
            throw CheckpointError(.corrupt, "a tensor has \(shape.count) lengths but \(strides.count) strides")
        }
        guard shape.count <= Shape.maximumRank else {
            throw CheckpointError(.unsupported, "a tensor has \(shape.count) axes, more than \(Shape.maximumRank)")
        }
        let elements = try ByteCount.product(shape, "a tensor's length")
        let offset = try ByteCount(stated: offset, "a tensor's offset")
        var last = offset
        for (length, stride) in zip(shape, strides) {
            let stride = try ByteCount(stated: stride, "a tensor's stride")
            if length > 1 { last = try last + (ByteCount(length - 1) * stride) }
        }
        if elements.value == 0 {
            guard offset.value <= count else {
                throw CheckpointError(.corrupt, "a tensor begins past the end of its storage")
            }
            return
        }
        guard last.value < count else {
            throw CheckpointError(
                .corrupt, "a tensor of shape \(shape) reaches past the end of its storage of \(count) elements")
        }
    }
}
