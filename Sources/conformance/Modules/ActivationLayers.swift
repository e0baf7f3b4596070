import Cresset
import CressetNN

extension ModuleTable {
    mutating func addActivationModules() {
        add("ReLU", "ReLU()") { _ in ReLU() }
        add("ReLU6", "ReLU6()") { _ in ReLU6() }
        add("Sigmoid", "Sigmoid()") { _ in Sigmoid() }
        add("Tanh", "Tanh()") { _ in Tanh() }
        addSoftmaxes()
        addRectifiers()
        addSmoothActivations()
    }

    private mutating func addSoftmaxes() {
        add("Softmax", "Softmax(axis: axis)") { Softmax(axis: try $0.int(0, "dim")) }
        add("LogSoftmax", "LogSoftmax(axis: axis)") { LogSoftmax(axis: try $0.int(0, "dim")) }
        add("Softmin", "Softmin(axis: axis)") { Softmin(axis: try $0.int(0, "dim")) }
        add("Softmax2d", "Softmax2d()") { _ in Softmax2d() }
    }

    private mutating func addRectifiers() {
        add("LeakyReLU", "LeakyReLU(slope: slope)") { LeakyReLU(slope: try $0.double(0, "negative_slope", 0.01)) }
        add("PReLU", "PReLU(count)") {
            try PReLU($0.int(0, "num_parameters", 1), initial: $0.double(1, "init", 0.25))
        }
        add("RReLU", "RReLU(lower: lower, upper: upper)") {
            try RReLU(lower: $0.double(0, "lower", 0.125), upper: $0.double(1, "upper", 1.0 / 3))
        }
        add("ELU", "ELU(alpha: alpha)") { ELU(alpha: try $0.double(0, "alpha", 1)) }
        add("CELU", "CELU(alpha: alpha)") { CELU(alpha: try $0.double(0, "alpha", 1)) }
        add("SELU", "SELU()") { _ in SELU() }
        add("Hardtanh", "Hardtanh(min: low, max: high)") {
            try Hardtanh(min: $0.double(0, "min_val", -1), max: $0.double(1, "max_val", 1))
        }
        add("Threshold", "Threshold(bound, otherwise: value)") {
            try Threshold($0.double(0, "threshold"), otherwise: $0.double(1, "value"))
        }
        add("Hardshrink", "Hardshrink(bound)") { Hardshrink(try $0.double(0, "lambd", 0.5)) }
        add("Softshrink", "Softshrink(bound)") { Softshrink(try $0.double(0, "lambd", 0.5)) }
    }

    private mutating func addSmoothActivations() {
        add("GELU", "GELU(approximation: .none)") {
            let name = try $0.string(0, "approximate", "none")
            guard let approximation = GELUApproximation(rawValue: name) else {
                throw Failure("unknown approximation \(name)")
            }
            return GELU(approximation: approximation)
        }
        add("SiLU", "SiLU()") { _ in SiLU() }
        add("Mish", "Mish()") { _ in Mish() }
        add("Hardswish", "Hardswish()") { _ in Hardswish() }
        add("Hardsigmoid", "Hardsigmoid()") { _ in Hardsigmoid() }
        add("Softplus", "Softplus(beta: beta, threshold: threshold)") {
            try Softplus(beta: $0.double(0, "beta", 1), threshold: $0.double(1, "threshold", 20))
        }
        add("Softsign", "Softsign()") { _ in Softsign() }
        add("Tanhshrink", "Tanhshrink()") { _ in Tanhshrink() }
        add("LogSigmoid", "LogSigmoid()") { _ in LogSigmoid() }
        add("GLU", "GLU(axis: axis)") { GLU(axis: try $0.int(0, "dim", -1)) }
    }
}
