import Cresset

/// One step of training as a function of its inputs: loss, gradients, change of the parameters.
///
/// On a GPU the step is recorded after a few runs and from then on replayed at the cost of one call: for small batches the
/// program would otherwise take longer to ask for the work than the GPU to do it. Each combination of the inputs' shapes
/// and types has a recording of its own, the last few are kept. On the CPU every step simply runs.
///
/// ```swift
/// let step = TrainStep(optimizer) { inputs in
///     let scores = model(inputs[0])
///     return (loss: scores.crossEntropy(inputs[1]), outputs: [scores])
/// }
/// for batch in batches { totals += step([batch.inputs, batch.labels]).loss }
/// ```
///
/// What the body does must depend on its inputs, the parameters and the buffers alone, and it must change tensors in place
/// only as layers do: a recorded step does not run Swift again. Learning rates and other options of the optimizer may
/// change between steps; what else changes the work (`train()`, `freeze()`, other parameters) needs ``reset()``. Reading
/// elements inside the body traps while it is recorded, and no other thread may use the device meanwhile.
///
/// *Source*: CUDA graphs; `torch.cuda.make_graphed_callables`.
public final class TrainStep {
    public typealias Body = (_ inputs: [Tensor]) -> (loss: Tensor, outputs: [Tensor])

    /// What one step gave. Tensors of a replayed step are overwritten by the next one of the same shape: read or copy them
    /// before.
    public struct Outcome {
        /// The loss, without its history.
        public let loss: Tensor
        /// What the body gave beside it.
        public let outputs: [Tensor]
    }

    /// Steps that run before one is recorded: kernels are compiled, plans chosen, memory is found.
    public static let eagerSteps = 3
    private static let capacity = 8

    private final class Entry {
        var runs = 0
        var lastUse = 0
        var recording: Recording?
        /// What the last run changed beside the parameters.
        var buffers: [Buffer] = []
    }

    /// A recorded step and all that it works on.
    private final class Recording {
        let replay: DeviceRecording
        let inputs: [Tensor]
        let outcome: Outcome
        let gradients: Gradients
        /// Where that lies which it changes.
        let places: [Int]

        init(
            replay: DeviceRecording, inputs: [Tensor], outcome: Outcome, gradients: Gradients, places: [Int]
        ) {
            self.replay = replay
            self.inputs = inputs
            self.outcome = outcome
            self.gradients = gradients
            self.places = places
        }
    }

    private let optimizer: GradientOptimizer
    private let records: Bool
    private let transform: ((inout Gradients) -> Void)?
    private let body: Body
    private var entries: [RecordingKey: Entry] = [:]
    private var clock = 0

    /// - Parameters:
    ///   - optimizer: Changes its parameters by the gradients of the loss.
    ///   - records: Whether steps are recorded on a GPU.
    ///   - gradients: Changes the gradients before the optimizer sees them, such as by clipping.
    ///   - body: Works out the loss, and what else is wanted of the step.
    public init(
        _ optimizer: GradientOptimizer, records: Bool = true, gradients: ((inout Gradients) -> Void)? = nil,
        _ body: @escaping Body
    ) {
        self.optimizer = optimizer
        self.records = records
        transform = gradients
        self.body = body
    }

    /// Forgets what was recorded: to be called when the model was changed other than by steps.
    public func reset() { entries.removeAll() }

    /// Makes one step.
    public func callAsFunction(_ inputs: [Tensor]) -> Outcome {
        let device = inputs.first?.device ?? .cpu
        guard records, device != .cpu else { return run(inputs).outcome }
        clock += 1
        let entry = entry(RecordingKey(inputs, on: device))
        entry.runs += 1
        entry.lastUse = clock
        if let recording = entry.recording {
            if places(entry) == recording.places { return replay(recording, inputs) }
            // Something was replaced, or somebody holds its tensors of before, which must stay what they are: the work is
            // recorded anew, for the new places.
            entry.recording = nil
            entry.runs = Self.eagerSteps
        }
        guard entry.runs > Self.eagerSteps else {
            let changes = BufferChanges()
            defer { entry.buffers = changes.buffers }
            return changes.noting { run(inputs).outcome }
        }
        return record(entry, inputs, on: device)
    }

    private func entry(_ key: RecordingKey) -> Entry {
        if let entry = entries[key] { return entry }
        if entries.count >= Self.capacity, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            entries[oldest.key] = nil
        }
        let entry = Entry()
        entries[key] = entry
        return entry
    }

    private func run(_ inputs: [Tensor]) -> (outcome: Outcome, gradients: Gradients) {
        let result = body(inputs)
        var gradients = result.loss.gradients()
        transform?(&gradients)
        optimizer.step(gradients)
        return (
            Outcome(loss: result.loss.detached(), outputs: result.outputs.map { $0.detached() }), gradients
        )
    }

    private func record(_ entry: Entry, _ inputs: [Tensor], on device: Device) -> Outcome {
        let fixed = inputs.map { $0.detached().cloned() }
        let before = places(entry)
        let changes = BufferChanges()
        let (replay, result) = DeviceRecording.record(on: device) { changes.noting { run(fixed) } }
        entry.buffers = changes.buffers
        if places(entry) != before {
            fatalError(
                "TrainStep: what the step changes was moved to other memory while it was recorded"
                    + "\n  hint: change buffers in place, by update(_:); what runs only once must be done before; or records: false"
            )
        }
        let recording = Recording(
            replay: replay, inputs: fixed, outcome: result.outcome, gradients: result.gradients, places: before)
        entry.recording = recording
        recording.replay.launch()
        return recording.outcome
    }

    private func replay(_ recording: Recording, _ inputs: [Tensor]) -> Outcome {
        for (fixed, input) in zip(recording.inputs, inputs) { fixed.overwrite(with: input) }
        // The optimizer counts its steps and works out their numbers; the kernels are there already.
        let steps = FusedStep.collecting { optimizer.step(recording.gradients) }
        recording.replay.launch(steps: steps)
        return recording.outcome
    }

    /// Where that lies which the step changes, in memory of its own.
    private func places(_ entry: Entry) -> [Int] {
        optimizer.ownMemory() + entry.buffers.map { $0.ownMemory() }
    }
}
