extension PickleMachine {
    /// Executes one opcode other than STOP.
    mutating func perform(_ opcode: UInt8) throws(CheckpointError) {
        if try performScalar(opcode) { return }
        if try performContainer(opcode) { return }
        if try performMemo(opcode) { return }
        try performObject(opcode)
    }

    /// Constants: numbers and strings.
    private mutating func performScalar(_ opcode: UInt8) throws(CheckpointError) -> Bool {
        switch opcode {
        case UInt8(ascii: "N"): try push(Self.none)
        case 0x88: try push(Self.yes)
        case 0x89: try push(Self.no)
        case UInt8(ascii: "J"): try push(.int(Int(reader.number(Int32.self))))
        case UInt8(ascii: "K"): try push(Self.small(reader.byte()))
        case UInt8(ascii: "M"): try push(.int(Int(reader.number(UInt16.self))))
        case UInt8(ascii: "G"): try push(.float(Double(bitPattern: reader.number(UInt64.self).byteSwapped)))
        case 0x8A: try pushLong(byteCount: Int(reader.byte()))
        case 0x8B: try pushLong(byteCount: Int(reader.number(Int32.self)))
        case UInt8(ascii: "I"), UInt8(ascii: "L"): try pushDecimal()
        case UInt8(ascii: "F"):
            let line = try readNumberLine()
            guard let number = Double(line) else {
                throw CheckpointError(.corrupt, "its pickle has an invalid number: \(printable(line))")
            }
            try push(.float(number))
        case UInt8(ascii: "X"): try push(.text(readText(reader.number(UInt32.self))))
        case 0x8C: try push(.text(readText(reader.byte())))
        case 0x8D: try push(.text(readText(reader.number(UInt64.self))))
        case UInt8(ascii: "U"): try push(.text(readText(reader.byte())))
        case UInt8(ascii: "T"): try push(.text(readText(reader.number(Int32.self))))
        case UInt8(ascii: "V"): try push(.text(readLine()))
        case UInt8(ascii: "S"): try pushQuoted()
        case UInt8(ascii: "B"): try push(.bytes(readText(reader.number(UInt32.self))))
        case UInt8(ascii: "C"): try push(.bytes(readText(reader.byte())))
        case 0x8E, 0x96: try push(.bytes(readText(reader.number(UInt64.self))))
        default: return false
        }
        return true
    }

    private mutating func pushLong(byteCount: Int) throws(CheckpointError) {
        guard byteCount >= 0, byteCount <= Self.shortTextLimit else {
            throw CheckpointError(.corrupt, "its pickle has an integer of \(byteCount) bytes")
        }
        let text = try readText(byteCount)
        guard byteCount <= 8 else {
            try push(.long(text))
            return
        }
        var number: UInt64 = 0
        for i in 0..<byteCount { number |= UInt64(self.text[Int(text.start) + i]) << UInt64(8 * i) }
        // Two's complement of `byteCount` bytes: copy the sign upwards.
        let unused = Int64(64 - 8 * byteCount)
        try push(.int(byteCount == 0 ? 0 : Int((Int64(bitPattern: number) << unused) >> unused)))
    }

    /// Protocol 0's integers: `I01` and `I00` are booleans, `L…L` has any length.
    private mutating func pushDecimal() throws(CheckpointError) {
        var number = try readNumberLine()
        if number == "00" || number == "01" {
            try push(number == "01" ? Self.yes : Self.no)
            return
        }
        if number.hasSuffix("L") { number.removeLast() }
        if let value = Int(number) {
            try push(.int(value))
            return
        }
        let digits = number.utf8.drop { $0 == UInt8(ascii: "-") }
        guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw CheckpointError(.corrupt, "its pickle has an integer that is none: \(printable(number))")
        }
        guard text.count + number.utf8.count <= Self.textLimit else {
            throw CheckpointError(.corrupt, "its pickle has more than \(Self.textLimit >> 20) MiB of text")
        }
        text.append(contentsOf: number.utf8)
        let count = UInt32(number.utf8.count)
        try push(.long(PickleValue.Text(start: UInt32(text.count) - count, count: count)))
    }

    private mutating func pushQuoted() throws(CheckpointError) {
        var text = try readLine()
        guard text.count >= 2 else { throw CheckpointError(.corrupt, "its pickle has a string without quotes") }
        text.start += 1
        text.count -= 2
        try push(.text(text))
    }

    /// Tuples, lists, dictionaries and sets.
    private mutating func performContainer(_ opcode: UInt8) throws(CheckpointError) -> Bool {
        switch opcode {
        case UInt8(ascii: "("): try mark()
        case UInt8(ascii: ")"): try push(Self.emptyTuple)
        case UInt8(ascii: "t"): try push(makeTuple(popToMark()))
        case 0x85, 0x86, 0x87:
            var items: [Reference] = []
            for _ in 0..<Int(opcode - 0x84) { items.append(try pop()) }
            try push(makeTuple(items.reversed()))
        case UInt8(ascii: "]"): try push(makeList())
        case UInt8(ascii: "l"): try push(makeList(popToMark()))
        case UInt8(ascii: "}"): try push(makeDictionary())
        case UInt8(ascii: "d"):
            let items = try popToMark()
            try push(makeDictionary())
            try setItems(items)
        case 0x8F: try push(Self.set)
        case 0x91:
            _ = try popToMark()
            try push(Self.set)
        case UInt8(ascii: "a"): try appendItems([pop()])
        case UInt8(ascii: "e"): try appendItems(popToMark())
        case UInt8(ascii: "s"):
            let item = try pop()
            try setItems([pop(), item])
        case UInt8(ascii: "u"): try setItems(popToMark())
        case 0x90: try addItems(popToMark())
        default: return false
        }
        return true
    }

    private mutating func appendItems(_ items: [Reference]) throws(CheckpointError) {
        switch value(try top()) {
        case .list(let index): lists[Int(index)].append(contentsOf: items)
        case .opaque: break
        default: throw CheckpointError(.corrupt, "its pickle appends to what is not a list")
        }
    }

    private mutating func setItems(_ items: [Reference]) throws(CheckpointError) {
        guard items.count.isMultiple(of: 2) else {
            throw CheckpointError(.corrupt, "its pickle has a dictionary key without a value")
        }
        switch value(try top()) {
        case .dictionary(let index):
            for i in stride(from: 0, to: items.count, by: 2) {
                dictionaries[Int(index)].append((items[i], items[i + 1]))
            }
        case .opaque: break
        default: throw CheckpointError(.corrupt, "its pickle sets items of what is not a dictionary")
        }
    }

    private func addItems(_ items: [Reference]) throws(CheckpointError) {
        switch value(try top()) {
        case .set, .opaque: break
        default: throw CheckpointError(.corrupt, "its pickle adds items to what is not a set")
        }
    }

    /// The memo, the stack, and protocol framing.
    private mutating func performMemo(_ opcode: UInt8) throws(CheckpointError) -> Bool {
        switch opcode {
        case UInt8(ascii: "q"): try put(Int(reader.byte()))
        case UInt8(ascii: "r"): try put(Int(reader.number(UInt32.self)))
        case UInt8(ascii: "p"): try put(lineNumber())
        case 0x94: try put(memo.count)
        case UInt8(ascii: "h"): try get(Int(reader.byte()))
        case UInt8(ascii: "j"): try get(Int(reader.number(UInt32.self)))
        case UInt8(ascii: "g"): try get(lineNumber())
        case UInt8(ascii: "0"):
            // Pops a mark if that is on top, as Python does.
            if let mark = marks.last, Int(mark) == stack.count { marks.removeLast() } else { _ = try pop() }
        case UInt8(ascii: "1"): _ = try popToMark()
        case UInt8(ascii: "2"): try push(top())
        case 0x80:
            let version = try reader.byte()
            guard version <= 5 else {
                throw CheckpointError(.unsupported, "it is a pickle of protocol \(version); 0 to 5 are known")
            }
        case 0x95:
            let length: UInt64 = try reader.number()
            guard length <= UInt64(reader.remaining) else { throw .endsEarly(in: "a frame of its pickle") }
        default: return false
        }
        return true
    }

    private mutating func put(_ key: Int) throws(CheckpointError) {
        memo[key] = try top()
        guard memo.count <= Self.valueLimit else {
            throw CheckpointError(.corrupt, "its pickle stores more than \(Self.valueLimit) values in its memo")
        }
    }

    private mutating func get(_ key: Int) throws(CheckpointError) {
        guard let reference = memo[key] else {
            throw CheckpointError(.corrupt, "its pickle uses value \(key) of the memo, which it never stored")
        }
        try push(reference)
    }

    private mutating func lineNumber() throws(CheckpointError) -> Int {
        guard let number = Int(try readNumberLine()), number >= 0 else {
            throw CheckpointError(.corrupt, "its pickle has a memo key that is not a number")
        }
        return number
    }
}
