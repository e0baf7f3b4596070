import CressetBackend

/// Reads Python pickles of protocols 0 to 5 as data.
///
/// There is one machine for every container, and it has no unsafe mode: a name in the file is looked up in the table of
/// ``PickleGlobal`` and nowhere else. What a state dict does not need (an `argparse.Namespace`, a NumPy scalar) becomes
/// an opaque value that is only reported. The machine is a loop over opcodes with a stack of references; all sizes are
/// checked against the bytes left and the limits below before anything grows.
struct PickleMachine {
    typealias Reference = PickleValue.Reference

    /// How a persistent identifier is interpreted, which differs by container.
    enum PersistentObjects {
        /// There are none.
        case none
        /// `('storage', type, key, location, count)`.
        case storages
        /// Keys of tensors read earlier, in the tar container.
        case tensors([Int: PickledTensor])
    }

    // Five million values take at most some 200 MB; real files have some thousands.
    static let operationLimit = 50_000_000
    static let valueLimit = 5_000_000
    static let textLimit = 1 << 27
    /// The maximum number of bytes in an integer, in a line with a number, and in a name.
    static let shortTextLimit = 1024
    static let tensorLimit = RawCheckpoint.entryLimit
    /// The maximum number of different classes and functions.
    static let nameLimit = 10_000
    static let faultLimit = 10_000

    var reader: ByteReader
    let persistent: PersistentObjects

    var values: [PickleValue] = []
    var text: [UInt8] = []
    var tupleItems: [Reference] = []
    var lists: [[Reference]] = []
    var dictionaries: [[(key: Reference, value: Reference)]] = []
    var storages: [PickledStorage] = []
    var storageIndices: [String: Int] = [:]
    var tensors: [PickledTensor] = []
    var arrays: [PickledArray] = []
    var names: [String] = []
    var nameIndices: [String: UInt32] = [:]
    /// The globals named so far, by module and name with a line break between them.
    var globals: [[UInt8]: Reference] = [:]
    var faults: [TensorFault] = []
    var faultIndices: [TensorFault: UInt32] = [:]

    /// The short line that was read last; it is not kept.
    var line: [UInt8] = []
    var stack: [Reference] = []
    var marks: [Reference] = []
    var memo = PickleMemo()
    /// How many more items may be copied from one list to another; a few bytes can name a list again and again.
    var copiesLeft: Int

    private let textLimit: Int
    /// Whether NumPy's arrays are read; otherwise they are opaque.
    let readsArrays: Bool

    init(
        _ reader: ByteReader, persistent: PersistentObjects = .none, textLimit: Int = PickleMachine.textLimit,
        readsArrays: Bool = false
    ) {
        self.textLimit = textLimit
        self.readsArrays = readsArrays
        self.reader = reader
        self.persistent = persistent
        copiesLeft = min(reader.remaining, Self.valueLimit) + 10_000
        values = Self.constants
    }

    // Values that take one byte in a pickle are created once, so that a flood of them needs no memory beyond the stack.
    private static let constants: [PickleValue] =
        [.none, .bool(false), .bool(true), .tuple(start: 0, count: 0), .set] + (0..<256).map { .int($0) }
    static let none: Reference = 0
    static let no: Reference = 1
    static let yes: Reference = 2
    static let emptyTuple: Reference = 3
    static let set: Reference = 4
    static func small(_ number: UInt8) -> Reference { 5 + Reference(number) }

    /// Reads one pickle, up to its STOP, and returns its value.
    mutating func load() throws(CheckpointError) -> Reference {
        stack.removeAll(keepingCapacity: true)
        marks.removeAll(keepingCapacity: true)
        memo.removeAll()
        for _ in 0..<Self.operationLimit {
            let opcode = try reader.byte()
            if opcode == UInt8(ascii: ".") { return try pop() }
            try perform(opcode)
        }
        throw CheckpointError(.corrupt, "its pickle has more than \(Self.operationLimit) operations")
    }

    func value(_ reference: Reference) -> PickleValue { values[Int(reference)] }

    // MARK: - The arena

    mutating func make(_ value: PickleValue) throws(CheckpointError) -> Reference {
        guard values.count < Self.valueLimit else {
            throw CheckpointError(.corrupt, "its pickle has more than \(Self.valueLimit) values")
        }
        values.append(value)
        return Reference(values.count - 1)
    }

    mutating func push(_ value: PickleValue) throws(CheckpointError) {
        let reference = try make(value)
        try push(reference)
    }

    mutating func push(_ reference: Reference) throws(CheckpointError) {
        guard stack.count < Self.valueLimit else {
            throw CheckpointError(.corrupt, "its pickle needs a stack of more than \(Self.valueLimit) values")
        }
        stack.append(reference)
    }

    mutating func pop() throws(CheckpointError) -> Reference {
        guard stack.count > Int(marks.last ?? 0), let top = stack.popLast() else { throw Self.underflow }
        return top
    }

    func top() throws(CheckpointError) -> Reference {
        guard stack.count > Int(marks.last ?? 0), let top = stack.last else { throw Self.underflow }
        return top
    }

    /// Pops everything above the last mark, and the mark.
    mutating func popToMark() throws(CheckpointError) -> [Reference] {
        guard let mark = marks.popLast().map(Int.init), mark <= stack.count else { throw Self.underflow }
        let items = Array(stack[mark...])
        stack.removeSubrange(mark...)
        return items
    }

    /// Pushes a mark onto the stack.
    mutating func mark() throws(CheckpointError) {
        guard marks.count < Self.valueLimit else {
            throw CheckpointError(.corrupt, "its pickle needs more than \(Self.valueLimit) marks")
        }
        marks.append(Reference(stack.count))
    }

    mutating func makeTuple(_ items: [Reference]) throws(CheckpointError) -> PickleValue {
        guard tupleItems.count + items.count <= 2 * Self.valueLimit else {
            throw CheckpointError(.corrupt, "its pickle has tuples of too many items")
        }
        let start = UInt32(tupleItems.count)
        tupleItems.append(contentsOf: items)
        return .tuple(start: start, count: UInt32(items.count))
    }

    mutating func makeList(_ items: [Reference] = []) -> PickleValue {
        lists.append(items)
        return .list(UInt32(lists.count - 1))
    }

    mutating func makeDictionary() -> PickleValue {
        dictionaries.append([])
        return .dictionary(UInt32(dictionaries.count - 1))
    }

    mutating func intern(_ name: String) -> UInt32 {
        if let index = nameIndices[name] { return index }
        let index = UInt32(names.count)
        names.append(name)
        nameIndices[name] = index
        return index
    }

    /// Reads `count` bytes into the text pool.
    mutating func readText(_ count: some BinaryInteger) throws(CheckpointError) -> PickleValue.Text {
        guard let count = Int(exactly: count), count >= 0, count <= reader.remaining else {
            throw .endsEarly(in: "a string")
        }
        guard text.count + count <= textLimit else {
            throw CheckpointError(.corrupt, "its pickle has more than \(textLimit >> 20) MiB of text")
        }
        let start = text.count
        try reader.append(count, to: &text)
        return PickleValue.Text(start: UInt32(start), count: UInt32(count))
    }

    /// Reads up to the end of the line, without the line break, into the text pool.
    mutating func readLine() throws(CheckpointError) -> PickleValue.Text {
        let start = text.count
        guard try reader.appendLine(to: &text, limit: textLimit - start) else {
            throw CheckpointError(.corrupt, "its pickle has more than \(textLimit >> 20) MiB of text")
        }
        return PickleValue.Text(start: UInt32(start), count: UInt32(text.count - start))
    }

    /// Appends a line to ``line``; `name` describes its purpose.
    mutating func appendShortLine(_ name: String) throws(CheckpointError) {
        guard try reader.appendLine(to: &line, limit: Self.shortTextLimit) else {
            throw CheckpointError(
                .corrupt, "its pickle has \(name) of more than \(Self.shortTextLimit) bytes")
        }
    }

    /// Reads a line with a number.
    mutating func readNumberLine() throws(CheckpointError) -> String {
        line.removeAll(keepingCapacity: true)
        try appendShortLine("a number")
        return String(decoding: line, as: UTF8.self)
    }

    func string(_ text: PickleValue.Text) -> String {
        String(decoding: self.text[Int(text.start)..<Int(text.start) + Int(text.count)], as: UTF8.self)
    }

    /// The value's text, if it is a string (or Python 2's byte string).
    func string(_ reference: Reference) -> String? {
        switch value(reference) {
        case .text(let text), .bytes(let text): string(text)
        default: nil
        }
    }

    /// Like ``string(_:)-(Reference)``, for names and keys: nil if it is longer than any of those.
    func shortString(_ reference: Reference) -> String? {
        switch value(reference) {
        case .text(let text) where text.count <= Self.shortTextLimit: string(text)
        case .bytes(let text) where text.count <= Self.shortTextLimit: string(text)
        default: nil
        }
    }

    func integer(_ reference: Reference) -> Int? {
        switch value(reference) {
        case .int(let value): value
        case .bool(let value): value ? 1 : 0
        default: nil
        }
    }

    /// The items of a tuple or list.
    func items(_ reference: Reference) -> ArraySlice<Reference>? {
        switch value(reference) {
        case .tuple(let start, let count): tupleItems[Int(start)..<Int(start) + Int(count)]
        case .list(let index): lists[Int(index)][...]
        default: nil
        }
    }

    static var underflow: CheckpointError {
        CheckpointError(.corrupt, "its pickle takes a value from an empty stack")
    }
}
