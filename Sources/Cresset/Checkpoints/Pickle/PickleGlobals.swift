import CressetBackend

extension PickleGlobal {
    /// Modules that no weight file has a reason to name: code that names them intends to run commands.
    private static let hostileModules: Set<String> = [
        "os", "posix", "nt", "posixpath", "ntpath", "sys", "subprocess", "runpy", "importlib", "imp", "socket",
        "shutil", "pty", "ctypes", "_ctypes", "codeop", "pdb", "bdb", "timeit", "webbrowser", "commands", "popen2",
        "pickle", "_pickle", "cPickle", "marshal", "pip",
    ]
    private static let builtinModules: Set<String> = ["builtins", "__builtin__", "__builtins__", "io", "_io"]
    private static let hostileBuiltins: Set<String> = [
        "eval", "exec", "execfile", "compile", "open", "file", "getattr", "setattr", "delattr", "__import__", "globals",
        "locals", "vars", "input", "raw_input", "breakpoint", "apply", "reload", "FileIO", "open_code",
    ]

    /// Whether a file that names `module.name` must be rejected whatever else it contains.
    static func isHostile(module: String, name: String) -> Bool {
        let package = module.prefix { $0 != "." }
        if hostileModules.contains(String(package)) { return true }
        if builtinModules.contains(module) {
            return hostileBuiltins.contains(String(name.prefix { $0 != "." }))
        }
        // Protocol 4 may walk attributes: `torch` and `os.system` name what `os` and `system` do.
        return name.split(separator: ".").contains { hostileModules.contains(String($0)) || $0.hasPrefix("__") }
            && name.contains(".")
    }

    private static let elementTypes: [String: DType] = [
        "Float": .float32, "Double": .float64, "Half": .float16, "BFloat16": .bfloat16, "Long": .int64, "Int": .int32,
        "Short": .int16, "Char": .int8, "Byte": .uint8, "Bool": .bool,
    ]
    private static let foreignItemSizes: [String: UInt8] = [
        "ComplexFloat": 8, "ComplexDouble": 16, "QInt8": 1, "QUInt8": 1, "QInt32": 4, "QUInt4x2": 1, "QUInt2x4": 1,
    ]
    private static let dtypes: [String: DType] = [
        "float32": .float32, "float": .float32, "float64": .float64, "double": .float64, "float16": .float16,
        "half": .float16, "bfloat16": .bfloat16, "int64": .int64, "long": .int64, "int32": .int32, "int": .int32,
        "int16": .int16, "short": .int16, "int8": .int8, "uint8": .uint8, "bool": .bool,
    ]
    private static let foreignDTypes: [String: UInt8] = [
        "uint16": 2, "uint32": 4, "uint64": 8, "complex32": 4, "complex64": 8, "complex128": 16, "float8_e4m3fn": 1,
        "float8_e5m2": 1, "float8_e4m3fnuz": 1, "float8_e5m2fnuz": 1, "float8_e8m0fnu": 1,
    ]
    private static let known: [String: PickleGlobal] = [
        "collections.OrderedDict": .dictionaryType, "collections.defaultdict": .dictionaryType,
        "collections.Counter": .dictionaryType, "builtins.dict": .dictionaryType,
        "__builtin__.dict": .dictionaryType, "builtins.list": .listType, "__builtin__.list": .listType,
        "builtins.set": .setType, "__builtin__.set": .setType, "builtins.frozenset": .setType,
        "__builtin__.frozenset": .setType, "builtins.tuple": .tupleType, "__builtin__.tuple": .tupleType,
        "torch.Size": .tupleType, "torch._utils._rebuild_tensor": .rebuildTensor,
        "torch._utils._rebuild_tensor_v2": .rebuildTensorV2, "torch._utils._rebuild_tensor_v3": .rebuildTensorV3,
        "torch._utils._rebuild_parameter": .rebuildParameter,
        "torch._utils._rebuild_parameter_with_state": .rebuildParameter,
        "torch._utils._rebuild_device_tensor_from_cpu_tensor": .rebuildDeviceTensor,
        "torch._tensor._rebuild_from_type_v2": .rebuildFromType, "torch.tensor._rebuild_from_type_v2": .rebuildFromType,
        "torch._tensor._rebuild_from_type": .rebuildFromType, "torch.tensor._rebuild_from_type": .rebuildFromType,
        "torch.Tensor": .tensorType, "torch._tensor.Tensor": .tensorType, "torch.tensor.Tensor": .tensorType,
        "torch.nn.parameter.UninitializedParameter": .uninitializedType,
        "torch.nn.parameter.UninitializedBuffer": .uninitializedType,
        "torch.nn.parameter.Parameter": .parameterType, "torch.nn.Parameter": .parameterType,
        "torch.nn.parameter.Buffer": .parameterType, "torch.autograd.variable.Variable": .parameterType,
        "copyreg.__newobj__": .newObject, "copy_reg.__newobj__": .newObject, "_codecs.encode": .encode,
        "torch.storage.UntypedStorage": .untypedStorage, "torch.UntypedStorage": .untypedStorage,
    ]

    /// What `module.name` means; `intern` stores a name in the machine and returns its index.
    static func named(module: String, name: String, intern: (String) -> UInt32) -> PickleGlobal {
        let full = module + "." + name
        if let global = known[full] { return global }
        if module == "torch" || module == "torch.cuda" {
            for suffix in ["Storage", "Tensor"] where name.hasSuffix(suffix) {
                let element = String(name.dropLast(suffix.count))
                if let dtype = elementTypes[element] { return .storageType(dtype) }
                if let size = foreignItemSizes[element] { return .foreignType(name: intern(full), itemSize: size) }
            }
            if let dtype = dtypes[name] { return .dtype(dtype) }
            if let size = foreignDTypes[name] { return .foreignType(name: intern(full), itemSize: size) }
        }
        if module == "torch._utils", name.hasPrefix("_rebuild_") {
            return .rebuildForeign(intern(String(name.dropFirst("_rebuild_".count))))
        }
        return .opaque(intern(full))
    }
}
