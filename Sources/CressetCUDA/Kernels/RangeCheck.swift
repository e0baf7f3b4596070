import CCUDA
import CressetBackend
import Glibc

/// Where kernels record the first index or label that breaks its rule: a word in host memory that is checked after
/// every wait for the device. An `assert` on the device would destroy its context without saying why.
final class RangeReport: @unchecked Sendable {
    private struct Key: Hashable {
        let operation: Int
        let count: Int
        let kind: IndexRule.Kind
    }

    /// {number of the rule, value}.
    let words: UnsafeMutablePointer<Int64>
    private let rules = Locked<(numbers: [Key: Int64], rules: [IndexRule])>(([:], []))

    init(_ pinned: PinnedMemory) {
        words = pinned.allocate(16).bindMemory(to: Int64.self, capacity: 2)
        words.initialize(repeating: 0, count: 2)
    }

    /// The number of a rule, from 1: a replayed step uses the one it was captured with.
    func number(of rule: IndexRule) -> Int64 {
        let key = Key(operation: Int(bitPattern: rule.operation.utf8Start), count: rule.count, kind: rule.kind)
        return rules.withLock { known in
            if let number = known.numbers[key] { return number }
            known.rules.append(rule)
            known.numbers[key] = Int64(known.rules.count)
            return Int64(known.rules.count)
        }
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
        let rule = rules.withLock { $0.rules[Int(words[0]) - 1] }
        // Output printed so far would be lost if it goes to a pipe.
        fflush(nil)
        fatalError(rule.error(for: Int(words[1])).description)
    }
}

extension CUDABackend {
    public func checkRange(_ indices: Operand, _ rule: IndexRule, into out: Operand) {
        if rangeReport.isBroken && !isCapturing { synchronize() }
        let count = indices.elementCount
        if count == 0 { return }
        let parameters = cresset_range_check(
            indices: UnsafePointer(indices.pointer.assumingMemoryBound(to: Int64.self)),
            out: out.pointer.assumingMemoryBound(to: Int64.self), elements: Int64(count), least: Int64(rule.least),
            count: Int64(rule.count), ignored: Int64(rule.ignored ?? 0), has_ignored: rule.ignored == nil ? 0 : 1,
            rule: rangeReport.number(of: rule), report: rangeReport.words)
        launch(kernel(.check, "check_range"), grid: gridStride(count, block: 256), block: 256, parameters)
    }
}
