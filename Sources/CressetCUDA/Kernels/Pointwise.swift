import CCUDA
import CressetBackend

extension CUDABackend {
    public func unary(_ op: UnaryOp, _ x: Operand, a: Double, b: Double, into out: Operand) {
        fatalError("unfinished")
    }

    public func binary(_ op: BinaryOp, _ x: Operand, _ y: Operand, a: Double, b: Double, into out: Operand) {
        fatalError("unfinished")
    }

    public func select(_ condition: Operand, _ x: Operand, _ y: Operand, into out: Operand) {
        fatalError("unfinished")
    }
}
