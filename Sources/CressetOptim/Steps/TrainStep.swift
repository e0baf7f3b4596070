import Cresset

/// One step of training as a function of its inputs: the loss, the gradients, the update of the parameters.
///
/// On a GPU the step is recorded after a few runs and from then on replayed at the cost of one call: for small batches
/// the program would otherwise take longer to submit the work than the GPU takes to do it. Each combination of input
/// shapes and types has its own recording; the most recent few are kept. On the CPU every step simply runs.
///
/// ```swift
/// let step = TrainStep(optimizer) { inputs in
///     let scores = model(inputs[0])
///     return (loss: scores.crossEntropy(inputs[1]), outputs: [scores])
/// }
/// for batch in batches { totals += step([batch.inputs, batch.labels]).loss }
/// ```
///
/// The work done in the body must depend only on its inputs, the parameters and the buffers, and it must change tensors
/// in place only as layers do: a recorded step does not run Swift code again. Learning rates and other options of the
/// optimizer may change between steps; any other change to the work (`train()`, `freeze()`, other parameters) needs
/// ``reset()``. Reading elements inside the body traps during recording, and no other thread may use the device
/// meanwhile.
///
/// *Source*: CUDA graphs; `torch.cuda.make_graphed_callables`.
public final class TrainStep: CustomStringConvertible {
    public typealias Body = (_ inputs: [Tensor]) -> (loss: Tensor, outputs: [Tensor])

    /// The results of one step. Tensors of a replayed step are overwritten by the next one of the same shape: read or
    /// copy them before that.
    public struct Outcome {
        /// The loss, without its history.
        public let loss: Tensor
        /// The other outputs of the body.
        public let outputs: [Tensor]
    }

    /// Steps that run before one is recorded: kernels are compiled, plans chosen, memory allocated.
    public static let eagerSteps = 3
    private static let capacity = 8

    private final class Entry {
        var runs = 0
        var lastUse = 0
        var recording: Recording?
        /// The buffers that the last run changed.
        var buffers: [Buffer] = []
    }

    /// A recorded step and everything it works on.
    private final class Recording {
        let replay: DeviceRecording
        let inputs: [Tensor]
        let outcome: Outcome
        let gradients: Gradients
        /// The addresses of what it changes.
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
    private let scaler: GradientScaler?
    private let records: Bool
    private let transform: ((inout Gradients) -> Void)?
    private let body: Body
    private var entries: [RecordingKey: Entry] = [:]
    private var clock = 0

    /// - Parameters:
    ///   - optimizer: Updates its parameters by the gradients of the loss.
    ///   - scaler: Scales the loss, for float16; nil for none.
    ///   - records: Whether steps are recorded on a GPU.
    ///   - gradients: Changes the gradients, once they are unscaled, before the optimizer sees them, for example by
    ///     clipping.
    ///   - body: Computes the loss, and any other outputs of the step.
    public init(
        _ optimizer: GradientOptimizer, scaler: GradientScaler? = nil, records: Bool = true,
        gradients: ((inout Gradients) -> Void)? = nil, _ body: @escaping Body
    ) {
        self.optimizer = optimizer
        self.scaler = scaler.flatMap { $0.isEnabled ? $0 : nil }
        self.records = records
        transform = gradients
        self.body = body
    }

    /// Drops all recordings: call it when the model has been changed other than by steps.
    public func reset() { entries.removeAll() }

    /// The optimizer's name and the recordings, a line each: what they are for, how many operations they have, and how
    /// much memory is kept for them.
    public var description: String {
        let lines = entries.compactMap { key, entry in entry.recording.map { "\n  \(key): \($0.replay.summary)" } }
        return "TrainStep of \(optimizer.name)" + lines.sorted().joined()
    }

    /// Makes one step; recorded if all inputs, of which there must be one, are on the same GPU.
    ///
    /// - Parameter inputs: The inputs, of the same shapes each time.
    public func callAsFunction(_ inputs: [Tensor]) -> Outcome {
        let device = inputs.first?.device ?? .cpu
        guard records, device.canRecord, inputs.allSatisfy({ $0.device == device }) else { return run(inputs).outcome }
        clock += 1
        let entry = entry(RecordingKey(inputs, on: device))
        entry.runs += 1
        entry.lastUse = clock
        if let recording = entry.recording {
            if places(entry) == recording.places { return replay(recording, inputs) }
            // Something was replaced, or someone holds its earlier tensors, which must not change: the work is recorded
            // again, for the new addresses.
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
        var gradients = (scaler?.scaled(result.loss) ?? result.loss).gradients()
        scaler?.unscaleAnew(&gradients)
        transform?(&gradients)
        update(&gradients)
        return (
            Outcome(loss: result.loss.detached(), outputs: result.outputs.map { $0.detached() }), gradients
        )
    }

    private func update(_ gradients: inout Gradients) {
        if let scaler {
            // Also if the caller's closure has put new ones in their place.
            gradients.isUnscaled = true
            scaler.step(optimizer, &gradients)
        } else {
            optimizer.step(gradients)
        }
    }

    private func record(_ entry: Entry, _ inputs: [Tensor], on device: Device) -> Outcome {
        let fixed = inputs.map { $0.detached().cloned() }
        // Nothing can be waited for meanwhile.
        optimizer.settle()
        let before = places(entry)
        let changes = BufferChanges()
        let (replay, result) = DeviceRecording.record(on: device) { changes.noting { run(fixed) } }
        entry.buffers = changes.buffers
        if places(entry) != before {
            fatalError(
                "TrainStep: a tensor that the step changes was moved to other memory during recording"
                    + "\n  hint: change buffers in place with update(_:), do one-time work first, or pass records: false"
            )
        }
        let recording = Recording(
            replay: replay, inputs: fixed, outcome: result.outcome, gradients: result.gradients, places: before)
        entry.recording = recording
        recording.replay.launch()
        if scaler != nil { optimizer.followSkips() }
        return recording.outcome
    }

    private func replay(_ recording: Recording, _ inputs: [Tensor]) -> Outcome {
        for (fixed, input) in zip(recording.inputs, inputs) { fixed.overwrite(with: input) }
        // The optimizer counts its steps and computes their numbers; the kernels are already recorded.
        var gradients = recording.gradients
        let steps = FusedStep.collecting { update(&gradients) }
        recording.replay.launch(steps: steps)
        if scaler != nil { optimizer.followSkips() }
        return recording.outcome
    }

    /// The addresses of what the step changes, in uniquely owned memory.
    private func places(_ entry: Entry) -> [Int] {
        optimizer.ownMemory() + (scaler?.ownMemory() ?? []) + entry.buffers.map { $0.ownMemory() }
    }
}
