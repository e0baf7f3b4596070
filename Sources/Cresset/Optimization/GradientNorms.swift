import CressetBackend

extension Tensor {
    /// The sum of the squares of each of `tensors`, a vector, in one pass; nil unless all are float32 on one device.
    package static func sumsOfSquares(_ tensors: [Tensor]) -> Tensor? {
        guard let device = tensors.first?.device, tensors.allSatisfy({ $0.dtype == .float32 && $0.device == device })
        else { return nil }
        let dense = tensors.map { $0.strides == $0.denseStrides ? $0 : $0.contiguous() }
        let sums = Tensor.uninitialized([tensors.count], dtype: .float32, device: device)
        device.backend.sumSquares(dense.map(\.operand), into: sums.operand)
        return sums
    }
}

extension Gradients {
    /// Multiplies all gradients in place, in one pass; does nothing and returns false unless all of them and the factor
    /// are float32 on one device.
    package mutating func scale(by factor: Tensor) -> Bool {
        guard factor.dtype == .float32, factor.elementCount == 1 else { return false }
        var isDone = true
        withOperands { groups in
            isDone = groups.allSatisfy { group in
                group.device == factor.device && group.operands.allSatisfy { $0.dtype == .float32 }
            }
            guard isDone else { return }
            for (device, operands) in groups { device.backend.scale(operands, by: factor.operand) }
        }
        return isDone
    }
}
