import CCUDA
import CressetBackend

/// The execution plans of convolutions.
final class ConvolutionPlans: @unchecked Sendable {}

extension CUDABackend {
    public func convolution(
        _ x: Operand, weight: Operand, bias: Operand?, geometry: ConvolutionGeometry, addend: Operand?,
        epilogue: Epilogue, packed: PackedWeights?, into out: Operand) {
        fatalError("unfinished")
    }

    public func convolutionInputGradient(
        _ gradient: Operand, weight: Operand, geometry: ConvolutionGeometry, packed: PackedWeights?, into out: Operand) {
        fatalError("unfinished")
    }

    public func convolutionWeightGradient(
        _ gradient: Operand, _ x: Operand, geometry: ConvolutionGeometry, weight: Operand, bias: Operand?) {
        fatalError("unfinished")
    }
}
