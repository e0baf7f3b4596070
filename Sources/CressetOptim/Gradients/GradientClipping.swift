import Cresset

extension Gradients {
    /// The norm of all gradients as one vector, in their own precision: infinite if it overflows.
    ///
    /// - Parameter order: 2 for the Euclidean norm, infinity for the largest magnitude.
    public func norm(order: Double = 2) -> Double { Gradients.norm(of: tensors, order: order).item() }

    private static func norm(of tensors: [Tensor], order: Double) -> Tensor {
        withoutGradients {
            if order == 2, let squares = Tensor.sumsOfSquares(tensors) { return squares.sqrt().norm() }
            let norms = tensors.filter { $0.elementCount > 0 }.map { $0.norm(order: order) }
            guard let first = norms.first else { return .zeros([], device: .cpu) }
            return Tensor.stacked(norms.map { $0.to(first.device) }).norm(order: order)
        }
    }

    /// Scales all gradients so that their norm as one vector is at most `maximum`.
    ///
    /// ```swift
    /// var gradients = loss.gradients()
    /// gradients.clip(norm: 1)
    /// optimizer.step(gradients)
    /// ```
    ///
    /// An infinite norm makes zeros of all finite gradients and NaN of the others; a norm that is NaN makes all of them
    /// NaN. ``clip(finiteNorm:of:order:)`` refuses both instead. Traps where `maximum` is below 0.
    ///
    /// A GPU does this without the program waiting for it, and it may be part of a recorded step.
    ///
    /// - Parameter order: 2 for the Euclidean norm, infinity for the largest magnitude.
    /// - Returns: The norm before clipping, a scalar; reading it waits for the GPU.
    /// - Source: `torch.nn.utils.clip_grad_norm_`.
    @discardableResult
    public mutating func clip(norm maximum: Double, order: Double = 2) -> Tensor {
        let total = Gradients.norm(of: tensors, order: order)
        scale(to: maximum, from: total)
        return total
    }

    /// Scales the gradients of some parameters so that their norm as one vector is at most `maximum`.
    ///
    /// Otherwise as ``clip(norm:order:)``.
    /// - Returns: The norm before clipping, a scalar.
    @discardableResult
    public mutating func clip(norm maximum: Double, of parameters: [Parameter], order: Double = 2) -> Tensor {
        var part = self.part(of: parameters)
        let total = part.clip(norm: maximum, order: order)
        replace(by: part, of: parameters)
        return total
    }

    /// Scales the gradients so that their norm as one vector is at most `maximum`, or leaves them as they are where that
    /// norm is infinite or NaN.
    ///
    /// - Parameters:
    ///   - parameters: Whose gradients; all of them where nil.
    ///   - order: 2 for the Euclidean norm, infinity for the largest magnitude.
    /// - Returns: The norm before clipping.
    /// - Throws: ``OptimizerError/normNotFinite(_:order:)``.
    /// - Source: `torch.nn.utils.clip_grad_norm_` with `error_if_nonfinite=True`.
    @discardableResult
    public mutating func clip(finiteNorm maximum: Double, of parameters: [Parameter]? = nil, order: Double = 2)
        throws(OptimizerError) -> Double
    {
        var part = parameters.map { self.part(of: $0) } ?? self
        let total = Gradients.norm(of: part.tensors, order: order)
        let value = total.item()
        guard value.isFinite else { throw .normNotFinite(value, order: order) }
        part.scale(to: maximum, from: total)
        if let parameters { replace(by: part, of: parameters) } else { self = part }
        return value
    }

    private mutating func scale(to maximum: Double, from total: Tensor) {
        guard maximum >= 0 else { fatalError("clip: a norm of \(maximum), which must be 0 or more") }
        withoutGradients {
            // PyTorch's guard against division by zero.
            let factor = (maximum / (total + 1e-6)).clamp(max: 1)
            // Where nothing has to be waited for, a pass over all gradients may be saved.
            if factor.device == .cpu && factor.item() == 1 { return }
            if scale(by: factor) { return }
            mapInPlace { $0 * factor.to($0.device).to($0.dtype) }
        }
    }

    private func part(of parameters: [Parameter]) -> Gradients {
        var part = Gradients()
        for parameter in parameters {
            if let rows = rows(of: parameter) {
                part.setRows(rows, of: parameter)
            } else {
                part[parameter] = self[parameter]
            }
        }
        return part
    }

    private mutating func replace(by part: Gradients, of parameters: [Parameter]) {
        for parameter in parameters {
            if let rows = part.rows(of: parameter) {
                setRows(rows, of: parameter)
            } else if let gradient = part[parameter] {
                self[parameter] = gradient
            }
        }
    }

    /// Clamps every element of every gradient to `-limit ... limit`.
    ///
    /// Traps if `limit` is below 0.
    public mutating func clip(value limit: Double) {
        guard limit >= 0 else { fatalError("clip: a limit of \(limit) must be 0 or more") }
        withoutGradients { mapInPlace { $0.clamp(min: -limit, max: limit) } }
    }

    /// Multiplies every gradient by `factor`, for example 1 over the number of batches after accumulating them with
    /// `+=`.
    public mutating func scale(by factor: Double) { withoutGradients { mapInPlace { $0 * factor } } }
}
