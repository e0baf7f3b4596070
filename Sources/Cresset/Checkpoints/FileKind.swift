/// Tells what a file is by its first bytes.
enum FileKind {
    /// The container of a weight file.
    ///
    /// Throws, and says what the file is, when it is none.
    static func container(
        of file: ReadableFile, isNamedSafetensors: Bool
    ) throws(CheckpointError) -> Checkpoint.Container {
        guard file.byteCount > 0 else {
            throw CheckpointError(
                .truncated, "the file is empty (0 bytes)", hint: "copy or download it again")
        }
        let head = try file.bytes(at: 0, count: min(file.byteCount, 512))
        if head.starts(with: [0x50, 0x4B, 0x03, 0x04]) { return .zip }
        if looksLikeSafetensors(head) { return .safetensors }
        if head[0] == 0x80 || head.starts(with: Array("L1195".utf8)) { return .legacy }
        if TarArchive.isHeader(head) { return .tar }
        if let what = foreignKind(head) {
            throw CheckpointError(.notWeights, "is \(what.name), not a weight file", hint: what.hint)
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

    private static func foreignKind(_ head: [UInt8]) -> (name: String, hint: String?)? {
        let text = String(decoding: head.drop { [0x20, 0x09, 0x0A, 0x0D].contains($0) }, as: UTF8.self).lowercased()
        if text.hasPrefix("<!doctype html") || text.hasPrefix("<html") || text.hasPrefix("<head") {
            return ("an HTML page", "the download gave an error page; fetch the file itself")
        }
        if text.hasPrefix("<?xml") || text.hasPrefix("<error") {
            return ("an XML page", "the download gave an error message; fetch the file itself")
        }
        if text.hasPrefix("version https://git-lfs") {
            return ("a git-LFS pointer", "fetch the file itself: git lfs pull")
        }
        if text.hasPrefix("{") { return ("JSON text", nil) }
        let signatures: [([UInt8], String, String?)] = [
            ([0x1F, 0x8B], "compressed by gzip", "unpack it first"),
            (Array("7z".utf8) + [0xBC, 0xAF], "a 7z archive", "unpack it first"),
            ([0xFD] + Array("7zXZ".utf8), "compressed by xz", "unpack it first"),
            (Array("PK".utf8) + [5, 6], "an empty zip archive", nil),
            ([0x89] + Array("HDF".utf8), "an HDF5 file", "convert the weights with PyTorch or safetensors"),
            (Array("GGUF".utf8), "a GGUF file", "convert the weights with PyTorch or safetensors"),
            ([0x93] + Array("NUMPY".utf8), "a NumPy array", nil),
            ([0xFF, 0xD8, 0xFF], "a JPEG image", nil),
            ([0x89] + Array("PNG".utf8), "a PNG image", nil),
            (Array("%PDF".utf8), "a PDF document", nil),
        ]
        return signatures.first { head.starts(with: $0.0) }.map { ($0.1, $0.2) }
    }
}
