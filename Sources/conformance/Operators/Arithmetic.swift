import Cresset

extension Tensor {
    /// A product with a number that keeps PyTorch's categories: an integer does not turn integers into floating point.
    func scaled(by factor: Scalar) -> Tensor {
        switch factor {
        case .float(let value): self * value
        case .integer(let value): self * value
        case .boolean(let value): self * value
        }
    }
}

extension Arguments {
    /// The second operand times `alpha`.
    fileprivate func scaledOther() throws -> Tensor {
        let y = try y
        guard let alpha = try scalar(nil, "alpha") else { return y }
        return y.scaled(by: alpha)
    }

    fileprivate func scaledInput() throws -> Tensor {
        let x = try x
        guard let alpha = try scalar(nil, "alpha") else { return x }
        return x.scaled(by: alpha)
    }
}

extension OperatorTable {
    /// Sums, products, quotients, powers and extremes of two tensors.
    mutating func addArithmetic() {
        add("add", "x + alpha * y") { try $0.x + $0.scaledOther() }
        add("__radd__", "y + x") { try $0.y + $0.x }
        add("sub", "x - alpha * y") { try $0.x - $0.scaledOther() }
        add("rsub", "y - alpha * x") { try $0.y - $0.scaledInput() }
        add("__rsub__", "y - x") { try $0.y - $0.x }
        add("mul", "x * y") { try $0.x * $0.y }
        add("__rmul__", "y * x") { try $0.y * $0.x }
        add("div.no_rounding_mode", "x / y") { try $0.x / $0.y }
        add("__rdiv__", "y / x") { try $0.y / $0.x }
        add("div.floor_rounding", "x.floorDivided(by: y)") {
            _ = try $0.string(nil, "rounding_mode", "floor")
            return try $0.x.floorDivided(by: $0.y)
        }
        add("div.trunc_rounding", "x.truncateDivided(by: y)") {
            _ = try $0.string(nil, "rounding_mode", "trunc")
            return try $0.x.truncateDivided(by: $0.y)
        }
        add("floor_divide", "x.floorDivided(by: y)") { try $0.x.floorDivided(by: $0.y) }
        add("remainder", "x.remainder(dividingBy: y)") { try $0.x.remainder(dividingBy: $0.y) }
        add("fmod", "x.fmod(y)") { try $0.x.fmod($0.y) }
        add("pow", "x.power(y)") { try $0.x.power($0.y) }
        add("__rpow__", "y.power(x)") { try $0.y.power($0.x) }
        addAny("float_power", "x.to(.float64).power(y.to(.float64))", answersInFloat64: true) {
            .tensor(try $0.x.to(.float64).power($0.y.to(.float64)))
        }
        add("maximum", "x.maximum(y)") { try $0.x.maximum($0.y) }
        add("minimum", "x.minimum(y)") { try $0.x.minimum($0.y) }
        add("max.binary", "x.maximum(y)") { try $0.x.maximum($0.y) }
        add("min.binary", "x.minimum(y)") { try $0.x.minimum($0.y) }
        add("addcmul", "x.addingProduct(of: a, b, scale: value)") {
            let (x, a, b) = try ($0.x, $0.tensor(1, "tensor1"), $0.tensor(2, "tensor2"))
            return switch try $0.scalar(nil, "value") ?? .integer(1) {
            case .float(let scale): x.addingProduct(of: a, b, scale: scale)
            case .integer(let scale): x.addingProduct(of: a, b, scale: scale)
            case .boolean(let scale): x.addingProduct(of: a, b, scale: scale)
            }
        }
        add("addcdiv", "x.addingQuotient(of: a, b, scale: value)") {
            let (x, a, b) = try ($0.x, $0.tensor(1, "tensor1"), $0.tensor(2, "tensor2"))
            return switch try $0.scalar(nil, "value") ?? .integer(1) {
            case .float(let scale): x.addingQuotient(of: a, b, scale: scale)
            case .integer(let scale): x.addingQuotient(of: a, b, scale: scale)
            case .boolean(let scale): x.addingQuotient(of: a, b, scale: scale)
            }
        }
        add("fmax", "x.fmax(y)") { try $0.x.fmax($0.y) }
        add("fmin", "x.fmin(y)") { try $0.x.fmin($0.y) }
        add("copysign", "x.copySign(y)") { try $0.x.copySign($0.y.to($0.x.dtype)) }
        add("hypot", "x.hypot(y)") { try $0.x.hypot($0.y) }
        add("heaviside", "x.heaviside(values)") { try $0.x.heaviside($0.tensor(1, "values")) }
        add("ldexp", "x * Tensor(2.0).power(y)") { try $0.x * Tensor(2.0).power($0.y) }
        add("xlogy", "x.xlogy(y)") { try $0.x.xlogy($0.y) }
        add("logaddexp", "x.logAddExp(y)") { try $0.x.logAddExp($0.y) }
        add("logaddexp2", "x.logAddExp2(y)") { try $0.x.logAddExp2($0.y) }
        add("lerp", "x.lerp(to: y, weight: weight)") {
            let (x, end, weight) = try ($0.x, $0.tensor(1, "end"), $0.value(2, "weight"))
            if case .tensor(let weight)? = weight { return x.lerp(to: end, weight: weight) }
            return try x.lerp(to: end, weight: $0.double(2, "weight"))
        }
        add("fill", "x.filled(with: Tensor(value))") { try $0.x.filled(with: $0.tensor(1, "value")) }
    }
}
