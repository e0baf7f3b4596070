import CKernels
import CressetBackend

extension CPUBackend {
    package func step(_ parameters: [StepOperands], _ step: SkippableStep) {
        if step.flag.float != 0 { return }
        self.step(parameters, step.numbers.choices[Int(step.skips.float) - step.numbers.base])
    }

    package func unscale(_ tensors: [Operand], by scale: Operand, noting found: Operand) {
        // 16-bit gradients are computed with in float32.
        let wide = tensors.map { $0.widened(by: self, copiesElements: true) }
        let list = wide.map(\.scaled)
        if cresset_unscale(list, Int64(list.count), Float(1 / Double(scale.float))) { found.float = 1 }
        for (narrow, wide) in zip(tensors, wide) where wide.dtype != narrow.dtype { copy(wide, to: narrow) }
    }

    package func sumSquares(_ tensors: [Operand], into sums: Operand) {
        let out = sums.pointer.assumingMemoryBound(to: Float.self)
        Self.withTemporary(byteCount: max(tensors.count, 1) * 8) { memory in
            let exact = memory.assumingMemoryBound(to: Double.self)
            cresset_sum_squares(tensors.map(\.scaled), Int64(tensors.count), exact)
            for i in tensors.indices { out[i] = Float(exact[i]) }
        }
    }

    package func scale(_ tensors: [Operand], by factor: Operand) {
        _ = cresset_unscale(tensors.map(\.scaled), Int64(tensors.count), factor.float)
    }

    package func adaptScale(_ scale: Operand, tracker: Operand, found: Operand, _ rule: ScaleRule) {
        let finiteSteps = tracker.pointer.assumingMemoryBound(to: Int32.self)
        if found.float != 0 {
            scale.float = Float(Double(scale.float) * rule.backoffFactor)
            finiteSteps.pointee = 0
            return
        }
        finiteSteps.pointee += 1
        if Int(finiteSteps.pointee) != rule.growthInterval { return }
        // An infinite scale would make every gradient infinite.
        let grown = Float(Double(scale.float) * rule.growthFactor)
        if grown.isFinite { scale.float = grown }
        finiteSteps.pointee = 0
    }
}

extension Operand {
    fileprivate var scaled: cresset_scaled_tensor {
        cresset_scaled_tensor(elements: pointer, count: Int64(elementCount), dtype: dtype.rawValue)
    }

    fileprivate var float: Float {
        get { pointer.load(as: Float.self) }
        nonmutating set { pointer.storeBytes(of: newValue, as: Float.self) }
    }
}
