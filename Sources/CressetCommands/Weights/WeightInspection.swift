import Cresset
import CressetTrain
import CressetVision

/// What `cresset inspect` says of a weight file: its tensors and notes, and what in it is neither.
package struct WeightInspection: Encodable {
    struct Entry: Encodable {
        let name: String
        let dtype: String
        let shape: [Int]
        let bytes: Int
    }

    let file: String
    let bytes: Int
    let sha256: String
    /// `safetensors`, or how PyTorch laid it out: `zip`, `legacy` or `tar`.
    let container: String
    /// The network of the zoo whose weights they seem to be; nil if it is unknown.
    let network: String?
    /// The names under which the tensors were found, from the outside in.
    let nesting: [String]
    let tensors: [Entry]
    let elements: Int
    let metadata: [String: String]
    /// Entries that are not tensors, each with what it is; none of them was executed.
    let opaque: [String]
    /// The names of tensors with infinities or NaN.
    let nonFinite: [String]

    /// Reads the file at `path`, of any format; for a folder, the `model.safetensors` in it.
    ///
    /// *Throws* `CheckpointError` if it cannot be read.
    ///
    /// - Parameter path: The file.
    package init(_ path: FilePath) throws {
        let checkpoint = try Checkpoint(contentsOf: path), state = checkpoint.state
        let own = path.appending("model.safetensors")
        let place = SystemFiles.isFolder(path) ? own : path
        file = place.terminalText
        bytes = SystemFiles.byteCount(of: place) ?? 0
        sha256 = try CressetVision.sha256(ofFile: place)
        container = checkpoint.container.rawValue
        network = PretrainedWeights.network(of: state)
        nesting = checkpoint.nesting
        tensors = state.map { name, tensor in
            Entry(
                name: name, dtype: tensor.dtype.name, shape: Array(tensor.shape),
                bytes: tensor.elementCount * tensor.dtype.itemSize)
        }
        elements = state.elementCount
        metadata = checkpoint.metadata
        opaque = checkpoint.skipped
        nonFinite = state.nonFiniteNames
    }

    /// The lines for people.
    package var lines: [String] {
        var rows = [["file", "\(file): \(bytes) bytes, \(container)"], ["sha256", sha256]]
        if let network { rows.append(["network", network]) }
        let place = nesting.isEmpty ? "" : ", in \"\(printable(nesting.joined(separator: ".")))\""
        rows.append(["tensors", "\(tensors.count), \(elements) numbers\(place)"])
        if !nonFinite.isEmpty {
            let more = nonFinite.count > 3 ? " and \(nonFinite.count - 3) more" : ""
            rows.append([
                "not finite", nonFinite.prefix(3).map { printable($0) }.joined(separator: ", ") + more,
            ])
        }
        rows += metadata.sorted { $0.key < $1.key }.map { ["note", "\(printable($0.key)): \(printable($0.value))"] }
        rows += opaque.map { ["opaque", printable($0)] }
        let table = [["tensor", "type", "shape", "bytes"]] + tensors.map(row)
        return rows.map(TextTable([.leading, .leading], fitting: rows).line) + [""]
            + table.map(TextTable([.leading, .leading, .leading, .trailing], fitting: table).line)
    }

    private func row(_ tensor: Entry) -> [String] {
        let shape = tensor.shape.isEmpty ? "scalar" : tensor.shape.map(String.init).joined(separator: " x ")
        return [printable(tensor.name), tensor.dtype, shape, "\(tensor.bytes)"]
    }
}
