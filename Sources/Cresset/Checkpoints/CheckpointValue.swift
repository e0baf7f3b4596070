import CressetBackend

/// The contents of a `torch.save` file, whatever they are: dictionaries, lists, numbers, texts and tensors, as data.
///
/// A training script saves more than weights:
///
/// ```swift
/// let run = try CheckpointValue(contentsOf: "run.pth")  // {"model": …, "optimizer": …, "epoch": 3}
/// try model.load(run["model"]!.stateDict!)
/// print(run["epoch"]!.int!)
///
/// let mine: CheckpointValue = ["model": CheckpointValue(model.stateDict()), "epoch": 4]
/// try mine.save(to: "mine.pth")  // torch.load("mine.pth") reads it
/// ```
///
/// Nothing in a file is ever executed: an object of an unknown class is kept as its name.
public indirect enum CheckpointValue: Sendable {
    /// A key of a dictionary with its value.
    public typealias Pair = (key: CheckpointValue, value: CheckpointValue)

    /// `None`.
    case none
    case bool(Bool)
    case int(Int)
    case double(Double)
    case text(String)
    case tensor(Tensor)
    case list([CheckpointValue])
    case tuple([CheckpointValue])
    /// The pairs in order.
    case dictionary([Pair])
    /// Something that is not data, by its name; it cannot be written.
    case other(String)

    /// How deeply lists and dictionaries may be nested, here and in files.
    static let depthLimit = 64
}

extension CheckpointValue {
    /// Reads the file of `torch.save` at `path`, of any of PyTorch's containers.
    ///
    /// - Throws: ``CheckpointError``, which names the file, when it is not sound or not a file of PyTorch.
    public init(contentsOf path: some PathConvertible) throws(CheckpointError) {
        let path = path.filePath
        do throws(CheckpointError) {
            let file = try ReadableFile(path)
            let container = try Checkpoint.Container(of: file, isNamedSafetensors: path.extension == "safetensors")
            guard let pickled = try PickledFile(file, container) else {
                throw CheckpointError(
                    .notWeights, "is a safetensors file, not one of torch.save", hint: "read it with Checkpoint")
            }
            var conversion = PickleConversion(
                pickled.machine, try TensorAssembly(pickled.allTensors(), file).tensors())
            self = try conversion.value(pickled.root)
        } catch {
            throw error.naming(path)
        }
    }

    /// Writes the value to the file at `path` as `torch.save` does, completely or not at all.
    ///
    /// `torch.load` reads it, with `weights_only` too. The same value always produces the same bytes.
    ///
    /// - Throws: ``CheckpointError`` when the file cannot be written; a file that was there is then unharmed.
    public func save(to path: some PathConvertible) throws(CheckpointError) {
        try save(to: path.filePath, zip64From: ZipWriter.narrowLimit)
    }

    /// Like ``save(to:)``, but with zip64's wide fields for numbers from `limit` up, so that tests need no 4 GB file.
    package func save(to path: FilePath, zip64From limit: Int) throws(CheckpointError) {
        try Checkpoint.write(to: path) { handle in
            var zip = ZipWriter(handle, wideFrom: limit)
            try ZipContainer.write(self, to: &zip)
        }
    }
}

extension CheckpointValue {
    /// The value of the key `name`, if this is a dictionary that has it.
    public subscript(name: String) -> CheckpointValue? {
        // Of two equal keys the later one counts, as in Python.
        pairs?.last { if case .text(name) = $0.key { true } else { false } }?.value
    }

    /// The pairs of a dictionary.
    public var pairs: [Pair]? { if case .dictionary(let pairs) = self { pairs } else { nil } }

    /// The items of a list or a tuple.
    public var items: [CheckpointValue]? {
        switch self {
        case .list(let items), .tuple(let items): items
        default: nil
        }
    }

    public var text: String? { if case .text(let text) = self { text } else { nil } }
    public var tensor: Tensor? { if case .tensor(let tensor) = self { tensor } else { nil } }
    public var int: Int? { if case .int(let value) = self { value } else { nil } }

    /// A number, a bool as 1 or 0, or the element of a one-element tensor.
    public var number: Double? {
        switch self {
        case .bool(let value): value ? 1 : 0
        case .int(let value): Double(value)
        case .double(let value): value
        case .tensor(let tensor) where tensor.elementCount == 1: tensor.detached().reshaped([]).item()
        default: nil
        }
    }

    /// The tensors of a dictionary by name, if it contains only tensors.
    public var stateDict: StateDict? {
        guard let pairs else { return nil }
        var state = StateDict()
        for pair in pairs {
            guard let name = pair.key.text, let tensor = pair.value.tensor else { return nil }
            state[name] = tensor
        }
        return state
    }

    /// A dictionary of tensors, as `model.state_dict()` is.
    ///
    /// - Parameter state: The tensors by name.
    public init(_ state: StateDict) {
        self = .dictionary(state.map { (key: .text($0.name), value: .tensor($0.tensor)) })
    }
}

extension CheckpointValue: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral, ExpressibleByStringLiteral,
    ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral
{
    public init(dictionaryLiteral elements: (CheckpointValue, CheckpointValue)...) {
        self = .dictionary(elements.map { (key: $0.0, value: $0.1) })
    }
    public init(arrayLiteral elements: CheckpointValue...) { self = .list(elements) }
    public init(stringLiteral value: String) { self = .text(value) }
    public init(integerLiteral value: Int) { self = .int(value) }
    public init(floatLiteral value: Double) { self = .double(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
}
