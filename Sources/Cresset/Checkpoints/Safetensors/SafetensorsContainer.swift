import CressetBackend

/// The safetensors container.
enum SafetensorsContainer {
    static func read(_ file: ReadableFile) throws(CheckpointError) -> RawCheckpoint {
        guard file.byteCount >= 8 else { throw .endsEarly(in: "the length of its header") }
        let length: UInt64 = littleEndian(try file.bytes(at: 0, count: 8), 0)
        guard length <= UInt64(SafetensorsHeader.byteLimit) else {
            throw CheckpointError(
                .corrupt, "claims a header of \(length) bytes; at most \(SafetensorsHeader.byteLimit) are read")
        }
        guard Int(length) <= file.byteCount - 8 else { throw .endsEarly(in: "its header") }
        guard length >= 2 else { throw CheckpointError(.corrupt, "has a header of \(length) bytes, too short for any") }
        let start = 8 + Int(length)
        let header = try SafetensorsHeader(
            file.bytes(at: 8, count: Int(length)), dataCount: file.byteCount - start)
        var raw = RawCheckpoint(metadata: header.metadata)
        for entry in header.entries {
            raw.entries.append(
                RawCheckpoint.Entry(
                    name: entry.name, dtype: entry.dtype, shape: entry.shape,
                    strides: RawCheckpoint.rowMajorStrides(entry.shape), byteOffset: 0, storage: raw.storages.count))
            raw.storages.append(
                RawCheckpoint.Storage(
                    place: .file(offset: start + entry.range.lowerBound), byteCount: entry.range.count))
        }
        return raw
    }

    /// Writes `state` to `handle`.
    ///
    /// The same entries and metadata always produce the same bytes. The header keeps the order of the entries; the data
    /// is laid out by descending element size, so that every tensor is aligned for readers that map the file.
    static func write(
        _ state: StateDict, metadata: [String: String], to handle: AtomicFile.Handle
    ) throws {
        let entries = Array(state)
        let sorted = entries.indices.sorted {
            (-entries[$0].tensor.dtype.itemSize, $0) < (-entries[$1].tensor.dtype.itemSize, $1)
        }
        var offsets = [Range<Int>](repeating: 0..<0, count: entries.count)
        var end = 0
        for i in sorted {
            let count = entries[i].tensor.elementCount * entries[i].tensor.dtype.itemSize
            offsets[i] = end..<end + count
            end += count
        }
        var header = headerText(entries.indices.map { (entries[$0].name, entries[$0].tensor, offsets[$0]) }, metadata)
        header.append(contentsOf: repeatElement(UInt8(ascii: " "), count: (8 - header.count % 8) % 8))
        guard header.count <= SafetensorsHeader.byteLimit else {
            throw CheckpointError(.unwritable, "its header would have \(header.count) bytes, more than readers accept")
        }
        try handle.write((0..<8).map { UInt8(truncatingIfNeeded: UInt64(header.count) >> (8 * UInt64($0))) })
        try handle.write(header)
        for i in sorted {
            try entries[i].tensor.withUnsafeBytes { try handle.write($0) }
        }
    }

    private static func headerText(
        _ entries: [(name: String, tensor: Tensor, range: Range<Int>)], _ metadata: [String: String]
    ) -> [UInt8] {
        var parts: [String] = []
        if !metadata.isEmpty {
            let pairs = metadata.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(quoted($0.value))" }
            parts.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
        }
        for (name, tensor, range) in entries {
            let dtype = SafetensorsHeader.dtypeNames.first { $0.dtype == tensor.dtype }!.name
            let shape = tensor.shape.map(String.init).joined(separator: ",")
            parts.append(
                "\(quoted(name)):{\"dtype\":\"\(dtype)\",\"shape\":[\(shape)],"
                    + "\"data_offsets\":[\(range.lowerBound),\(range.upperBound)]}")
        }
        return Array("{\(parts.joined(separator: ","))}".utf8)
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\u{0}"..<"\u{20}":
                let code = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - code.count) + code
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
