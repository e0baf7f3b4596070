import CCUDA
import CressetBackend

extension CUDABackend {
    public func gather(_ x: Operand, axis: Int, index: Operand, into out: Operand) {
        fatalError("unfinished")
    }

    public func scatter(_ op: ScatterOp, _ x: Operand, axis: Int, index: Operand, into out: Operand) {
        fatalError("unfinished")
    }
}
