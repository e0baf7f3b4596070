import Cresset
import Foundation

/// Reads `bytes` as a weight file.
func checkpoint(_ bytes: [UInt8], name: String = "weights.pth") throws(CheckpointError) -> Checkpoint {
    let folder = TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    return try Checkpoint(contentsOf: folder.file(name, bytes))
}

/// The error from reading `bytes`, or nil if they load.
func refusal(_ bytes: [UInt8], name: String = "weights.pth") -> CheckpointError? {
    do throws(CheckpointError) {
        _ = try checkpoint(bytes, name: name)
        return nil
    } catch {
        return error
    }
}

/// The bytes of `value`, the least significant first.
func littleEndianBytes(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
}

/// The bytes of `values` as PyTorch stores them.
func floatBytes(_ values: [Float]) -> [UInt8] { values.flatMap { littleEndianBytes($0.bitPattern) } }

/// Writes the opcodes of a pickle.
struct PickleWriter {
    var bytes: [UInt8] = []

    init(protocol version: UInt8 = 2) { bytes = [0x80, version] }

    mutating func op(_ character: Unicode.Scalar) { bytes.append(UInt8(ascii: character)) }
    mutating func op(_ code: UInt8) { bytes.append(code) }
    mutating func global(_ module: String, _ name: String) { bytes += Array("c\(module)\n\(name)\n".utf8) }

    mutating func string(_ text: String) {
        op("X")
        bytes += littleEndianBytes(UInt32(text.utf8.count)) + Array(text.utf8)
    }

    /// In the shortest form that fits.
    mutating func int(_ value: Int) {
        if let small = Int32(exactly: value) {
            op("J")
            bytes += littleEndianBytes(small)
        } else {
            op(0x8A)
            bytes += [8] + littleEndianBytes(Int64(value))
        }
    }

    mutating func ints(_ values: [Int]) {
        op("(")
        for value in values { int(value) }
        op("t")
    }

    mutating func orderedDictionary() {
        global("collections", "OrderedDict")
        op(")")
        op("R")
    }

    mutating func stop() { op(".") }
}

/// A tensor as `torch.save` pickles it.
struct PickledEntry {
    var name: String
    var shape: [Int]
    var strides: [Int]?
    var offset = 0
    var key = "0"
    var count: Int
    var storageType = "FloatStorage"

    func write(to pickle: inout PickleWriter, isLegacy: Bool) {
        pickle.global("torch._utils", "_rebuild_tensor_v2")
        pickle.op("(")
        pickle.op("(")
        pickle.string("storage")
        pickle.global("torch", storageType)
        pickle.string(key)
        pickle.string("cpu")
        pickle.int(count)
        if isLegacy { pickle.op("N") }
        pickle.op("t")
        pickle.op("Q")
        pickle.int(offset)
        pickle.ints(shape)
        var rowMajor = shape
        var step = 1
        for axis in shape.indices.reversed() {
            rowMajor[axis] = step
            step &*= max(shape[axis], 1)
        }
        pickle.ints(strides ?? rowMajor)
        pickle.op(0x89)
        pickle.orderedDictionary()
        pickle.op("t")
        pickle.op("R")
    }
}

/// The pickle of a state dict with `entries`.
func statePickle(_ entries: [PickledEntry], isLegacy: Bool = false) -> [UInt8] {
    var pickle = PickleWriter()
    pickle.orderedDictionary()
    pickle.op("(")
    for entry in entries {
        pickle.string(entry.name)
        entry.write(to: &pickle, isLegacy: isLegacy)
    }
    pickle.op("u")
    pickle.stop()
    return pickle.bytes
}

/// The zip file that `torch.save` makes from a pickle and its storages.
func torchZip(_ pickle: [UInt8], storages: [(String, [UInt8])], byteOrder: String = "little", version: String = "3")
    -> [UInt8]
{
    var zip = ZipWriter()
    zip.add("archive/data.pkl", pickle)
    zip.add("archive/byteorder", Array(byteOrder.utf8))
    for (key, bytes) in storages { zip.add("archive/data/" + key, bytes) }
    zip.add("archive/version", Array((version + "\n").utf8))
    return zip.finished()
}

/// The stream that `torch.save` made before PyTorch 1.6.
func torchLegacy(_ pickle: [UInt8], storages: [(key: String, count: Int, bytes: [UInt8])]) -> [UInt8] {
    var head = PickleWriter()
    head.bytes += [0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]
    head.stop()
    head.bytes += PickleWriter().bytes
    head.int(1001)
    head.stop()
    head.bytes += PickleWriter().bytes + Array("}.".utf8)
    head.bytes += pickle + PickleWriter().bytes
    head.op("]")
    head.op("(")
    for storage in storages { head.string(storage.key) }
    head.op("e")
    head.stop()
    for storage in storages { head.bytes += littleEndianBytes(Int64(storage.count)) + storage.bytes }
    return head.bytes
}

/// A tar file of `members`.
func tar(_ members: [(name: String, bytes: [UInt8])]) -> [UInt8] {
    var result: [UInt8] = []
    for (name, bytes) in members {
        var block = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, _ offset: Int) {
            block.replaceSubrange(offset..<offset + text.utf8.count, with: text.utf8)
        }
        func octal(_ value: Int, _ digits: Int) -> String {
            let text = String(value, radix: 8)
            return String(repeating: "0", count: digits - text.count) + text
        }
        put(name, 0)
        put(octal(bytes.count, 11), 124)
        put("        0", 148)
        put("ustar", 257)
        put(octal(block.reduce(0) { $0 + Int($1) }, 6), 148)
        block[154] = 0
        result += block + bytes + [UInt8](repeating: 0, count: (512 - bytes.count % 512) % 512)
    }
    return result + [UInt8](repeating: 0, count: 1024)
}

/// The tar file that `torch.save` made in 2016, of one tensor `w` of shape [2, 2].
func torchTar(_ values: [Float] = [1, 2, 3, 4], strides: [Int] = [2, 1]) -> [UInt8] {
    var storages = PickleWriter()
    storages.int(1)
    storages.stop()
    storages.bytes += PickleWriter().bytes
    storages.int(7)
    storages.string("cpu")
    storages.global("torch", "FloatStorage")
    storages.op(0x87)
    storages.stop()
    storages.bytes += littleEndianBytes(Int64(values.count)) + floatBytes(values) + PickleWriter().bytes
    storages.bytes += Array("].".utf8)
    var tensors = PickleWriter()
    tensors.int(1)
    tensors.stop()
    tensors.bytes += PickleWriter().bytes
    tensors.int(9)
    tensors.int(7)
    tensors.global("torch", "FloatTensor")
    tensors.op(0x87)
    tensors.stop()
    tensors.bytes += littleEndianBytes(Int32(2)) + [0, 0, 0, 0]
    for number in [2, 2] + strides + [0] { tensors.bytes += littleEndianBytes(Int64(number)) }
    // The value is a Parameter of that time: created empty, then given (data, gradient, hooks, requires_grad,
    // volatile).
    var object = PickleWriter()
    object.op("}")
    object.string("w")
    object.global("torch.nn.parameter", "Parameter")
    object.op(")")
    object.op(0x81)
    object.op("(")
    object.string("9")
    object.op("Q")
    for code in ["N", "N"] as [Unicode.Scalar] { object.op(code) }
    object.op(0x88)
    object.op(0x89)
    object.op("t")
    object.op("b")
    object.op("s")
    object.stop()
    return tar([
        ("sys_info", Array("}.".utf8)), ("pickle", object.bytes), ("tensors", tensors.bytes),
        ("storages", storages.bytes),
    ])
}
