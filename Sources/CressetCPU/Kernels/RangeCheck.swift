import CressetBackend
import Glibc

extension CPUBackend {
    package func checkRange(_ indices: Operand, _ rule: IndexRule, into out: Operand) {
        let count = indices.elementCount
        let x = UnsafeBufferPointer(start: indices.pointer.assumingMemoryBound(to: Int64.self), count: count)
        let target = out.pointer.assumingMemoryBound(to: Int64.self)
        for (i, value) in x.enumerated() {
            if value >= rule.least && value < rule.count && Int(value) != rule.ignored {
                target[i] = value < 0 ? value + Int64(rule.count) : value
            } else if Int(value) == rule.ignored {
                target[i] = 0
            } else {
                fflush(nil)
                fatalError(rule.error(for: Int(value)).description)
            }
        }
    }
}
