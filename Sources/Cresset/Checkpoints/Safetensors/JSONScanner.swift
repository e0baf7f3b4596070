/// Scans the JSON of a safetensors header: objects, strings and lists of whole numbers, nothing else.
///
/// There is no recursion driven by the file's nesting: callers descend by calling, only as deep as the format allows.
struct JSONScanner {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { position == bytes.count }

    func error(_ what: String) -> CheckpointError {
        CheckpointError(.corrupt, "its header is not the JSON of safetensors: \(what) (byte \(position) of the header)")
    }

    mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ character: Unicode.Scalar) throws(CheckpointError) {
        guard take(UInt8(ascii: character)) else { throw error("\"\(character)\" is missing") }
    }

    /// Scans an object; `member` scans the value of each key.
    mutating func object(
        _ member: (inout JSONScanner, String) throws(CheckpointError) -> Void
    ) throws(CheckpointError) {
        try expect("{")
        skipSpace()
        if take(UInt8(ascii: "}")) { return }
        while true {
            skipSpace()
            let key = try string()
            skipSpace()
            try expect(":")
            skipSpace()
            try member(&self, key)
            skipSpace()
            if take(UInt8(ascii: "}")) { return }
            try expect(",")
        }
    }

    /// Scans a list of non-negative whole numbers.
    mutating func integers() throws(CheckpointError) -> [Int] {
        try expect("[")
        var numbers: [Int] = []
        skipSpace()
        if take(UInt8(ascii: "]")) { return numbers }
        while true {
            skipSpace()
            numbers.append(try integer())
            guard numbers.count <= 64 else { throw error("a list is too long") }
            skipSpace()
            if take(UInt8(ascii: "]")) { return numbers }
            try expect(",")
        }
    }

    private mutating func integer() throws(CheckpointError) -> Int {
        let start = position
        var value = 0
        while position < bytes.count, (0x30...0x39).contains(bytes[position]) {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(Int(bytes[position] - 0x30))
            if overflow || carry { throw error("a number is too large") }
            value = sum
            position += 1
        }
        let count = position - start
        guard count > 0, count == 1 || bytes[start] != 0x30 else { throw error("a whole number is missing") }
        return value
    }

    /// Scans a string.
    mutating func string() throws(CheckpointError) -> String {
        try expect("\"")
        var text: [UInt8] = []
        while true {
            let start = position
            while position < bytes.count, isPlain(bytes[position]) { position += 1 }
            text.append(contentsOf: bytes[start..<position])
            guard position < bytes.count else { throw error("a string does not end") }
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text, as: UTF8.self) else { throw error("a string is not UTF-8") }
                return string
            case UInt8(ascii: "\\"): text.append(contentsOf: UTF8.encode(try escape())!)
            default: throw error("a string has a control character")
            }
        }
    }

    /// Whether a byte of a string represents itself.
    private func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    private mutating func escape() throws(CheckpointError) -> Unicode.Scalar {
        guard position < bytes.count else { throw error("a string does not end") }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            var code = try hexadecimal()
            if code & 0xFC00 == 0xD800 {
                guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else { throw error("half a surrogate pair") }
                let low = try hexadecimal()
                guard low & 0xFC00 == 0xDC00 else { throw error("half a surrogate pair") }
                code = 0x10000 + (code & 0x3FF) << 10 + (low & 0x3FF)
            }
            guard let scalar = Unicode.Scalar(code) else { throw error("half a surrogate pair") }
            return scalar
        default: throw error("an unknown escape in a string")
        }
    }

    private mutating func hexadecimal() throws(CheckpointError) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard position < bytes.count else { throw error("an escape without four digits") }
            let byte = bytes[position]
            switch byte {
            case 0x30...0x39: code = code << 4 | UInt32(byte - 0x30)
            // The letters of both cases differ in one bit.
            case 0x41...0x46, 0x61...0x66: code = code << 4 | UInt32(byte & 0xDF - 0x37)
            default: throw error("an escape without four digits")
            }
            position += 1
        }
        return code
    }
}
