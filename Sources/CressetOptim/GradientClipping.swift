import Cresset
import Glibc

extension Gradients {
    /// The norm of all gradients as one vector.
    ///
    /// - Parameter order: 2 for the Euclidean norm, infinity for the largest magnitude.
    public func norm(order: Double = 2) -> Double { Gradients.norm(of: tensors, order: order) }

    private static func norm(of tensors: [Tensor], order: Double) -> Double {
        withoutGradients {
            let norms = Tensor.items(tensors.filter { $0.elementCount > 0 }.map { $0.norm(order: order) })
            // NaN stays NaN.
            if order == .infinity { return norms.reduce(0) { $1.isNaN || $1 > $0 ? $1 : $0 } }
            return pow(norms.reduce(0) { $0 + pow($1, order) }, 1 / order)
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
    /// Gradients whose norm is not finite stay as they are, so that the optimizer can name the parameter it comes from:
    /// see `step(_:ifNotFinite:)`. Traps unless `maximum` is above 0.
    /// - Returns: The norm before clipping.
    @discardableResult
    public mutating func clip(norm maximum: Double, order: Double = 2) -> Double {
        guard maximum > 0 else { fatalError("clip: a maximum norm of \(maximum) must be above 0") }
        let total = norm(order: order)
        // PyTorch's guard against division by zero.
        let factor = maximum / (total + 1e-6)
        if total.isFinite && factor < 1 { withoutGradients { mapInPlace { $0 * factor } } }
        return total
    }

    /// Scales the gradients of some parameters so that their norm as one vector is at most `maximum`.
    ///
    /// Traps unless `maximum` is above 0.
    /// - Returns: The norm before clipping.
    @discardableResult
    public mutating func clip(norm maximum: Double, of parameters: [Parameter], order: Double = 2) -> Double {
        var part = Gradients()
        for parameter in parameters {
            if let rows = rows(of: parameter) {
                part.setRows(rows, of: parameter)
            } else {
                part[parameter] = self[parameter]
            }
        }
        let total = part.clip(norm: maximum, order: order)
        for parameter in parameters {
            if let rows = part.rows(of: parameter) {
                setRows(rows, of: parameter)
            } else if let gradient = part[parameter] {
                self[parameter] = gradient
            }
        }
        return total
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
