extension Checkpoint {
    /// How the file at `path` is laid out.
    package static func container(ofFileAt path: FilePath) throws(CheckpointError) -> Container {
        do throws(CheckpointError) {
            return try Container(of: ReadableFile(path), isNamedSafetensors: path.extension == "safetensors")
        } catch {
            throw error.naming(path)
        }
    }
}

extension Checkpoint.Container {
    /// The container of a weight file, told by its first bytes.
    ///
    /// Throws, and says what the file is, when it is none.
    init(of file: ReadableFile, isNamedSafetensors: Bool) throws(CheckpointError) {
        self = try Self.found(in: file, isNamedSafetensors: isNamedSafetensors)
    }

    private static func found(
        in file: ReadableFile, isNamedSafetensors: Bool
    ) throws(CheckpointError) -> Checkpoint.Container {
        guard file.byteCount > 0 else {
            throw CheckpointError(
                .truncated, "the file is empty (0 bytes)", hint: "copy or download it again")
        }
        let head = try file.bytes(at: 0, count: min(file.byteCount, FileKind.prefixLength))
        if head.starts(with: [0x50, 0x4B, 0x03, 0x04]) { return .zip }
        if looksLikeSafetensors(head) { return .safetensors }
        if head[0] == 0x80 || head.starts(with: Array("L1195".utf8)) { return .legacy }
        if TarHeader.isHeader(head) { return .tar }
        let kind = head.withUnsafeBytes { FileKind($0) }
        if let name = kind.certainName {
            throw CheckpointError(.notWeights, "is \(name), not a weight file", hint: kind.remedy)
        }
        if isNamedSafetensors { return .safetensors }
        if file.byteCount < 16 {
            throw CheckpointError(
                .truncated, "the file has only \(file.byteCount) bytes: it is truncated",
                hint: "copy or download it again")
        }
        throw CheckpointError(
            .notWeights, "is not a weight file: neither safetensors nor a file of torch.save",
            hint: "weights end in .safetensors, .pth or .pt")
    }

    /// Whether eight bytes are followed by a brace, and are not text themselves.
    private static func looksLikeSafetensors(_ head: [UInt8]) -> Bool {
        guard head.count > 8 else { return false }
        let isText = head[..<8].allSatisfy { (0x20...0x7E).contains($0) }
        if isText { return false }
        let first = head[8...].first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
        return first == UInt8(ascii: "{")
    }
}
