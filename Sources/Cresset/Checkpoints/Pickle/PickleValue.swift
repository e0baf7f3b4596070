import CressetBackend

/// A value that a pickle describes, as data.
///
/// Values live in the arena of a ``PickleMachine`` and refer to each other by ``Reference``, so a million nested tuples
/// are a flat array: nothing here is built, copied or released recursively.
enum PickleValue {
    /// An index into the machine's values.
    typealias Reference = Int32

    /// A run of the machine's text bytes.
    struct Text {
        var start: UInt32
        var count: UInt32
    }

    case none
    case bool(Bool)
    case int(Int)
    /// An integer of more than 64 bits, as its little-endian bytes or decimal digits.
    case long(Text)
    case float(Double)
    case text(Text)
    case bytes(Text)
    /// A run of the machine's tuple items.
    case tuple(start: UInt32, count: UInt32)
    case list(UInt32)
    case dictionary(UInt32)
    case set
    case global(PickleGlobal)
    /// An index into the machine's storages.
    case storage(UInt32)
    /// An index into the machine's tensors.
    case tensor(UInt32)
    /// A tensor that cannot be read; an index into the machine's faults.
    case unreadableTensor(UInt32)
    /// A NumPy array; an index into the machine's arrays.
    case array(UInt32)
    /// A `Parameter` whose tensor comes later, in its state.
    case emptyParameter
    /// An object of an unknown class, kept as its name alone; an index into the machine's names.
    case opaque(UInt32)
}

/// A storage that a pickle refers to by its key.
struct PickledStorage {
    var key: String
    /// Nil for a type that Cresset does not have.
    var dtype: DType?
    var typeName: String
    /// Bytes of one element, if the type is known.
    var itemSize: Int
    /// In bytes, of the whole storage.
    var byteCount: Int
    /// In bytes, for a view of a storage in the legacy container.
    var viewOffset = 0
    var viewByteCount: Int
}

/// A tensor that a pickle describes; its place in its storage has been checked.
struct PickledTensor {
    var dtype: DType
    var shape: [Int]
    var strides: [Int]
    /// In bytes, from the start of the whole storage.
    var byteOffset: Int
    /// An index into the machine's storages.
    var storage: Int
    /// Whether the tensor's numbers are those of the storage with the opposite sign: PyTorch's negation bit.
    var isNegated = false
}

/// What a name in a pickle means to the machine.
///
/// This list contains everything a weight file can call: all of it makes data, none of it executes code.
enum PickleGlobal {
    case dictionaryType
    case listType
    case setType
    case tupleType
    case rebuildTensor
    case rebuildTensorV2
    case rebuildTensorV3
    case rebuildParameter
    case rebuildFromType
    case rebuildDeviceTensor
    case tensorType
    case parameterType
    case uninitializedType
    case newObject
    case encode
    /// NumPy's function that makes an array whose contents come later.
    case rebuildArray
    /// NumPy's class of element types.
    case arrayElement
    case storageType(DType)
    case untypedStorage
    case dtype(DType)
    /// A storage or element type that Cresset does not have; an index into the machine's names, bytes of an element.
    case foreignType(name: UInt32, itemSize: UInt8)
    /// Sparse, quantized and other tensors; an index into the machine's names.
    case rebuildForeign(UInt32)
    /// Any other class or function; an index into the machine's names.
    case opaque(UInt32)
}
