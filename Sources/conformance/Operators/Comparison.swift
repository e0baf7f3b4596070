import Cresset

extension OperatorTable {
    /// Questions, selection by a condition, and clamping.
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
            // The sample's first argument is x: it is called as a method of x.
            try Tensor.select($0.tensor(1, "condition"), $0.x, $0.tensor(2, "other"))
        }
    }
}
