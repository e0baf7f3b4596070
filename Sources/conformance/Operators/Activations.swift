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
    }
}
