import CCUDA
import CressetBackend

extension CUDABackend {
    public func softmax(_ x: Operand, axis: Int, logarithm: Bool, emptyIsZero: Bool, into out: Operand) {
        fatalError("unfinished")
    }

    public func softmaxGradient(_ gradient: Operand, _ y: Operand, axis: Int, logarithm: Bool, into out: Operand) {
        fatalError("unfinished")
    }
}
