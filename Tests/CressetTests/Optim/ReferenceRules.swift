import CressetOptim
import Foundation

/// The rules of `torch.optim` written with tensor operators, following its documentation: what fused steps must equal.
///
/// A rule is a closure that takes the parameter, the gradient and the number of the step, and returns the new
/// parameter.
struct ReferenceRule: Sendable {
    typealias Step = (_ p: Tensor, _ g: Tensor, _ t: Double) -> Tensor

    let name: String
    /// The optimizer under test.
    let make: @Sendable ([Parameter]) throws -> GradientOptimizer
    /// A rule with a memory of its own.
    let reference: @Sendable () -> Step

    static let all: [ReferenceRule] = [
        ReferenceRule(name: "SGD") {
            try SGD($0, lr: 0.1, momentum: 0.9, dampening: 0.2, weightDecay: 0.01, maximize: true)
        } reference: {
            var v: Tensor?
            return { p, g, t in
                let g = -g + p * 0.01
                v = v.map { $0 * 0.9 + g * 0.8 } ?? g
                return p - v! * 0.1
            }
        },
        ReferenceRule(name: "Adadelta") {
            try Adadelta($0, lr: 0.5, weightDecay: 0.1)
        } reference: {
            var v = Tensor.zeros([], dtype: .float64), u = Tensor.zeros([], dtype: .float64)
            return { p, g, t in
                let g = g + p * 0.1
                v = v * 0.9 + g * g * 0.1
                let d = (u + 1e-6).sqrt() / (v + 1e-6).sqrt() * g
                u = u * 0.9 + d * d * 0.1
                return p - d * 0.5
            }
        },
        ReferenceRule(name: "Adagrad") {
            try Adagrad($0, lr: 0.1, lrDecay: 0.5, initialAccumulatorValue: 0.25)
        } reference: {
            var s = Tensor.full([], 0.25)
            return { p, g, t in
                s = s + g * g
                return p - g / (s.sqrt() + 1e-10) * (0.1 / (1 + (t - 1) * 0.5))
            }
        },
        ReferenceRule(name: "Adam") {
            try Adam($0, lr: 0.01, betas: (0.8, 0.95), weightDecay: 0.1, amsgrad: true)
        } reference: {
            adam(lr: 0.01, 0.8, 0.95, decay: 0.1, isDecoupled: false, amsgrad: true)
        },
        ReferenceRule(name: "AdamW") {
            try AdamW($0, lr: 0.01, weightDecay: 0.1)
        } reference: {
            adam(lr: 0.01, 0.9, 0.999, decay: 0.1, isDecoupled: true, amsgrad: false)
        },
        ReferenceRule(name: "Adamax") {
            try Adamax($0, lr: 0.01)
        } reference: {
            var m = Tensor.zeros([], dtype: .float64), u = Tensor.zeros([], dtype: .float64)
            return { p, g, t in
                m = m * 0.9 + g * 0.1
                u = (u * 0.999).maximum(g.abs() + 1e-8)
                return p - m / u * (0.01 / (1 - pow(0.9, t)))
            }
        },
        ReferenceRule(name: "NAdam") {
            try NAdam($0, lr: 0.01, momentumDecay: 0.01)
        } reference: {
            var m = Tensor.zeros([], dtype: .float64), v = Tensor.zeros([], dtype: .float64)
            var product: Float = 1
            return { p, g, t in
                func mu(_ t: Double) -> Double { 0.9 * (1 - 0.5 * pow(0.96, t * 0.01)) }
                product *= Float(mu(t))
                let all = Double(product)
                m = m * 0.9 + g * 0.1
                v = v * 0.999 + g * g * 0.001
                let look = g * ((1 - mu(t)) / (1 - all)) + m * (mu(t + 1) / (1 - all * mu(t + 1)))
                return p - look / ((v / (1 - pow(0.999, t))).sqrt() + 1e-8) * 0.01
            }
        },
        ReferenceRule(name: "RAdam") {
            try RAdam($0, lr: 0.01, betas: (0.9, 0.9), weightDecay: 0.1, decoupledWeightDecay: true)
        } reference: {
            var m = Tensor.zeros([], dtype: .float64), v = Tensor.zeros([], dtype: .float64)
            return { p, g, t in
                m = m * 0.9 + g * 0.1
                v = v * 0.9 + g * g * 0.1
                let power = pow(0.9, t)
                let limit = 2 / (1 - 0.9) - 1
                let length = limit - 2 * t * power / (1 - power)
                let p = p * (1 - 0.01 * 0.1)
                let step = m / (1 - power) * 0.01
                if length <= 5 { return p - step }
                let r = sqrt((length - 4) * (length - 2) * limit / ((limit - 4) * (limit - 2) * length))
                return p - step * r * (sqrt(1 - power) / (v.sqrt() + 1e-8))
            }
        },
        ReferenceRule(name: "RMSprop") {
            try RMSprop($0, lr: 0.01, alpha: 0.9, momentum: 0.5, centered: true)
        } reference: {
            var v = Tensor.zeros([], dtype: .float64), a = Tensor.zeros([], dtype: .float64),
                m = Tensor.zeros([], dtype: .float64)
            return { p, g, t in
                v = v * 0.9 + g * g * 0.1
                a = a * 0.9 + g * 0.1
                m = m * 0.5 + g / ((v - a * a).sqrt() + 1e-8)
                return p - m * 0.01
            }
        },
        ReferenceRule(name: "Rprop") {
            try Rprop($0, lr: 0.05)
        } reference: {
            var before = Tensor.zeros([], dtype: .float64), step = Tensor.full([], 0.05, dtype: .float64)
            return { p, g, t in
                let agreement = (g * before).sign()
                let one = g * 0 + 1
                let factor = Tensor.select(agreement .> 0, one * 1.2, Tensor.select(agreement .< 0, one * 0.5, one))
                step = (step * factor).clamp(min: 1e-6, max: 50)
                before = Tensor.select(agreement .< 0, 0, g)
                return p - before.sign() * step
            }
        },
        ReferenceRule(name: "ASGD") {
            try ASGD($0, lr: 0.05, lambd: 0.01, t0: 2)
        } reference: {
            var eta = Double(Float(0.05))
            return { p, g, t in
                let next = p * (1 - 0.01 * eta) - g * eta
                eta = Double(Float(0.05 / pow(1 + 0.01 * 0.05 * t, 0.75)))
                return next
            }
        },
    ]

    private static func adam(
        lr: Double, _ beta1: Double, _ beta2: Double, decay: Double, isDecoupled: Bool, amsgrad: Bool
    ) -> Step {
        var m = Tensor.zeros([], dtype: .float64), v = Tensor.zeros([], dtype: .float64),
            largest = Tensor.zeros([], dtype: .float64)
        return { p, g, t in
            let g = isDecoupled ? g : g + p * decay
            m = m * beta1 + g * (1 - beta1)
            v = v * beta2 + g * g * (1 - beta2)
            largest = amsgrad ? v.maximum(largest) : v
            let scale = largest.sqrt() / sqrt(1 - pow(beta2, t)) + 1e-8
            return (isDecoupled ? p * (1 - lr * decay) : p) - m / scale * (lr / (1 - pow(beta1, t)))
        }
    }
}
