import CressetBackend

/// A pickled dictionary of NumPy arrays of bytes, lists of integers and lists of texts, as data sets are published.
///
/// Read by the same machine as checkpoints: nothing in the file is ever executed. A value is converted when it is asked
/// for, so that a file that names one array a thousand times takes no more memory than it has bytes.
package struct PickledTable {
    private let machine: PickleMachine
    private var entries: [String: PickleMachine.Reference] = [:]

    /// Reads a pickle.
    ///
    /// - Parameter file: The bytes of the file.
    /// - Throws: ``CheckpointError`` if it is no pickle of a dictionary.
    package init(_ file: [UInt8]) throws(CheckpointError) {
        // The bytes of arrays are texts to a pickle: there are no more of them than the file has.
        var machine = PickleMachine(ByteReader(file), textLimit: file.count, readsArrays: true)
        let root = try machine.load()
        guard case .dictionary(let index) = machine.value(root) else {
            throw CheckpointError(.corrupt, "is not a pickled dictionary")
        }
        for (key, value) in machine.dictionaries[Int(index)] {
            if let name = machine.shortString(key) { entries[name] = value }
        }
        self.machine = machine
    }

    /// The list of integers of a name, or nil if the name has none.
    package func integers(_ name: String) -> [Int]? {
        guard let items = entries[name].flatMap({ machine.items($0) }) else { return nil }
        let numbers = items.compactMap { machine.integer($0) }
        return numbers.count == items.count ? numbers : nil
    }

    /// The list of texts of a name, or nil if the name has none.
    package func texts(_ name: String) -> [String]? {
        guard let items = entries[name].flatMap({ machine.items($0) }) else { return nil }
        let strings = items.compactMap { machine.shortString($0) }
        return strings.count == items.count ? strings : nil
    }

    /// The array of bytes of a name, row by row, or nil if the name has none.
    ///
    /// - Throws: ``CheckpointError`` if it is an array of something else, or its bytes do not fit its shape.
    package func array(_ name: String) throws(CheckpointError) -> (shape: [Int], bytes: [UInt8])? {
        guard let entry = entries[name], case .array(let index) = machine.value(entry) else { return nil }
        let array = machine.arrays[Int(index)]
        guard array.isOfBytes, let text = array.bytes else {
            throw CheckpointError(.unsupported, "has an array that is not one of bytes, row by row")
        }
        var count = ByteCount(1)
        for length in array.shape { count = try count * ByteCount(stated: length, "an array's length") }
        guard count.value == Int(text.count) else {
            throw CheckpointError(
                .corrupt, "has an array of shape \(array.shape) with \(text.count) bytes")
        }
        return (array.shape, Array(machine.text[Int(text.start)..<Int(text.start) + Int(text.count)]))
    }
}

/// A NumPy array that a pickle describes.
struct PickledArray {
    var shape: [Int] = []
    /// Whether its elements are bytes without a sign, in row-major order.
    var isOfBytes = false
    var bytes: PickleValue.Text?
}

extension PickleMachine {
    /// What NumPy's names mean to a machine that reads arrays; nil for others.
    func arrayGlobal(module: String, name: String) -> PickleGlobal? {
        guard readsArrays else { return nil }
        switch (module, name) {
        case ("numpy.core.multiarray", "_reconstruct"), ("numpy._core.multiarray", "_reconstruct"):
            return .rebuildArray
        case ("numpy", "dtype"): return .arrayElement
        default: return nil
        }
    }

    /// An array whose contents come later, in its state.
    mutating func makeArray() throws(CheckpointError) -> PickleValue {
        guard arrays.count < Self.nameLimit else {
            throw CheckpointError(.corrupt, "its pickle has more than \(Self.nameLimit) arrays")
        }
        arrays.append(PickledArray())
        return .array(UInt32(arrays.count - 1))
    }

    /// `dtype('u1', …)`, as its name.
    mutating func makeArrayElement(_ items: [Reference]) -> PickleValue {
        .opaque(intern(items.first.flatMap { shortString($0) } ?? "a type"))
    }

    /// Gives an array its state: (version, shape, element type, whether it is column-major, bytes).
    mutating func build(array index: UInt32, _ state: Reference) throws(CheckpointError) {
        guard let items = items(state).map(Array.init), items.count == 5, let lengths = self.items(items[1]),
            lengths.count <= Shape.maximumRank
        else { throw CheckpointError(.corrupt, "its pickle gives an array a state that is not understood") }
        let shape = lengths.compactMap { integer($0) }
        guard shape.count == lengths.count else {
            throw CheckpointError(.corrupt, "its pickle has an array of no shape")
        }
        arrays[Int(index)].shape = shape
        arrays[Int(index)].isOfBytes =
            ["u1", "|u1", "uint8"].contains(elementName(items[2])) && integer(items[3]) == 0
        switch value(items[4]) {
        case .text(let text), .bytes(let text): arrays[Int(index)].bytes = text
        default: break
        }
    }

    private func elementName(_ reference: Reference) -> String {
        if case .opaque(let name) = value(reference) { return names[Int(name)] }
        return ""
    }
}
