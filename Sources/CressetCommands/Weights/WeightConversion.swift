import Cresset
import CressetTrain

/// What `cresset convert` does: the tensors of a weight file in a file of another format.
package struct WeightConversion {
    private let checkpoint: Checkpoint

    /// Reads the file at `path`, of any format.
    ///
    /// *Throws* `CheckpointError` if it cannot be read, ``Failure`` if it has no tensors.
    ///
    /// - Parameter path: The file.
    package init(_ path: FilePath) throws {
        checkpoint = try Checkpoint(contentsOf: path)
        if checkpoint.state.isEmpty {
            throw Failure("\(path): there are no tensors in it", hint: "name a file of weights", kind: .badData)
        }
    }

    /// Writes the tensors to the file at `path`.
    ///
    /// *Throws* `CheckpointError` if that is impossible.
    ///
    /// - Parameters:
    ///   - path: The file, which is replaced if it exists.
    ///   - format: Its format.
    /// - Returns: A line about what was written, and lines about what was left out.
    package func write(to path: FilePath, _ format: WeightFormat) throws -> (line: String, losses: [String]) {
        let state = checkpoint.state
        try format.write(state, metadata: checkpoint.metadata, to: path)
        var losses = checkpoint.skipped.map { "left out: \(printable($0))" }
        if format == .pth, !checkpoint.metadata.isEmpty {
            let names = checkpoint.metadata.keys.sorted().map { printable($0, limit: 40) }.joined(separator: ", ")
            losses.append("left out: notes, for which PyTorch's format has no place: \(names)")
        }
        let place = checkpoint.nesting.isEmpty ? "" : " of \"\(printable(checkpoint.nesting.joined(separator: ".")))\""
        return ("\(path.terminalText): \(state.count) tensors\(place), \(state.elementCount) numbers", losses)
    }
}
