extension EventRecord {
    /// The whole and undamaged records at the beginning of a file, each with the step that its message begins with: what
    /// this library has written, for a run that goes on.
    ///
    /// Ends at the first record that is cut off or damaged, or is not as this library writes them.
    static func steps(in file: [UInt8]) -> [(range: Range<Int>, step: Int)] {
        var found: [(range: Range<Int>, step: Int)] = []
        var place = 0
        // Length and its checksum, and the checksum of the message.
        while file.count - place >= 16 {
            let length = file[place..<place + 8], start = place + 12
            let count = number(length)
            guard number(file[place + 8..<start]) == UInt64(CRC32C.masked(length)), count <= file.count - start - 4
            else {
                break
            }
            let end = start + Int(count), message = file[start..<end]
            guard number(file[end..<end + 4]) == UInt64(CRC32C.masked(message)), let step = step(of: message) else {
                break
            }
            found.append((place..<end + 4, step))
            place = end + 4
        }
        return found
    }

    /// The step of a message whose first two fields are the time and the step.
    private static func step(of message: ArraySlice<UInt8>) -> Int? {
        guard message.count > 10, message.first == 1 << 3 | 1 else { return nil }
        var rest = message.dropFirst(9)
        guard rest.popFirst() == 2 << 3 else { return nil }
        var step = 0
        for shift in stride(from: 0, to: 56, by: 7) {
            guard let byte = rest.popFirst() else { return nil }
            step |= Int(byte & 127) << shift
            if byte < 128 { return step }
        }
        return nil
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
