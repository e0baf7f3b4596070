import CCUDA
import CressetBackend

extension CUDABackend {
    public func maxPool(_ x: Operand, window: WindowGeometry, indices: Operand?, into out: Operand) {
        fatalError("unfinished")
    }

    public func maxPoolGradient(_ gradient: Operand, indices: Operand, window: WindowGeometry, into out: Operand) {
        fatalError("unfinished")
    }

    public func averagePool(
        _ x: Operand, window: WindowGeometry, countsPadding: Bool, divisor: Int?, into out: Operand) {
        fatalError("unfinished")
    }

    public func averagePoolGradient(
        _ gradient: Operand, window: WindowGeometry, countsPadding: Bool, divisor: Int?, into out: Operand) {
        fatalError("unfinished")
    }
}
