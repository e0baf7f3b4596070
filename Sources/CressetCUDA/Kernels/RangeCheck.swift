import CCUDA
import CressetBackend

extension CUDABackend {
    package func checkRange(_ indices: Operand, _ rule: IndexRule, into out: Operand) {
        if faults.isBroken && !isCapturing { synchronize() }
        let count = indices.elementCount
        if count == 0 { return }
        let parameters = cresset_range_check(
            indices: UnsafePointer(indices.pointer.assumingMemoryBound(to: Int64.self)),
            out: out.pointer.assumingMemoryBound(to: Int64.self), elements: Int64(count), least: Int64(rule.least),
            count: Int64(rule.count), ignored: Int64(rule.ignored ?? 0), has_ignored: rule.ignored == nil ? 0 : 1,
            report: faults.report(.index(rule)))
        launch(kernel(.check, "check_range"), grid: gridStride(count, block: 256), block: 256, parameters)
    }
}
