import CressetBackend

/// The tensors of a model by name, in order: what is saved and loaded.
///
/// Names are PyTorch's: `layer1.0.conv1.weight`.
///
/// ```swift
/// var state = try Checkpoint.load("resnet18.pth")
/// state["fc.weight"] = nil
/// for (name, tensor) in state { print(name, tensor.shape) }
/// ```
public struct StateDict: Sendable, Sequence, ExpressibleByDictionaryLiteral, CustomStringConvertible {
    /// A name with its tensor.
    public typealias Element = (name: String, tensor: Tensor)

    private var entries: [Element] = []
    private var positions: [String: Int] = [:]

    /// A state dict without entries.
    public init() {}

    /// The bytes of all tensors' elements.
    package var byteCount: Int { entries.reduce(0) { $0 + $1.tensor.elementCount * $1.tensor.dtype.itemSize } }

    /// A state dict of `entries` in order; of two with the same name the later one counts.
    public init(_ entries: some Sequence<Element>) {
        for entry in entries { set(entry.name, entry.tensor) }
    }

    public init(dictionaryLiteral elements: (String, Tensor)...) {
        for (name, tensor) in elements { set(name, tensor) }
    }

    /// The tensor called `name`, or nil.
    ///
    /// A new name is appended, an existing one keeps its place; setting nil removes the entry.
    public subscript(name: String) -> Tensor? {
        get { positions[name].map { entries[$0].tensor } }
        set {
            if let newValue { set(name, newValue) } else { remove(name) }
        }
    }

    // Separate methods: with a single switch for both, each new entry copied all existing ones.
    private mutating func set(_ name: String, _ tensor: Tensor) {
        if let position = positions[name] {
            entries[position].tensor = tensor
        } else {
            positions[name] = entries.count
            entries.append((name, tensor))
        }
    }

    private mutating func remove(_ name: String) {
        guard let position = positions.removeValue(forKey: name) else { return }
        entries.remove(at: position)
        for i in position..<entries.count { positions[entries[i].name] = i }
    }

    /// The names, in order.
    public var keys: [String] { entries.map(\.name) }
    /// The number of entries.
    public var count: Int { entries.count }
    /// Whether there are no entries.
    public var isEmpty: Bool { entries.isEmpty }
    /// The number of elements in all tensors together.
    public var elementCount: Int { entries.reduce(0) { $0 + $1.tensor.elementCount } }

    public func makeIterator() -> IndexingIterator<[Element]> { entries.makeIterator() }

    /// The same tensors under the names that `rename` returns; an entry renamed to nil is left out.
    ///
    /// If two entries end up with the same name, the later one counts.
    public func renamed(_ rename: (String) throws -> String?) rethrows -> StateDict {
        var result = StateDict()
        for (name, tensor) in entries {
            if let name = try rename(name) { result.set(name, tensor) }
        }
        return result
    }

    /// One line per entry: name, dtype, shape.
    public var description: String {
        entries.map { "\($0.name)  \($0.tensor.dtype.name)  \($0.tensor.shape)" }.joined(separator: "\n")
    }
}
