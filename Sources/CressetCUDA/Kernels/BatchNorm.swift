import CCUDA
import CressetBackend

extension CUDABackend {
    public func batchStatistics(_ x: Operand, mean: Operand, variance: Operand) {
        fatalError("unfinished")
    }

    public func batchNormalize(
        _ x: Operand, mean: Operand, variance: Operand, weight: Operand?, bias: Operand?, epsilon: Double,
        addend: Operand?, epilogue: Epilogue, into out: Operand) {
        fatalError("unfinished")
    }

    public func batchNormalizeGradient(
        _ gradient: Operand, x: Operand, result: Operand?, mean: Operand, variance: Operand, weight: Operand?,
        bias: Operand?, epsilon: Double, usesBatch: Bool, epilogue: Epilogue, into out: Operand?,
        weightGradient: Operand, biasGradient: Operand, addendGradient: Operand?) {
        fatalError("unfinished")
    }
}
