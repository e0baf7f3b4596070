import Cresset
import Foundation

/// A folder for a test's files, removed with the value.
final class TemporaryFolder {
    let path: String

    init() {
        path = NSTemporaryDirectory() + "cresset-" + UUID().uuidString
        try! FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes `bytes` to a file called `name` and returns its path.
    func file(_ name: String, _ bytes: [UInt8]) -> String {
        let file = path + "/" + name
        // Mutation tests write thousands of files: Foundation would flush each one to disk, and so would ext4 when a
        // truncated file is closed.
        unlink(file)
        let stream = fopen(file, "w")!
        fwrite(bytes, 1, bytes.count, stream)
        fclose(stream)
        return file
    }

    var names: [String] { try! FileManager.default.contentsOfDirectory(atPath: path).sorted() }
}

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

/// Writes zip files, valid and invalid ones.
struct ZipWriter {
    var bytes: [UInt8] = []
    var directory: [UInt8] = []
    var count = 0
    /// Whether sizes are written to the 64-bit fields.
    var isWide = false

    /// Adds a member.
    ///
    /// - Parameters:
    ///   - packed: Its deflated form; nil to store it.
    ///   - offset: The offset in the directory; nil for the true one.
    ///   - localName: The name in its local header; nil for the same.
    mutating func add(
        _ name: String, _ contents: [UInt8], packed: [UInt8]? = nil, claimed: Int? = nil, crc: UInt32? = nil,
        offset: Int? = nil, localName: String? = nil
    ) {
        let stored = packed ?? contents
        let full = UInt64(claimed ?? contents.count)
        let isWide = isWide
        func narrow(_ value: UInt64) -> [UInt8] {
            littleEndianBytes(isWide ? UInt32.max : UInt32(truncatingIfNeeded: value))
        }
        let start = UInt64(offset ?? bytes.count)
        let wideSizes = littleEndianBytes(full) + littleEndianBytes(UInt64(stored.count))
        func field(_ values: [UInt8]) -> [UInt8] {
            isWide ? littleEndianBytes(UInt16(1)) + littleEndianBytes(UInt16(values.count)) + values : []
        }
        let (localField, directoryField) = (field(wideSizes), field(wideSizes + littleEndianBytes(start)))
        let method: UInt16 = packed == nil ? 0 : 8
        var common = littleEndianBytes(UInt16(20)) + littleEndianBytes(UInt16(0)) + littleEndianBytes(method)
        common += [0, 0, 0, 0] + littleEndianBytes(crc ?? crc32(contents))
        common += narrow(UInt64(stored.count)) + narrow(full) + littleEndianBytes(UInt16(name.utf8.count))
        directory += littleEndianBytes(UInt32(0x0201_4B50)) + [20, 0] + common
        directory += littleEndianBytes(UInt16(directoryField.count)) + [UInt8](repeating: 0, count: 10)
        directory += narrow(start) + Array(name.utf8) + directoryField
        bytes += littleEndianBytes(UInt32(0x0403_4B50)) + common + littleEndianBytes(UInt16(localField.count))
        bytes += Array((localName ?? name).utf8) + localField + stored
        count += 1
    }

    func finished(claimedCount: Int? = nil) -> [UInt8] {
        var result = bytes + directory
        let stated = UInt64(claimedCount ?? count)
        if isWide {
            result += littleEndianBytes(UInt32(0x0606_4B50)) + littleEndianBytes(UInt64(44)) + [45, 0, 45, 0]
            result += [UInt8](repeating: 0, count: 8) + littleEndianBytes(stated) + littleEndianBytes(stated)
            result += littleEndianBytes(UInt64(directory.count)) + littleEndianBytes(UInt64(bytes.count))
            result += littleEndianBytes(UInt32(0x0706_4B50)) + [0, 0, 0, 0]
            result += littleEndianBytes(UInt64(bytes.count + directory.count)) + [1, 0, 0, 0]
        }
        let short = isWide ? UInt16.max : UInt16(truncatingIfNeeded: stated)
        result += littleEndianBytes(UInt32(0x0605_4B50)) + [0, 0, 0, 0] + littleEndianBytes(short)
        result += littleEndianBytes(short) + littleEndianBytes(isWide ? .max : UInt32(directory.count))
        result += littleEndianBytes(isWide ? UInt32.max : UInt32(bytes.count)) + [0, 0]
        return result
    }

    /// Deflate's format for uncompressed bytes, in one block of at most 65,535.
    static func deflatedStored(_ contents: [UInt8]) -> [UInt8] {
        let count = UInt16(contents.count)
        return [1] + littleEndianBytes(count) + littleEndianBytes(~count) + contents
    }
}

/// The checksum used in zip files.
func crc32(_ bytes: [UInt8]) -> UInt32 {
    var crc: UInt32 = .max
    for byte in bytes {
        crc ^= UInt32(byte)
        for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
    }
    return ~crc
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

/// A safetensors file with this header and data.
func safetensors(_ header: String, data: [UInt8] = []) -> [UInt8] {
    littleEndianBytes(UInt64(header.utf8.count)) + Array(header.utf8) + data
}

/// Valid weight files of each container, with the tensor `w` = [[1, 2], [3, 4]].
enum SoundFile: String, CaseIterable {
    case zip
    case deflatedZip
    case wideZip
    case legacy
    case tar
    case safetensors

    var bytes: [UInt8] {
        let data = floatBytes([1, 2, 3, 4])
        let entry = PickledEntry(name: "w", shape: [2, 2], count: 4)
        switch self {
        case .zip: return torchZip(statePickle([entry]), storages: [("0", data)])
        case .deflatedZip, .wideZip:
            var zip = ZipWriter()
            zip.isWide = self == .wideZip
            let isDeflated = self == .deflatedZip
            for (name, bytes) in [("a/data.pkl", statePickle([entry])), ("a/data/0", data)] {
                zip.add(name, bytes, packed: isDeflated ? ZipWriter.deflatedStored(bytes) : nil)
            }
            return zip.finished()
        case .legacy: return torchLegacy(statePickle([entry], isLegacy: true), storages: [("0", 4, data)])
        case .tar: return torchTar()
        case .safetensors:
            return CressetTests.safetensors(
                #"{"__metadata__":{"k":"v"},"w":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}"#, data: data)
        }
    }
}
