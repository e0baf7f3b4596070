import CressetCUDA

/// GPU work that is recorded once: what ``CressetOptim/TrainStep`` and ``RecordedFunction`` replay.
package final class DeviceRecording {
    private let backend: CUDABackend
    private let graph: CUDAGraph
    private let steps: [StepSlot]
    private let random: RandomSlot?
    /// The generator's position when the recording began to draw, and how much it drew.
    private let first: (seed: UInt64, offset: UInt64)
    private let drawn: UInt64
    private var hasRun = false
    private let constants = DeviceConstants.all

    private init(
        _ backend: CUDABackend, _ graph: CUDAGraph, first: (seed: UInt64, offset: UInt64), drawn: UInt64
    ) {
        self.backend = backend
        self.graph = graph
        self.first = first
        self.drawn = drawn
        steps = backend.recordedSteps()
        random = backend.recordedRandomSlot()
    }

    /// Kernels, copies and fills in it.
    package var nodeCount: Int { graph.nodeCount }

    /// Records the work that `body` submits to the device; none of it is executed before ``launch(steps:)``.
    package static func record<R>(on device: Device, _ body: () throws -> R) rethrows -> (DeviceRecording, R) {
        guard let ordinal = device.cudaIndex else { fail("record", "\(device) has nothing to record") }
        let backend = CUDABackend.device(ordinal)
        let generator = Generator.current
        backend.beginRecordingSteps()
        let first = generator.advance(onGPU: ordinal, by: 0)
        let (graph, result) = try backend.capture(body)
        let drawn = generator.advance(onGPU: ordinal, by: 0).offset - first.offset
        return (DeviceRecording(backend, graph, first: first, drawn: drawn), result)
    }

    /// The number of kernels, copies and fills, and the memory that is kept for them: `312 operations, 84 MiB`.
    package var summary: String { "\(nodeCount) operations, \((graph.byteCount + (1 << 20) - 1) >> 20) MiB" }

    /// Executes the recorded work.
    ///
    /// - Parameter steps: The numbers of the optimizer's steps, in the order in which they were recorded; nil for those
    ///   they were recorded with.
    package func launch(steps numbers: [StepNumbers]? = nil) {
        if let numbers, numbers.count != steps.count {
            fail(
                "TrainStep", "\(numbers.count) steps of the optimizer, but \(steps.count) were recorded",
                hint: "update averages after the step, not inside it; after other changes call reset()")
        }
        for (i, slot) in steps.enumerated() { backend.refresh(slot, numbers?[i] ?? slot.captured) }
        if let random {
            // The first run draws the numbers that the recording reserved, later ones the generator's next.
            let next = hasRun ? Generator.current.advance(onGPU: backend.ordinal, by: drawn) : first
            backend.refresh(random, addingSeed: next.seed &- first.seed, offset: next.offset &- first.offset)
        }
        hasRun = true
        graph.launch()
    }
}

/// Distinguishes recordings of one function: what it was called with, and how it computes.
package struct RecordingKey: Hashable, CustomStringConvertible {
    private let shapes: [Shape]
    private let dtypes: [DType]
    private let device: Device
    private let autocast = autocastDType

    package init(_ inputs: [Tensor], on device: Device) {
        shapes = inputs.map(\.shape)
        dtypes = inputs.map(\.dtype)
        self.device = device
    }

    /// `cuda:0: float32 [64, 3, 224, 224], int64 [64]`.
    package var description: String {
        let inputs = zip(dtypes, shapes).map { "\($0) \($1)" }.joined(separator: ", ")
        return "\(device): \(inputs)\(autocast.map { " in \($0)" } ?? "")"
    }
}

/// A function of tensors without gradients that a GPU replays at the cost of one call: inference for small batches.
///
/// ```swift
/// let classify = RecordedFunction { [model($0[0]).softmax(axis: 1)] }
/// let probabilities = classify([images])[0]
/// ```
///
/// The body runs a few times normally and is then recorded, for each combination of shapes and types. It must depend
/// only on its inputs and on tensors that stay where they are; results are overwritten by the next call with inputs of
/// the same shapes, so read or copy them before that. While it is being recorded no other thread may use the device. On
/// the CPU the body simply runs.
public final class RecordedFunction: CustomStringConvertible {
    private final class Entry {
        var runs = 0
        var recording: (replay: DeviceRecording, inputs: [Tensor], outputs: [Tensor])?
    }

    private static let eagerRuns = 2
    private static let capacity = 8

    private let body: ([Tensor]) -> [Tensor]
    private var entries: [RecordingKey: Entry] = [:]

    /// Creates one with these options.
    ///
    /// - Parameter body: The function of tensors whose shapes stay the same.
    public init(_ body: @escaping ([Tensor]) -> [Tensor]) { self.body = body }

    /// Drops the recordings: call it when tensors that the body uses have been replaced.
    public func reset() { entries.removeAll() }

    /// The recordings, a line each: what they are for, how many operations they have, and how much memory is kept for
    /// them.
    public var description: String {
        let lines = entries.compactMap { key, entry in entry.recording.map { "\n  \(key): \($0.replay.summary)" } }
        return "RecordedFunction" + lines.sorted().joined()
    }

    /// The function's result for `inputs`; recorded and replayed on a GPU.
    ///
    /// - Parameter inputs: The inputs.
    public func callAsFunction(_ inputs: [Tensor]) -> [Tensor] {
        let device = inputs.first?.device ?? .cpu
        // Inside a step that is being recorded, the function becomes a part of it.
        if !device.canRecord || device.isCapturing { return withoutGradients { body(inputs) } }
        let entry = entry(RecordingKey(inputs, on: device))
        entry.runs += 1
        if let recording = entry.recording {
            for (fixed, input) in zip(recording.inputs, inputs) { fixed.overwrite(with: input) }
            recording.replay.launch()
            return recording.outputs
        }
        guard entry.runs > Self.eagerRuns else { return withoutGradients { body(inputs) } }
        let fixed = inputs.map { $0.detached().cloned() }
        let (replay, outputs) = DeviceRecording.record(on: device) { withoutGradients { body(fixed) } }
        entry.recording = (replay, fixed, outputs)
        replay.launch()
        return outputs
    }

    private func entry(_ key: RecordingKey) -> Entry {
        if let entry = entries[key] { return entry }
        if entries.count >= Self.capacity { entries.removeAll() }
        let entry = Entry()
        entries[key] = entry
        return entry
    }
}

extension Tensor {
    /// A copy in separate memory, stored densely in this tensor's order; not recorded.
    package func cloned() -> Tensor {
        let copy = Tensor.uninitialized(shape, strides: denseStrides, dtype: dtype, device: device)
        backend.copy(operand, to: copy.operand)
        return copy
    }

    /// Copies another tensor's elements into this one's memory, whoever else holds it: for the inputs of recorded work.
    package func overwrite(with source: Tensor) {
        body.storage.contentsChanged()
        backend.copy(source.detached().to(dtype).to(device).operand, to: operand)
    }

    /// The address of the elements as a number.
    package var memoryAddress: Int { Int(bitPattern: body.pointer) }

    /// Copies the memory if something else holds it too; returns the address afterwards.
    package mutating func ownMemory() -> Int {
        makeUnique()
        return memoryAddress
    }
}
