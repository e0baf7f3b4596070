import CZlib

/// Inflates one member of a zip archive, chunk by chunk, to exactly the length it claims.
struct Inflation {
    private let member: ZipArchive.Member
    private let file: ReadableFile

    private static let chunkSize = 1 << 18

    init(_ member: ZipArchive.Member, _ file: ReadableFile) {
        self.member = member
        self.file = file
    }

    /// Passes the inflated bytes to `consume` in order.
    func run(_ consume: (UnsafeRawBufferPointer) throws(CheckpointError) -> Void) throws(CheckpointError) {
        var stream = z_stream()
        // -15: raw deflate data, without zlib's header.
        guard inflateInit2_(&stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw CheckpointError(.unreadable, "zlib failed to start")
        }
        defer { inflateEnd(&stream) }
        let output = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: Self.chunkSize)
        defer { output.deallocate() }
        var read = 0
        var made = 0
        var status = Z_OK
        while status != Z_STREAM_END {
            var input = try file.bytes(
                at: member.dataOffset + read, count: min(Self.chunkSize, member.storedCount - read))
            guard !input.isEmpty else { throw damaged }
            let inputCount = input.count
            try input.withUnsafeMutableBufferPointer { buffer throws(CheckpointError) in
                stream.next_in = buffer.baseAddress
                stream.avail_in = UInt32(inputCount)
                repeat {
                    stream.next_out = output.baseAddress
                    stream.avail_out = UInt32(Self.chunkSize)
                    status = inflate(&stream, Z_NO_FLUSH)
                    guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else { throw damaged }
                    let count = Self.chunkSize - Int(stream.avail_out)
                    guard count <= member.byteCount - made else { throw damaged }
                    made += count
                    try consume(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(output)[..<count]))
                } while status == Z_OK && (stream.avail_in > 0 || stream.avail_out == 0)
            }
            read += inputCount - Int(stream.avail_in)
            // No progress despite available input cannot happen on valid data.
            if stream.avail_in == UInt32(inputCount), status != Z_STREAM_END { throw damaged }
        }
        guard read == member.storedCount, made == member.byteCount else { throw damaged }
    }

    private var damaged: CheckpointError {
        CheckpointError(
            .corrupt, "compressed member \(printable(member.name)) is damaged", hint: "copy or download it again")
    }
}
