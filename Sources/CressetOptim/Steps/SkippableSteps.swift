import Cresset

/// Steps that a device makes or skips on its own, as far as the host knows about them.
///
/// The numbers of a step, such as Adam's bias corrections, depend on how many have been made before, which the host
/// learns only later, since it does not wait. Until then it keeps each parameter's progress for the case that none of
/// the undecided steps is skipped, that one is, and so on, and submits the numbers for all cases: the device chooses by
/// its own count.
final class SkippableSteps {
    /// A float32 scalar: the steps skipped so far.
    private(set) var skips: Tensor
    /// What the host knows of it.
    private(set) var known = 0
    /// The count after each of the steps that have been submitted since, once the device gets there.
    private var undecided: [PendingNumber] = []

    init(on device: Device) { skips = .full([], Float(0), device: device) }

    var device: Device { skips.device }
    var undecidedCount: Int { undecided.count }

    /// Counts the step last submitted, if `flag` says to skip it.
    func count(_ flag: Tensor) { skips += (flag .!= 0).to(.float32).reshaped([]) }

    /// Begins to read the count. Outside of recorded work, which makes no copies to the host.
    func follow() { undecided.append(PendingNumber(skips)) }

    /// Learns what is known by now, and at least as much as one more step needs.
    func makeRoom(_ memories: some Collection<ParameterMemory>) {
        while let next = undecided.first {
            if let count = next.value {
                decide(count, memories)
            } else if undecided.count >= StepNumbers.capacity - 1 {
                decide(next.wait(), memories)
            } else {
                return
            }
        }
    }

    /// Waits until everything is known.
    func settle(_ memories: some Collection<ParameterMemory>) {
        while let next = undecided.first { decide(next.wait(), memories) }
    }

    /// The oldest undecided step is decided: one of the cases is impossible now.
    private func decide(_ count: Float, _ memories: some Collection<ParameterMemory>) {
        undecided.removeFirst()
        let isSkipped = Int(count) > known
        if isSkipped { known += 1 }
        for memory in memories where !memory.withSkips.isEmpty {
            if isSkipped { memory.progress = memory.withSkips.removeFirst() } else { memory.withSkips.removeLast() }
        }
    }

    func ownMemory() -> Int { skips.ownMemory() }
}
