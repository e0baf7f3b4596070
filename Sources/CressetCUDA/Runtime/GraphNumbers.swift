import CCUDA
import CressetBackend

/// The numbers of an optimizer step in a captured graph: kernels read them from memory, so that each replay has its
/// own.
public final class StepSlot: @unchecked Sendable {
    /// The step that was requested when the graph was captured.
    public let captured: OptimizerStep
    let memory: Storage

    init(_ captured: OptimizerStep, _ memory: Storage) {
        self.captured = captured
        self.memory = memory
    }
}

/// Offsets added to the seeds and offsets of all random numbers that a captured graph draws.
public final class RandomSlot: @unchecked Sendable {
    let memory: Storage

    init(_ memory: Storage) { self.memory = memory }
}

/// The slots of the graph that is being captured.
final class GraphNumbers: @unchecked Sendable {
    fileprivate let slots = Locked<(steps: [StepSlot], random: RandomSlot?)>(([], nil))
}

extension CUDABackend {
    /// Starts the list of the numbers that a graph, about to be captured, will read afresh at each replay.
    public func beginRecordingSteps() { graphNumbers.slots.withLock { $0 = ([], nil) } }

    /// The optimizer steps captured since then, in the order in which they were requested. The caller that replays the
    /// graph keeps them as long as the graph, and sets their numbers before every replay, including the first.
    public func recordedSteps() -> [StepSlot] { graphNumbers.slots.withLock { $0.steps } }

    /// The slot that advances the graph's random numbers; nil if it draws none. Kept and refreshed likewise.
    public func recordedRandomSlot() -> RandomSlot? { graphNumbers.slots.withLock { $0.random } }

    /// Sets the numbers of a captured optimizer step for subsequent replays.
    public func refresh(_ slot: StepSlot, _ step: OptimizerStep) { put(step.kernelNumbers, into: slot.memory) }

    /// Advances the random numbers of a captured graph: `seed` and `offset` are added to those captured.
    public func refresh(_ slot: RandomSlot, addingSeed seed: UInt64, offset: UInt64) {
        put((seed, offset), into: slot.memory)
    }

    /// A slot for a step in the current capture.
    func slot(for step: OptimizerStep) -> StepSlot {
        let slot = StepSlot(
            step, allocate(MemoryLayout<cresset_optimizer_numbers>.size, for: .recordedNumbers, inCapture: false))
        graphNumbers.slots.withLock { $0.steps.append(slot) }
        return slot
    }

    /// The slot for all random numbers of the current capture.
    func randomSlot() -> RandomSlot {
        graphNumbers.slots.withLock { slots in
            if let slot = slots.random { return slot }
            let slot = RandomSlot(allocate(16, for: .recordedNumbers, inCapture: false))
            slots.random = slot
            return slot
        }
    }

    /// Copies a value in stream order, from pinned memory, so that nothing waits.
    private func put<T>(_ value: T, into memory: Storage) {
        activate()
        let size = MemoryLayout<T>.size
        let staging = pinned.allocate(size)
        staging.storeBytes(of: value, as: T.self)
        check(
            driver.cuMemcpyHtoDAsync_v2(UInt64(UInt(bitPattern: memory.pointer)), staging, size, stream),
            "cuMemcpyHtoDAsync_v2")
        pinned.free(staging, size, after: driver.event(behind: stream))
    }
}
