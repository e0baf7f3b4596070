import Cresset

extension OperatorTable {
    /// Predicates, selection by a condition, and clamping.
    mutating func addComparison() {
        add("eq", "x .== y") { try $0.x .== $0.y }
        add("ne", "x .!= y") { try $0.x .!= $0.y }
        add("lt", "x .< y") { try $0.x .< $0.y }
        add("le", "x .<= y") { try $0.x .<= $0.y }
        add("gt", "x .> y") { try $0.x .> $0.y }
        add("ge", "x .>= y") { try $0.x .>= $0.y }
        add("logical_and", "x .& y") { try $0.x .& $0.y }
        add("logical_or", "x .| y") { try $0.x .| $0.y }
        add("logical_xor", "x.logicalXor(y)") { try $0.x.logicalXor($0.y) }
        add("logical_not", "x.logicalNot()") { $0.logicalNot() }
        add("isnan", "x.isNaN()") { $0.isNaN() }
        add("isinf", "x.isInfinite()") { $0.isInfinite() }
        add("isfinite", "x.isFinite()") { $0.isFinite() }
        add("where", "Tensor.select(condition, x, y)") {
            // A sample's first argument is x, as if it were called as a method of x; a program's is the condition.
            let (first, second, third) = try ($0.x, $0.tensor(1, "condition"), $0.tensor(2, "other"))
            return second.dtype == .bool
                ? Tensor.select(second, first, third) : Tensor.select(first, second, third)
        }
        add("isneginf", "x .== -Double.infinity") { $0 .== -Double.infinity }
        add("isposinf", "x .== Double.infinity") { $0 .== Double.infinity }
        add("signbit", "x.signBit()") { $0.signBit() }
        add("isclose", "x.isClose(to: y, relativeTolerance: 1e-5, absoluteTolerance: 1e-8)") { try $0.closeness() }
        addAny("allclose", "x.isAllClose(to: y)") { .boolean(try $0.closeness().all().item() == 1) }
        add("isin", "x.isIn(elements)") { try $0.tensor(0, "elements").isIn($0.tensor(1, "test_elements")) }
        add("clamp", "x.clamp(min: low, max: high)") {
            try $0.clamped(low: $0.value(1, "min"), high: $0.value(2, "max"))
        }
        add("clamp_min", "x.clamp(min: low, max: nil)") { try $0.clamped(low: $0.value(1, "min"), high: nil) }
        add("clamp_max", "x.clamp(min: nil, max: high)") { try $0.clamped(low: nil, high: $0.value(1, "max")) }
        add("nan_to_num", "x.replacingNonFinite(nan: 0, positiveInfinity: high, negativeInfinity: low)") {
            try $0.x.replacingNonFinite(
                nan: $0.double(1, "nan", 0), positiveInfinity: $0.doubleIfAny(2, "posinf"),
                negativeInfinity: $0.doubleIfAny(3, "neginf"))
        }
        add("masked_fill", "x.maskedFill(mask, value)") {
            try $0.x.maskedFill($0.tensor(1, "mask"), $0.tensor(2, "value"))
        }
        note("a dot before the comparison: it is elementwise", "eq", "ne", "lt", "le", "gt", "ge")
        note("on bool tensors; others are compared with 0 first", "logical_and", "logical_or")
    }
}

extension Arguments {
    /// The input clamped by numbers, or by tensors.
    fileprivate func clamped(low: Value?, high: Value?) throws -> Tensor {
        let isNumber = [low, high].allSatisfy { if case .tensor? = $0 { false } else { true } }
        return isNumber
            ? try x.clamp(min: Arguments.number(low), max: Arguments.number(high))
            : try x.clamp(min: Arguments.tensor(low), max: Arguments.tensor(high))
    }

    private static func number(_ value: Value?) throws -> Double? {
        switch value {
        case nil, .some(.none): nil
        case .integer(let value)?: Double(value)
        case .number(let value)?: value
        default: throw Failure("a bound is not a number: \(value!)")
        }
    }

    private static func tensor(_ value: Value?) throws -> Tensor? {
        if case .tensor(let tensor)? = value { return tensor }
        return try number(value).map { Tensor($0) }
    }

    fileprivate func closeness() throws -> Tensor {
        try x.isClose(
            to: y, relativeTolerance: double(2, "rtol", 1e-5), absoluteTolerance: double(3, "atol", 1e-8),
            equalNaN: bool(4, "equal_nan", false))
    }
}
