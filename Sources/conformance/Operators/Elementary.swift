import Cresset

extension OperatorTable {
    /// An operator with one argument.
    mutating func add(_ torch: String, _ swift: String, of body: @escaping @Sendable (Tensor) -> Tensor) {
        add(torch, swift) { body(try $0.x) }
    }

    /// Functions of one element.
    mutating func addElementary() {
        add("abs", "x.abs()") { $0.abs() }
        add("sign", "x.sign()") { $0.sign() }
        add("sgn", "x.sign()") { $0.sign() }
        add("neg", "-x") { -$0 }
        add("positive", "x") { $0 }
        add("square", "x.squared()") { $0.squared() }
        add("floor", "x.floor()") { $0.floor() }
        add("ceil", "x.ceil()") { $0.ceil() }
        add("round", "x.round()") { $0.round() }
        add("trunc", "x.trunc()") { $0.trunc() }
        add("frac", "x - x.trunc()") { $0 - $0.trunc() }
        add("sqrt", "x.sqrt()") { $0.sqrt() }
        add("rsqrt", "x.rsqrt()") { $0.rsqrt() }
        add("reciprocal", "x.reciprocal()") { $0.reciprocal() }
        add("exp", "x.exp()") { $0.exp() }
        add("exp2", "x.exp2()") { $0.exp2() }
        add("expm1", "x.expm1()") { $0.expm1() }
        add("log", "x.log()") { $0.log() }
        add("log2", "x.log2()") { $0.log2() }
        add("log10", "x.log10()") { $0.log10() }
        add("log1p", "x.log1p()") { $0.log1p() }
        add("sin", "x.sin()") { $0.sin() }
        add("cos", "x.cos()") { $0.cos() }
        add("tan", "x.tan()") { $0.tan() }
        add("asin", "x.asin()") { $0.asin() }
        add("acos", "x.acos()") { $0.acos() }
        add("atan", "x.atan()") { $0.atan() }
        add("sinh", "x.sinh()") { $0.sinh() }
        add("cosh", "x.cosh()") { $0.cosh() }
        add("tanh", "x.tanh()") { $0.tanh() }
        add("asinh", "x.asinh()") { $0.asinh() }
        add("acosh", "x.acosh()") { $0.acosh() }
        add("atanh", "x.atanh()") { $0.atanh() }
        add("atan2", "x.atan2(y)") { (a: Arguments) in try a.x.atan2(a.y) }
        add("deg2rad", "x * (Double.pi / 180)") { $0 * (Double.pi / 180) }
        add("rad2deg", "x * (180 / Double.pi)") { $0 * (180 / Double.pi) }
        add("sigmoid", "x.sigmoid()") { $0.sigmoid() }
        add("erf", "x.erf()") { $0.erf() }
        add("erfc", "x.erfc()") { $0.erfc() }
        add("erfinv", "x.erfinv()") { $0.erfinv() }
        add("lgamma", "x.lgamma()") { $0.lgamma() }
        add("sinc", "x.sinc()") { $0.sinc() }
        add("logit", "x.logit(epsilon: epsilon)") { (a: Arguments) in try a.x.logit(epsilon: a.doubleIfAny(1, "eps")) }
    }
}
