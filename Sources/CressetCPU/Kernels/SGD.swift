import CKernels
import CressetBackend

extension CPUBackend {
    /// One step of SGD over every tensor of a group in one pass.
    ///
    /// Parameters and momentum buffers are dense, of one dtype and in one order of axes; a gradient in another order is
    /// copied first.
    public func stepSGD(_ parameters: [SGDOperands], _ options: SGDStep) {
        var reordered: [Storage] = []
        let tensors = parameters.map { entry in
            precondition(
                entry.gradient.dtype == entry.parameter.dtype
                    && entry.momentum.map { $0.hasLayout(of: entry.parameter) } != false,
                "stepSGD: parameter, gradient and momentum must have one dtype, parameter and momentum one layout")
            var gradient = entry.gradient
            if !gradient.hasLayout(of: entry.parameter) {
                let copy = makeDense(gradient, as: entry.parameter)
                reordered.append(copy)
                gradient.pointer = copy.pointer
            }
            return cresset_sgd_tensor(
                parameter: entry.parameter.pointer, gradient: gradient.pointer, momentum: entry.momentum?.pointer,
                count: Int64(entry.parameter.elementCount), dtype: entry.parameter.dtype.rawValue)
        }
        var values = cresset_sgd_options(
            lr: options.lr, momentum: options.momentum, dampening: options.dampening,
            weight_decay: options.weightDecay, nesterov: options.nesterov, maximize: options.maximize,
            is_first: options.isFirst)
        withExtendedLifetime(reordered) { cresset_sgd(tensors, Int64(tensors.count), &values) }
    }

    /// A copy of `operand` with the order of axes that `model`, which is dense, has in memory.
    private func makeDense(_ operand: Operand, as model: Operand) -> Storage {
        let storage = allocate(byteCount: operand.elementCount * operand.dtype.itemSize)
        let axes = model.shape.indices.sorted { model.strides[$0] > model.strides[$1] }
        cresset_make_dense(
            operand.pointer, Int32(axes.count), axes.map { Int64(operand.shape[$0]) },
            axes.map { Int64(operand.strides[$0]) }, Int32(operand.dtype.itemSize), storage.pointer)
        return storage
    }
}

extension Operand {
    /// Whether both have the same type, shape and strides, those of axes of length 1 aside.
    fileprivate func hasLayout(of other: Operand) -> Bool {
        dtype == other.dtype && shape == other.shape
            && shape.indices.allSatisfy { shape[$0] == 1 || strides[$0] == other.strides[$0] }
    }
}
