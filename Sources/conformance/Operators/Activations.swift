import Cresset

extension OperatorTable {
    /// Activation functions.
    mutating func addActivations() {
        add("nn.functional.relu", "x.relu()") { $0.relu() }
        add("nn.functional.relu6", "x.relu6()") { $0.relu6() }
        add("nn.functional.leaky_relu", "x.leakyReLU(slope: slope)") { (a: Arguments) in
            try a.x.leakyReLU(slope: a.double(1, "negative_slope", 0.01))
        }
        add("nn.functional.silu", "x.silu()") { $0.silu() }
        add("nn.functional.hardswish", "x.hardswish()") { $0.hardswish() }
        add("nn.functional.hardsigmoid", "x.hardsigmoid()") { $0.hardsigmoid() }
        add("softmax", "x.softmax(axis: axis)") { (a: Arguments) in try a.x.softmax(axis: a.int(1, "dim")) }
        add("log_softmax", "x.logSoftmax(axis: axis)") { (a: Arguments) in try a.x.logSoftmax(axis: a.int(1, "dim")) }
        add("nn.functional.softmin", "(-x).softmax(axis: axis)") { (a: Arguments) in
            try (-a.x).softmax(axis: a.int(1, "dim"))
        }
        add("nn.functional.elu", "x.elu(alpha: alpha)") { (a: Arguments) in try a.x.elu(alpha: a.double(1, "alpha", 1))
        }
        add("nn.functional.celu", "x.celu(alpha: alpha)") { (a: Arguments) in
            try a.x.celu(alpha: a.double(1, "alpha", 1))
        }
        add("nn.functional.selu", "x.selu()") { $0.selu() }
        add("nn.functional.gelu", "x.gelu(approximation: .none)") { (a: Arguments) in
            try a.x.gelu(approximation: GELUApproximation(rawValue: a.string(nil, "approximate", "none"))!)
        }
        add("nn.functional.glu", "x.glu(axis: axis)") { (a: Arguments) in try a.x.glu(axis: a.int(1, "dim", -1)) }
        add("nn.functional.hardshrink", "x.hardshrink(bound)") { (a: Arguments) in
            try a.x.hardshrink(a.double(1, "lambd", 0.5))
        }
        add("nn.functional.softshrink", "x.softshrink(bound)") { (a: Arguments) in
            try a.x.softshrink(a.double(1, "lambd", 0.5))
        }
        add("nn.functional.hardtanh", "x.hardtanh(min: low, max: high)") { (a: Arguments) in
            try a.x.hardtanh(min: a.double(1, "min_val", -1), max: a.double(2, "max_val", 1))
        }
        add("nn.functional.logsigmoid", "x.logSigmoid()") { $0.logSigmoid() }
        add("nn.functional.mish", "x.mish()") { $0.mish() }
        add("nn.functional.prelu", "x.prelu(slopes: slopes)") { (a: Arguments) in
            try a.x.prelu(slopes: a.tensor(1, "weight"))
        }
        add("nn.functional.softplus", "x.softplus(beta: beta, threshold: threshold)") { (a: Arguments) in
            try a.x.softplus(beta: a.double(1, "beta", 1), threshold: a.double(2, "threshold", 20))
        }
        add("nn.functional.softsign", "x.softsign()") { $0.softsign() }
        add("nn.functional.tanhshrink", "x.tanhshrink()") { $0.tanhshrink() }
        add("nn.functional.threshold", "x.threshold(bound, otherwise: value)") { (a: Arguments) in
            try a.x.threshold(a.double(1, "threshold"), otherwise: a.double(2, "value"))
        }
    }
}
