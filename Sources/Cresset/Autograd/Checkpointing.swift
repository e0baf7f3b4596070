/// The result of `body`, with nothing kept for its gradient: the backward pass recomputes what it needs.
///
/// Trades time for memory: for a network cut into pieces, only the pieces' inputs stay in memory.
///
/// ```swift
/// let y = checkpointed(x) { encoder($0) }
/// ```
/// For the recomputation the random generator is reset to its earlier state, so that dropout drops the same elements;
/// generators passed to operators explicitly are not reset. Batch normalisation in training counts the batch twice in
/// its running statistics, as in PyTorch. `body` may use parameters and other tensors besides `x`; they get their
/// gradients. It must compute the same each time.
///
/// When gradients are recorded, the result always counts as requiring a gradient.
public func checkpointed(_ x: Tensor, _ body: @escaping (Tensor) -> Tensor) -> Tensor {
    checkpointed([x]) { body($0[0]) }
}

/// The result of `body` on several tensors, with nothing kept; see ``checkpointed(_:_:)-(Tensor,_)``.
///
/// - Parameters:
///   - inputs: The inputs.
///   - body: The function; it runs again when gradients are computed.
public func checkpointed(_ inputs: [Tensor], _ body: @escaping ([Tensor]) -> Tensor) -> Tensor {
    guard recordsGradients else { return body(inputs) }
    let recomputation = Recomputation(inputs: inputs, body: body, random: Generator.current.state)
    let result = withoutGradients { body(inputs.map { $0.detached() }) }.detached()
    guard result.dtype.isFloatingPoint else { return result }
    return result.recordedForRecomputation("checkpointed", inputs) { recomputation.sweep(seed: $0) }
}

/// What is needed to recompute a part of a network.
///
/// The body uses modules, which belong to one task; the backward pass runs in that task, so the body is never run by
/// another.
private struct Recomputation: @unchecked Sendable {
    let inputs: [Tensor]
    let body: ([Tensor]) -> Tensor
    let random: Generator.State

    func sweep(seed: Tensor) -> Sweep {
        // Inputs keep their history: anything older than the floor is left to the enclosing sweep.
        let floor = Node.nextSequence
        let generator = Generator(resuming: random)
        let result = Generator.$current.withValue(generator) { withRecording(true) { body(inputs) } }
        var sweep = Sweep(wanted: [], keepsTape: recordsGradients, floor: floor)
        guard let edge = result.body.edge else { return sweep }
        sweep.add(seed, to: edge)
        sweep.run()
        return sweep
    }
}

extension Generator {
    /// A generator that continues from a state taken from another generator.
    fileprivate convenience init(resuming state: State) {
        self.init(seed: state.seed)
        do { try restore(state) } catch { fatalError("checkpointed: \(error)") }
    }
}
