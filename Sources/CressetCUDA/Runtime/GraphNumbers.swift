import CCUDA
import CressetBackend

/// The numbers of an optimizer step in a captured graph: kernels read them from memory, so that each replay has its
/// own.
package final class StepSlot: @unchecked Sendable {
    /// The numbers of the step that was requested when the graph was captured.
    package let captured: StepNumbers
    let memory: Storage

    init(_ captured: StepNumbers, _ memory: Storage) {
        self.captured = captured
        self.memory = memory
    }
}

/// Offsets added to the seeds and offsets of all random numbers that a captured graph draws.
package final class RandomSlot: @unchecked Sendable {
    let memory: Storage

    init(_ memory: Storage) { self.memory = memory }
}

/// The slots of the graph that is being captured.
final class GraphNumbers: @unchecked Sendable {
    fileprivate let slots = Locked<(steps: [StepSlot], random: RandomSlot?)>(([], nil))
}

extension CUDABackend {
    /// Starts the list of the numbers that a graph, about to be captured, will read afresh at each replay.
    package func beginRecordingSteps() { graphNumbers.slots.withLock { $0 = ([], nil) } }

    /// The optimizer steps captured since then, in the order in which they were requested. The caller that replays the
    /// graph keeps them as long as the graph, and sets their numbers before every replay, including the first.
    package func recordedSteps() -> [StepSlot] { graphNumbers.slots.withLock { $0.steps } }

    /// The slot that advances the graph's random numbers; nil if it draws none. Kept and refreshed likewise.
    package func recordedRandomSlot() -> RandomSlot? { graphNumbers.slots.withLock { $0.random } }

    /// Sets the numbers of a captured optimizer step for subsequent replays.
    package func refresh(_ slot: StepSlot, _ numbers: StepNumbers) { write(numbers, to: slot.memory) }

    /// Advances the random numbers of a captured graph: `seed` and `offset` are added to those captured.
    package func refresh(_ slot: RandomSlot, addingSeed seed: UInt64, offset: UInt64) {
        write(16, to: slot.memory) { $0.storeBytes(of: (seed, offset), as: (UInt64, UInt64).self) }
    }

    /// A slot for a step in the current capture.
    func slot(for numbers: StepNumbers) -> StepSlot {
        let slot = StepSlot(
            numbers, allocate(MemoryLayout<cresset_optimizer_choices>.size, for: .recordedNumbers, inCapture: false))
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

    /// Writes the choices of a step to memory, for the kernel.
    func write(_ numbers: StepNumbers, to memory: Storage) {
        let stride = MemoryLayout<cresset_optimizer_numbers>.stride
        mustHold(
            (1...StepNumbers.capacity).contains(numbers.choices.count)
                && StepNumbers.capacity == CRESSET_OPTIMIZER_CHOICES,
            "step: \(numbers.choices.count) choices")
        write(numbers.byteCount, to: memory) { bytes in
            bytes.storeBytes(of: Int64(numbers.base), as: Int64.self)
            for (i, step) in numbers.choices.enumerated() {
                bytes.storeBytes(
                    of: step.kernelNumbers, toByteOffset: 8 + i * stride, as: cresset_optimizer_numbers.self)
            }
        }
    }

    /// Copies `byteCount` bytes in stream order, from pinned memory that `fill` writes, so that nothing waits.
    private func write(_ byteCount: Int, to memory: Storage, _ fill: (UnsafeMutableRawPointer) -> Void) {
        activate()
        let staging = pinned.allocate(byteCount)
        fill(staging)
        check(
            driver.cuMemcpyHtoDAsync_v2(UInt64(UInt(bitPattern: memory.pointer)), staging, byteCount, stream),
            "cuMemcpyHtoDAsync_v2")
        pinned.free(staging, byteCount, after: driver.event(behind: stream))
    }
}

extension StepNumbers {
    /// The size of the part of `cresset_optimizer_choices` that is used.
    var byteCount: Int { 8 + choices.count * MemoryLayout<cresset_optimizer_numbers>.stride }
}
