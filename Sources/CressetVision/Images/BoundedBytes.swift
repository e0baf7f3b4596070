/// Numbers at offsets of a file, each checked against its end.
struct BoundedBytes {
    private let bytes: UnsafeRawBufferPointer
    private let isLittleEndian: Bool
    /// The format, for the error.
    private let format: String

    init(_ bytes: UnsafeRawBufferPointer, format: String, isLittleEndian: Bool = true) {
        self.bytes = bytes
        self.format = format
        self.isLittleEndian = isLittleEndian
    }

    func byte(_ offset: Int) throws(ImageError) -> Int { Int(try number(offset, as: UInt8.self)) }

    /// Two bytes.
    func half(_ offset: Int) throws(ImageError) -> Int { Int(try number(offset, as: UInt16.self)) }

    /// Four bytes.
    func word(_ offset: Int) throws(ImageError) -> Int { Int(try number(offset, as: UInt32.self)) }

    func has(_ text: String, at offset: Int) -> Bool {
        offset >= 0 && offset <= bytes.count && bytes[offset...].starts(with: text.utf8)
    }

    private func number<N: FixedWidthInteger>(_ offset: Int, as type: N.Type) throws(ImageError) -> N {
        guard offset >= 0, offset <= bytes.count - MemoryLayout<N>.size else { throw .truncated(format) }
        let value = bytes.loadUnaligned(fromByteOffset: offset, as: N.self)
        return isLittleEndian ? N(littleEndian: value) : N(bigEndian: value)
    }
}
