/// Reads bytes in order, from memory or from a section of a file, and never past their end.
struct ByteReader {
    private let file: ReadableFile?
    private let start: Int
    private let count: Int
    /// The window of bytes that is in memory, and where it begins in the section.
    private var window: [UInt8]
    private var windowStart = 0
    /// How many bytes have been read.
    private(set) var position = 0

    private static let windowSize = 1 << 16

    init(_ bytes: [UInt8]) {
        file = nil
        start = 0
        count = bytes.count
        window = bytes
    }

    /// Reads the bytes of `range` in `file`, which must contain them.
    init(_ file: ReadableFile, _ range: Range<Int>) {
        self.file = file
        start = range.lowerBound
        count = range.count
        window = []
    }

    /// How many bytes are left.
    var remaining: Int { count - position }

    /// The file position of the next byte.
    var filePosition: Int { start + position }

    /// The next byte.
    mutating func byte() throws(CheckpointError) -> UInt8 {
        if position >= windowStart + window.count { try refill() }
        let byte = window[position - windowStart]
        position += 1
        return byte
    }

    /// Appends the next `length` bytes to `result`; a length past the end throws before anything is allocated.
    mutating func append(_ length: Int, to result: inout [UInt8]) throws(CheckpointError) {
        guard length >= 0, length <= remaining else { throw .endsEarly(in: "its pickled part") }
        var left = length
        while left > 0 {
            if position >= windowStart + window.count { try refill() }
            let from = position - windowStart
            let taken = min(left, window.count - from)
            result.append(contentsOf: window[from..<from + taken])
            position += taken
            left -= taken
        }
    }

    /// Appends the bytes up to the end of the line to `result` and skips the line break.
    ///
    /// Returns false if the line has more than `limit` bytes; no more than that many have been appended then.
    mutating func appendLine(to result: inout [UInt8], limit: Int) throws(CheckpointError) -> Bool {
        var left = limit
        while true {
            if position >= windowStart + window.count { try refill() }
            let from = position - windowStart
            let end = window[from...].firstIndex(of: UInt8(ascii: "\n"))
            let taken = (end ?? window.count) - from
            guard taken <= left else { return false }
            result.append(contentsOf: window[from..<from + taken])
            left -= taken
            position += taken
            if end != nil {
                position += 1
                return true
            }
        }
    }

    /// The next little-endian number.
    mutating func number<T: FixedWidthInteger>(_ type: T.Type = T.self) throws(CheckpointError) -> T {
        var value: T = 0
        for i in 0..<MemoryLayout<T>.size {
            value |= T(truncatingIfNeeded: try byte()) << T(truncatingIfNeeded: 8 * i)
        }
        return value
    }

    /// Skips the next `length` bytes.
    mutating func skip(_ length: Int) throws(CheckpointError) {
        guard length >= 0, length <= remaining else { throw .endsEarly(in: "a tensor's data") }
        position += length
        // Beyond the window's end: the next read refills it.
        if position > windowStart + window.count, file != nil {
            windowStart = position
            window = []
        }
    }

    private mutating func refill() throws(CheckpointError) {
        guard let file, remaining > 0 else { throw .endsEarly(in: "its pickled part") }
        window = try file.bytes(at: start + position, count: min(Self.windowSize, remaining))
        windowStart = position
    }
}
