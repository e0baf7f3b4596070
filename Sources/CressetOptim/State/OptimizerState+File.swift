import Cresset
import FoundationEssentials

/// The project's own file is safetensors; PyTorch's if the name ends in `.pth` or `.pt`. Tensors are named
/// `group.parameter.name`, for example `0.12.exp_avg`; everything else is JSON under `optimizer` in the metadata.
/// PyTorch's format is in `OptimizerState+PyTorch.swift`.
extension OptimizerState {
    private struct Header: Codable {
        var optimizer: String?
        var groups: [HeaderGroup]
    }

    private struct HeaderGroup: Codable {
        var options: [String: Double]
        var carried: [String: Double]?
        var names: [String]
        var parameters: [HeaderEntry?]
    }

    private struct HeaderEntry: Codable {
        var count: Int
        var numbers: [String: Double]
    }

    /// Writes the state to a file, completely or not at all: as PyTorch's `optimizer.state_dict()` if the name ends in
    /// `.pth` or `.pt`, as safetensors otherwise.
    ///
    /// - Parameter path: The path of the file; its extension selects the format.
    /// - Throws: `CheckpointError` if the file cannot be written; an existing file is then unharmed.
    public func save(to path: some PathConvertible) throws {
        if Checkpoint.isPyTorchName(path) { return try pytorch.save(to: path) }
        let (tensors, metadata) = try saved()
        try Checkpoint.save(tensors, to: path, metadata: metadata)
    }

    /// The tensors and metadata of ``save(to:)``, for a file that contains more than the optimizer.
    public func saved() throws -> (tensors: StateDict, metadata: [String: String]) {
        var tensors = StateDict()
        var header = Header(optimizer: optimizer, groups: [])
        for (g, group) in groups.enumerated() {
            for (p, entry) in group.parameters.enumerated() {
                for (name, tensor) in (entry?.tensors ?? [:]).sorted(by: { $0.key < $1.key }) {
                    tensors["\(g).\(p).\(name)"] = tensor
                }
            }
            header.groups.append(
                HeaderGroup(
                    options: group.options, carried: group.carried.isEmpty ? nil : group.carried, names: group.names,
                    parameters: group.parameters.map { $0.map { HeaderEntry(count: $0.count, numbers: $0.numbers) } }))
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return (tensors, ["optimizer": String(decoding: try encoder.encode(header), as: UTF8.self)])
    }

    /// Reads a file written by ``save(to:)``, or by `torch.save` with an optimizer's state in it, whatever its name.
    ///
    /// - Parameter path: The file.
    /// - Throws: `CheckpointError` if the file is damaged, ``OptimizerError/stateMismatch(_:)`` if it contains no
    ///   optimizer.
    public init(contentsOf path: some PathConvertible) throws {
        let path = path.filePath
        guard try Checkpoint.container(ofFileAt: path) == .safetensors else {
            self = try OptimizerState(pytorch: CheckpointValue(contentsOf: path))
            return
        }
        let file = try Checkpoint(contentsOf: path)
        try self.init(tensors: file.state, metadata: file.metadata)
    }

    /// The state from the tensors and metadata of ``saved()``.
    ///
    /// - Parameters:
    ///   - tensors: The moments by name.
    ///   - metadata: Texts stored with the tensors, by name.
    public init(tensors: StateDict, metadata: [String: String]) throws(OptimizerError) {
        guard let text = metadata["optimizer"] else { throw .stateMismatch("the file contains no optimizer") }
        guard let header = try? JSONDecoder().decode(Header.self, from: Data(text.utf8)) else {
            throw .stateMismatch("the file's description of the optimizer cannot be read")
        }
        optimizer = header.optimizer
        groups = header.groups.map { saved in
            var group = Group(
                options: saved.options, names: saved.names,
                parameters: saved.parameters.map { $0.map { Entry(count: $0.count, numbers: $0.numbers) } })
            group.carried = saved.carried ?? [:]
            return group
        }
        for (name, tensor) in tensors {
            let parts = name.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3, let g = Int(parts[0]), let p = Int(parts[1]), groups.indices.contains(g),
                groups[g].parameters.indices.contains(p), groups[g].parameters[p] != nil
            else { throw .stateMismatch("the file does not say which parameter \(name) belongs to") }
            groups[g].parameters[p]!.tensors[String(parts[2])] = tensor
        }
        let counts = groups.flatMap { $0.parameters.map { $0?.count ?? 0 } }
        if let count = counts.first(where: { $0 < 0 || $0 > 1 << 53 }) {
            throw .stateMismatch("a parameter has made \(count) steps")
        }
    }
}

extension Optimizer {
    /// Writes ``state`` to a file, completely or not at all: as PyTorch's `optimizer.state_dict()` if the name ends in
    /// `.pth` or `.pt`, as safetensors otherwise.
    ///
    /// - Parameter path: The path of the file; its extension selects the format.
    /// - Throws: `CheckpointError` if the file cannot be written; an existing file is then unharmed.
    public func save(to path: some PathConvertible) throws { try state.save(to: path) }

    /// Restores the state in a file written by ``save(to:)`` or by PyTorch. If it throws, nothing has changed.
    ///
    /// - Parameter path: The file.
    /// - Throws: `CheckpointError` if the file is damaged, ``OptimizerError`` if it contains no optimizer, or one of
    ///   another model or rule.
    public func load(contentsOf path: some PathConvertible) throws { try load(OptimizerState(contentsOf: path)) }
}
