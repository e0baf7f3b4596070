import CCUDA
import CressetBackend

extension CUDABackend {
    public func recurrent(
        _ projected: Operand, layer: RecurrentOperands, gates: Operand?, cells: Operand?, into out: Operand) {
        fatalError("unfinished")
    }

    public func recurrentGradient(
        _ gradient: Operand, layer: RecurrentOperands, states: Operand, gates: Operand?, cells: Operand?,
        hidden: Operand, cell: Operand?, into out: Operand, recurrent: Operand) {
        fatalError("unfinished")
    }
}
