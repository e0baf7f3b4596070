// Softmax, its logarithm, and sums of exponentials.

extension Tensor {
    /// exp(x) divided by its sum along `axis`.
    public func softmax(axis: Int) -> Tensor { softmax(axis, logarithm: false, "softmax") }

    /// The logarithm of ``softmax(axis:)``, computed without ever taking the logarithm of zero.
    ///
    /// - Parameter axis: The axis; a negative one counts from the end.
    public func logSoftmax(axis: Int) -> Tensor { softmax(axis, logarithm: true, "logSoftmax") }

    /// The softmax along `axis`, with zeros for rows that contain only minus infinities.
    func maskedSoftmax(axis: Int) -> Tensor { softmax(axis, logarithm: false, emptyIsZero: true, "softmax") }

    private func softmax(
        _ axis: Int, logarithm: Bool, emptyIsZero: Bool = false, _ name: StaticString
    ) -> Tensor {
        guard dtype.isFloatingPoint else {
            fail("\(name)", "the elements cannot be \(dtype)", hint: "convert with to(.float32) first")
        }
        if rank == 0 {
            return reshaped([1]).softmax(0, logarithm: logarithm, emptyIsZero: emptyIsZero, name).reshaped([])
        }
        // On a GPU autocast sums exponentials in float32, as in PyTorch; on the CPU it does not.
        if device != .cpu && autocastRaised.dtype != dtype {
            return autocastRaised.softmax(axis, logarithm: logarithm, emptyIsZero: emptyIsZero, name)
        }
        let axis = self.axis(axis, name)
        let out = Tensor.uninitialized(shape, strides: denseStrides, dtype: dtype, device: device)
        backend.softmax(operand, axis: axis, logarithm: logarithm, emptyIsZero: emptyIsZero, into: out.operand)
        return out.recordedWithResult(name, self) { gradient, y in
            if recordsGradients {
                return logarithm
                    ? gradient - y.exp() * gradient.sum(axes: [axis], keepsAxes: true)
                    : y * (gradient - (gradient * y).sum(axes: [axis], keepsAxes: true))
            }
            let dx = Tensor.uninitialized(y.shape, strides: y.denseStrides, dtype: y.dtype, device: y.device)
            y.backend.softmaxGradient(gradient.operand, y.operand, axis: axis, logarithm: logarithm, into: dx.operand)
            return dx
        }
    }

    /// The logarithm of the sum of exponentials, without overflow.
    ///
    /// - Parameters:
    ///   - axes: The axes; negative ones count from the end.
    ///   - keepsAxes: Whether the axes are kept, with length 1.
    public func logSumExp(axes: [Int]? = nil, keepsAxes: Bool = false) -> Tensor {
        let x = dtype.isFloatingPoint ? self : to(.float32)
        let axes = x.axes(axes, "logSumExp")
        // The sum of no exponentials is 0.
        let isEmpty = axes.contains { x.shape[$0] == 0 }
        let numbers = x.detached()
        let top = isEmpty ? .zeros([], dtype: x.dtype, device: device) : numbers.amax(axes: axes, keepsAxes: true)
        let shift = Tensor.select(top.isFinite(), top, 0)
        let sum = (numbers - shift).exp().sum(axes: axes, keepsAxes: true).log() + shift
        let kept = sum.shape
        let out = keepsAxes ? sum : sum.reshaped(Shape((0..<rank).filter { !axes.contains($0) }.map { shape[$0] }))
        return out.recordedWithResult("logSumExp", x) { $0.reshaped(kept) * (x - $1.reshaped(kept)).exp() }
    }
}
