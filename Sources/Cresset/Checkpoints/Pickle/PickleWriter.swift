import CressetBackend

/// Writes a ``CheckpointValue`` as a pickle of protocol 2, the one that `torch.save` uses.
///
/// Tensors become calls of `torch._utils._rebuild_tensor_v2` on storages stored next to the pickle; tensors that share
/// memory share a storage.
struct PickleWriter {
    private(set) var bytes: [UInt8] = [0x80, 2]
    /// The tensors whose elements are to be stored, under their index as key.
    private(set) var storages: [Tensor] = []
    private var keys: [View: Int] = [:]
    /// Texts and names already written, keyed by their bytes.
    private var memo: [[UInt8]: Int] = [:]

    /// What identifies tensors that are the same memory.
    private struct View: Hashable {
        let device: Device
        let pointer: UnsafeMutableRawPointer
        let dtype: DType
        let shape, strides: [Int]
    }

    private static let storageNames: [DType: String] = [
        .float32: "Float", .float64: "Double", .float16: "Half", .bfloat16: "BFloat16", .int64: "Long", .int32: "Int",
        .int16: "Short", .int8: "Char", .uint8: "Byte", .bool: "Bool",
    ]

    init(_ value: CheckpointValue) throws(CheckpointError) {
        try write(value, depth: 0)
        add(".")
    }

    private mutating func add(_ opcode: Unicode.Scalar) { bytes.append(UInt8(ascii: opcode)) }

    private mutating func add<T: FixedWidthInteger>(_ number: T) {
        for i in 0..<MemoryLayout<T>.size { bytes.append(UInt8(truncatingIfNeeded: number >> T(8 * i))) }
    }

    private mutating func write(_ value: CheckpointValue, depth: Int) throws(CheckpointError) {
        guard depth <= CheckpointValue.depthLimit else {
            throw CheckpointError(.unwritable, "values are nested more than \(CheckpointValue.depthLimit) deep")
        }
        switch value {
        case .none: add("N")
        case .bool(let value): bytes.append(value ? 0x88 : 0x89)
        case .int(let value): write(value)
        case .double(let value):
            add("G")
            add(value.bitPattern.byteSwapped)
        case .text(let text): try write(text)
        case .tensor(let tensor): try write(tensor)
        case .list(let items):
            add("]")
            if items.isEmpty { return }
            add("(")
            for item in items { try write(item, depth: depth + 1) }
            add("e")
        case .tuple(let items):
            if items.isEmpty { return add(")") }
            add("(")
            for item in items { try write(item, depth: depth + 1) }
            add("t")
        case .dictionary(let pairs):
            add("}")
            if pairs.isEmpty { return }
            add("(")
            for pair in pairs {
                try write(pair.key, depth: depth + 1)
                try write(pair.value, depth: depth + 1)
            }
            add("u")
        case .other(let name):
            throw CheckpointError(.unwritable, "\(name) is not data", hint: "leave it out of what is saved")
        }
    }

    private mutating func write(_ value: Int) {
        switch value {
        case 0..<256: bytes += [UInt8(ascii: "K"), UInt8(value)]
        case 256..<65536:
            add("M")
            add(UInt16(value))
        case Int(Int32.min)...Int(Int32.max):
            add("J")
            add(Int32(value))
        default:
            // LONG1: a count of bytes, then two's complement.
            bytes += [0x8A, 8]
            add(value)
        }
    }

    private mutating func write(_ text: String) throws(CheckpointError) {
        let utf8 = Array(text.utf8)
        guard let count = UInt32(exactly: utf8.count) else {
            throw CheckpointError(.unwritable, "a text of \(utf8.count) bytes is too long")
        }
        let digits = (0..<4).map { UInt8(truncatingIfNeeded: count >> (8 * UInt32($0))) }
        remembered([UInt8(ascii: "X")] + digits + utf8)
    }

    private mutating func writeGlobal(_ module: String, _ name: String) {
        remembered(Array("c\(module)\n\(name)\n".utf8))
    }

    /// Writes what makes a value, or a reference to where it was written before.
    private mutating func remembered(_ making: [UInt8]) {
        if let index = memo[making] {
            if index < 256 {
                bytes += [UInt8(ascii: "h"), UInt8(index)]
            } else {
                add("j")
                add(UInt32(index))
            }
            return
        }
        bytes += making
        let index = memo.count
        memo[making] = index
        if index < 256 {
            bytes += [UInt8(ascii: "q"), UInt8(index)]
        } else {
            add("r")
            add(UInt32(index))
        }
    }

    /// `_rebuild_tensor_v2(storage, 0, shape, strides, False, OrderedDict())`.
    private mutating func write(_ tensor: Tensor) throws(CheckpointError) {
        let shape = Array(tensor.shape)
        writeGlobal("torch._utils", "_rebuild_tensor_v2")
        add("(")
        add("(")
        try write("storage")
        writeGlobal("torch", Self.storageNames[tensor.dtype]! + "Storage")
        try write(String(key(of: tensor)))
        try write("cpu")
        write(tensor.elementCount)
        add("t")
        add("Q")
        write(0)
        for numbers in [shape, RawCheckpoint.rowMajorStrides(shape)] {
            add("(")
            for number in numbers { write(number) }
            add("t")
        }
        bytes.append(0x89)
        writeGlobal("collections", "OrderedDict")
        add(")")
        add("R")
        add("t")
        add("R")
    }

    private mutating func key(of tensor: Tensor) -> Int {
        let view = View(
            device: tensor.device, pointer: tensor.body.pointer, dtype: tensor.dtype, shape: Array(tensor.shape),
            strides: Array(tensor.strides))
        // Tensors without elements may have the address of anything.
        if tensor.elementCount > 0, let known = keys[view] { return known }
        storages.append(tensor)
        keys[view] = storages.count - 1
        return storages.count - 1
    }
}
