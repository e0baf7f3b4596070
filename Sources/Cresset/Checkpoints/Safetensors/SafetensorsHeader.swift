import CressetBackend

/// The header of a safetensors file: JSON of one fixed shape, scanned once, strictly.
///
/// A general JSON parser would hide duplicate keys and pass large numbers through floating point; this one rejects
/// both. Layout of a file:
///
///     +----------------+---------------------+----------------------------+
///     | length, 8 bytes| header, JSON, UTF-8 | data, without gaps         |
///     +----------------+---------------------+----------------------------+
struct SafetensorsHeader {
    struct Entry {
        var name: String
        var dtype: DType
        var shape: [Int]
        /// In bytes, from the start of the data.
        var range: Range<Int>
    }

    static let byteLimit = 100_000_000
    static let metadataLimit = 65_536

    private(set) var entries: [Entry] = []
    private(set) var metadata: [String: String] = [:]

    /// The header's names for element types.
    static let dtypeNames: [(dtype: DType, name: String)] = [
        (.float64, "F64"), (.float32, "F32"), (.float16, "F16"), (.bfloat16, "BF16"), (.int64, "I64"), (.int32, "I32"),
        (.int16, "I16"), (.int8, "I8"), (.uint8, "U8"), (.bool, "BOOL"),
    ]

    /// Reads the JSON in `bytes`, and checks its entries against `dataCount` bytes of data.
    init(_ bytes: [UInt8], dataCount: Int) throws(CheckpointError) {
        var scanner = JSONScanner(bytes)
        var names: Set<String> = []
        scanner.skipSpace()
        try scanner.object { scanner, name throws(CheckpointError) in
            guard names.insert(name).inserted else {
                throw CheckpointError(.corrupt, "its header has \(printable(name)) twice")
            }
            if name == "__metadata__" {
                metadata = try Self.readMetadata(&scanner)
            } else {
                guard entries.count < RawCheckpoint.entryLimit else {
                    throw CheckpointError(.corrupt, "its header has more than \(RawCheckpoint.entryLimit) entries")
                }
                entries.append(try Self.readEntry(&scanner, name))
            }
        }
        scanner.skipSpace()
        guard scanner.isAtEnd else { throw scanner.error("there is text after the closing brace") }
        try checkLayout(dataCount)
    }

    private static func readMetadata(_ scanner: inout JSONScanner) throws(CheckpointError) -> [String: String] {
        var metadata: [String: String] = [:]
        try scanner.object { scanner, key throws(CheckpointError) in
            let value = try scanner.string()
            guard metadata.count < metadataLimit else {
                throw CheckpointError(.corrupt, "its metadata has more than \(metadataLimit) names")
            }
            guard metadata.updateValue(value, forKey: key) == nil else {
                throw CheckpointError(.corrupt, "its metadata has \(printable(key)) twice")
            }
        }
        return metadata
    }

    private static func readEntry(_ scanner: inout JSONScanner, _ name: String) throws(CheckpointError) -> Entry {
        var dtypeName: String?
        var shape: [Int]?
        var offsets: [Int]?
        try scanner.object { scanner, key throws(CheckpointError) in
            switch key {
            case "dtype" where dtypeName == nil: dtypeName = try scanner.string()
            case "shape" where shape == nil: shape = try scanner.integers()
            case "data_offsets" where offsets == nil: offsets = try scanner.integers()
            default:
                throw CheckpointError(
                    .corrupt,
                    "entry \(printable(name)) has the field \(printable(key)), unknown or for the second time")
            }
        }
        guard let dtypeName, let shape, let offsets, offsets.count == 2 else {
            throw CheckpointError(.corrupt, "entry \(printable(name)) lacks its dtype, shape or data_offsets")
        }
        guard let dtype = dtypeNames.first(where: { $0.name == dtypeName })?.dtype else {
            throw CheckpointError(
                .unsupported, "entry \(printable(name)) has the dtype \(printable(dtypeName)), which is not known")
        }
        guard shape.count <= Shape.maximumRank else {
            throw CheckpointError(
                .unsupported, "entry \(printable(name)) has \(shape.count) axes, more than \(Shape.maximumRank)")
        }
        let byteCount = try ByteCount.product(shape, "a length") * ByteCount(dtype.itemSize)
        guard offsets[0] <= offsets[1], offsets[1] - offsets[0] == byteCount.value else {
            throw CheckpointError(
                .corrupt,
                "entry \(printable(name)) of shape \(shape) needs \(byteCount.value) bytes,"
                    + " its offsets \(offsets[0]) to \(offsets[1]) say otherwise")
        }
        return Entry(name: name, dtype: dtype, shape: shape, range: offsets[0]..<offsets[1])
    }

    /// The data must be covered from the first byte to the last, each byte exactly once.
    private func checkLayout(_ dataCount: Int) throws(CheckpointError) {
        var end = 0
        let ordered = entries.sorted {
            ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
        }
        for entry in ordered {
            guard entry.range.upperBound <= dataCount else {
                throw CheckpointError(
                    .truncated,
                    "entry \(printable(entry.name)) ends at byte \(entry.range.upperBound) of the data,"
                        + " of which there are \(dataCount): the file is truncated or damaged")
            }
            guard entry.range.lowerBound == end else {
                let fault = entry.range.lowerBound < end ? "overlaps another" : "leaves a hole before it"
                throw CheckpointError(
                    .corrupt,
                    "entry \(printable(entry.name)) \(fault) at byte \(entry.range.lowerBound) of the data")
            }
            end = entry.range.upperBound
        }
        guard end == dataCount else {
            throw CheckpointError(.corrupt, "\(dataCount - end) bytes at its end belong to no entry")
        }
    }
}
