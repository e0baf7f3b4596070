import CCUDA
import CressetBackend

/// The algorithms chosen for matrix products.
final class MatmulPlans: @unchecked Sendable {}

extension CUDABackend {
    public func matmul(_ a: Operand, _ b: Operand, bias: Operand?, epilogue: Epilogue, into out: Operand) {
        fatalError("unfinished")
    }
}
