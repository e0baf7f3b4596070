import CCUDA
import CressetBackend
import Glibc

/// What a kernel can find wrong in its operands.
enum Fault {
    /// An index or label that breaks its rule.
    case index(IndexRule)
    /// Integers divided by zero.
    case division(BinaryOp, DType, Shape?)

    fileprivate enum Key: Hashable {
        case index(operation: Int, count: Int, kind: IndexRule.Kind)
        case division(BinaryOp, DType, Shape?)
    }

    fileprivate var key: Key {
        switch self {
        case .index(let rule):
            .index(operation: Int(bitPattern: rule.operation.utf8Start), count: rule.count, kind: rule.kind)
        case .division(let op, let dtype, let shape): .division(op, dtype, shape)
        }
    }

    /// The error that the CPU reports too; `value` is what the kernel recorded.
    fileprivate func error(for value: Int) -> ShapeError {
        switch self {
        case .index(let rule): rule.error(for: value)
        case .division(let op, let dtype, let shape): op.divisionByZero(dtype, shape)
        }
    }
}

/// Where kernels record the first fault: words in host memory that are checked after every wait for the device. An
/// `assert` on the device would destroy its context without saying why.
final class FaultReport: @unchecked Sendable {
    /// {number of the fault, value}.
    private let words: UnsafeMutablePointer<Int64>
    private let known = Locked<(numbers: [Fault.Key: Int64], faults: [Fault])>(([:], []))

    init(_ pinned: PinnedMemory) {
        words = pinned.allocate(16).bindMemory(to: Int64.self, capacity: 2)
        words.initialize(repeating: 0, count: 2)
    }

    /// What a kernel needs to report `fault`; numbers start at 1, and a replayed step uses the one it was captured with.
    func report(_ fault: Fault) -> cresset_fault_report {
        var (fault, key) = (fault, fault.key)
        let number = known.withLock { known in
            // Shapes without end must not fill the memory: later ones are not named.
            if known.faults.count >= 4096, known.numbers[key] == nil, case .division(let op, let dtype, _) = fault {
                fault = .division(op, dtype, nil)
                key = fault.key
            }
            if let number = known.numbers[key] { return number }
            known.faults.append(fault)
            known.numbers[key] = Int64(known.faults.count)
            return Int64(known.faults.count)
        }
        return cresset_fault_report(rule: number, words: words)
    }

    /// Whether something was recorded. The value is valid only once the device has been waited for.
    @inline(__always)
    var isBroken: Bool { words[0] != 0 }

    /// Ends the program if something was recorded, with the message that the CPU uses.
    @inline(__always)
    func check() {
        if isBroken { broken() }
    }

    @inline(never)
    private func broken() -> Never {
        let fault = known.withLock { $0.faults[Int(words[0]) - 1] }
        // Output printed so far would be lost if it goes to a pipe.
        fflush(nil)
        fatalError(fault.error(for: Int(words[1])).description)
    }
}
