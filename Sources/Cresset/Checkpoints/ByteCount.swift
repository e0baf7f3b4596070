/// A number of bytes (or elements) taken from a file.
///
/// All arithmetic on numbers from a file goes through this type: a sum or product that does not fit throws instead of
/// wrapping around or trapping, so that no later check can be fooled.
struct ByteCount: Comparable, Hashable {
    let value: Int

    /// Traps if `value` is negative: for numbers that the program itself supplies.
    init(_ value: Int) {
        precondition(value >= 0, "ByteCount: negative")
        self.value = value
    }

    /// A number stated by a file, called `name` in the error.
    init(stated value: some BinaryInteger, _ name: String) throws(CheckpointError) {
        guard let value = Int(exactly: value), value >= 0 else {
            throw CheckpointError(.corrupt, "\(name) is \(value), which no file can hold")
        }
        self.value = value
    }

    static func + (a: ByteCount, b: ByteCount) throws(CheckpointError) -> ByteCount {
        let (sum, overflow) = a.value.addingReportingOverflow(b.value)
        if overflow { throw tooLarge }
        return ByteCount(sum)
    }

    static func * (a: ByteCount, b: ByteCount) throws(CheckpointError) -> ByteCount {
        let (product, overflow) = a.value.multipliedReportingOverflow(by: b.value)
        if overflow { throw tooLarge }
        return ByteCount(product)
    }

    static func < (a: ByteCount, b: ByteCount) -> Bool { a.value < b.value }

    /// The product of `lengths`; 1 if there are none.
    static func product(_ lengths: [Int], _ name: String) throws(CheckpointError) -> ByteCount {
        // A zero anywhere makes an empty tensor, but the other lengths must still make sense together.
        var product = ByteCount(1)
        var isEmpty = false
        for length in lengths {
            let length = try ByteCount(stated: length, name)
            if length.value == 0 { isEmpty = true } else { product = try product * length }
        }
        return isEmpty ? ByteCount(0) : product
    }

    private static var tooLarge: CheckpointError {
        CheckpointError(.corrupt, "sizes in the file overflow 64 bits")
    }
}
