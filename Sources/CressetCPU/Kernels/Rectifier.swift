import CKernels
import CressetBackend

extension CPUBackend {
    /// A result of oneDNN's with its epilogue; `compute` is called with the epilogue that oneDNN is to apply.
    ///
    /// oneDNN's rectifier is a maximum, which drops NaN. It is used all the same, since a pass of our own over a large
    /// result costs up to half of what the convolution does: the processor notes that a maximum met a NaN, and where it
    /// did, the result is computed anew and rectified here. `isRepeatable`: `compute` does not read the result.
    func withEpilogue(
        _ epilogue: Epilogue, of out: Operand, isRepeatable: Bool = true, _ compute: (Epilogue) -> Void
    ) {
        guard epilogue == .relu else { return compute(epilogue) }
        // A small pass costs less than asking every thread of the team.
        if isRepeatable && out.elementCount > 4096 && cresset_can_take_invalid() {
            compute(.relu)
            if !cresset_take_invalid() { return }
        }
        compute(.none)
        unary(.relu, out, a: 0, b: 0, into: out)
    }
}
