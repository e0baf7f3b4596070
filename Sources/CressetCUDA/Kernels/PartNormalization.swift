import CCUDA
import CressetBackend

extension CUDABackend {
    public func normalize(
        _ x: Operand, parts: PartNormalization, weight: Operand?, bias: Operand?, mean: Operand, scale: Operand,
        into out: Operand) {
        fatalError("unfinished")
    }

    public func normalizeGradient(
        _ gradient: Operand, x: Operand, parts: PartNormalization, weight: Operand?, mean: Operand, scale: Operand,
        into out: Operand, weightGradient: Operand?, biasGradient: Operand?) {
        fatalError("unfinished")
    }
}
