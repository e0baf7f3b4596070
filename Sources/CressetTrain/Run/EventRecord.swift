/// A record of TensorBoard's event files: when, after how many steps, and figures by name.
///
/// Each record is its length, the length's checksum, a message of protocol buffers, and that one's checksum; numbers have
/// their least significant byte first. Only whole records count: a reader waits at one that is cut off.
///
/// Source: TensorFlow, `core/lib/io/record_writer.h`, `core/util/event.proto` and `core/framework/summary.proto`.
struct EventRecord: Equatable {
    /// Seconds since 1970.
    var time: Double
    var step: Int
    var figures: [Figure] = []
    /// Says how the file is laid out: only in its first record.
    var version: String?

    struct Figure: Equatable {
        let name: String
        let value: Double
    }

    /// The first record of every file.
    static func head(time: Double) -> EventRecord { EventRecord(time: time, step: 0, version: "brain.Event:2") }

    /// The whole record.
    var bytes: [UInt8] {
        let message = self.message, length = EventRecord.littleEndian(UInt64(message.count))
        return length + EventRecord.littleEndian(CRC32C.masked(length)) + message
            + EventRecord.littleEndian(CRC32C.masked(message))
    }

    // Of `Event`, 1 is the time, 2 the step, 3 the version and 5 the summary; of `Summary`, 1 is a value; of that, 1 is the
    // tag and 2 a simple value.
    private var message: [UInt8] {
        var event = ProtocolMessage()
        event.add(1, double: time)
        event.add(2, integer: UInt64(step))
        if let version { event.add(3, bytes: Array(version.utf8)) }
        if !figures.isEmpty {
            var summary = ProtocolMessage()
            for figure in figures {
                var value = ProtocolMessage()
                value.add(1, bytes: Array(figure.name.utf8))
                value.add(2, float: Float(figure.value))
                summary.add(1, bytes: value.bytes)
            }
            event.add(5, bytes: summary.bytes)
        }
        return event.bytes
    }

    static func littleEndian<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }
}

/// A message of protocol buffers as it is built, field by field.
private struct ProtocolMessage {
    private(set) var bytes: [UInt8] = []

    mutating func add(_ field: Int, double value: Double) {
        addKey(field, kind: 1)
        bytes += EventRecord.littleEndian(value.bitPattern)
    }

    mutating func add(_ field: Int, float value: Float) {
        addKey(field, kind: 5)
        bytes += EventRecord.littleEndian(value.bitPattern)
    }

    mutating func add(_ field: Int, integer value: UInt64) {
        addKey(field, kind: 0)
        addVariable(value)
    }

    mutating func add(_ field: Int, bytes value: [UInt8]) {
        addKey(field, kind: 2)
        addVariable(UInt64(value.count))
        bytes += value
    }

    private mutating func addKey(_ field: Int, kind: Int) { addVariable(UInt64(field << 3 | kind)) }

    /// Seven bits to a byte; all but the last have the highest bit set.
    private mutating func addVariable(_ value: UInt64) {
        var rest = value
        while rest > 127 {
            bytes.append(UInt8(rest & 127) | 128)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
