/// The result of `body`, of which nothing is kept: the sweep computes it again when it needs what is inside.
///
/// Trades time for memory: of a network cut into pieces, only the pieces' inputs stay in memory.
///
/// ```swift
/// let y = checkpointed(x) { encoder($0) }
/// ```
/// The second time the random generator stands where it stood the first time, so that dropout drops the same elements;
/// generators handed to operators by name are not put back. Batch normalisation in training counts the batch twice in
/// its running statistics, as it does in PyTorch. `body` may use parameters and other tensors beside `x`; they get their
/// gradients. It must compute the same each time.
///
/// The result counts as one that requires a gradient wherever gradients are recorded.
public func checkpointed(_ x: Tensor, _ body: @escaping (Tensor) -> Tensor) -> Tensor {
    checkpointed([x]) { body($0[0]) }
}

/// The result of `body` on several tensors, of which nothing is kept; see ``checkpointed(_:_:)-(Tensor,_)``.
///
/// - Parameters:
///   - inputs: The inputs.
///   - body: The function; it is run again when gradients are asked for.
public func checkpointed(_ inputs: [Tensor], _ body: @escaping ([Tensor]) -> Tensor) -> Tensor {
    guard recordsGradients else { return body(inputs) }
    let recomputation = Recomputation(inputs: inputs, body: body, random: Generator.current.state)
    let result = withoutGradients { body(inputs.map { $0.detached() }) }.detached()
    guard result.dtype.isFloatingPoint else { return result }
    return result.recordedForRecomputation("checkpointed", inputs) { recomputation.sweep(seed: $0) }
}

/// What it takes to compute a part of a network again.
///
/// The body uses modules, which belong to one task; the sweep runs in that task, so the body never meets another.
private struct Recomputation: @unchecked Sendable {
    let inputs: [Tensor]
    let body: ([Tensor]) -> Tensor
    let random: Generator.State

    func sweep(seed: Tensor) -> Sweep {
        // Inputs keep their history: what is older than the floor is left to the sweep around this one.
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
    /// A generator that goes on from a state that a generator gave.
    fileprivate convenience init(resuming state: State) {
        self.init(seed: state.seed)
        do { try restore(state) } catch { fatalError("checkpointed: \(error)") }
    }
}
