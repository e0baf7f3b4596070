import Cresset

extension Arguments {
    /// PyTorch's `dim`, nil where all axes are meant.
    func axes(_ position: Int? = 1) throws -> [Int]? { try intList(position, "dim") }

    func keepsAxes(_ position: Int? = 2) throws -> Bool { try bool(position, "keepdim", false) }

    /// The input, converted first where a dtype is asked for.
    func convertedInput() throws -> Tensor {
        let dtype = try dtypeIfAny(nil)
        return try dtype.map { try x.to($0) } ?? x
    }
}

extension OperatorTable {
    /// Operators that shrink axes.
    mutating func addReductions() {
        tolerance = .accumulated
        add("sum", "x.sum(axes: axes, keepsAxes: keeps)") {
            try $0.convertedInput().sum(axes: $0.axes(), keepsAxes: $0.keepsAxes())
        }
        add("mean", "x.mean(axes: axes, keepsAxes: keeps)") {
            try $0.convertedInput().mean(axes: $0.axes(), keepsAxes: $0.keepsAxes())
        }
        add("prod", "x.product(axes: axes, keepsAxes: keeps)") {
            try $0.convertedInput().product(axes: $0.axes(), keepsAxes: $0.keepsAxes())
        }
        add("var", "x.variance(axes: axes, correction: correction, keepsAxes: keeps)") {
            try $0.x.variance(axes: $0.axes(), correction: $0.correction(), keepsAxes: $0.keepsAxes(nil))
        }
        add("std", "x.standardDeviation(axes: axes, correction: correction, keepsAxes: keeps)") {
            try $0.x.standardDeviation(axes: $0.axes(), correction: $0.correction(), keepsAxes: $0.keepsAxes(nil))
        }
        add("var.unbiased", "x.variance(correction: unbiased ? 1 : 0)") {
            try $0.x.variance(correction: $0.bool(1, "unbiased", true) ? 1 : 0)
        }
        add("std.unbiased", "x.standardDeviation(correction: unbiased ? 1 : 0)") {
            try $0.x.standardDeviation(correction: $0.bool(1, "unbiased", true) ? 1 : 0)
        }
        addList("var_mean", "(x.variance(…), x.mean(…))") {
            let (axes, keeps) = try ($0.axes(), $0.keepsAxes(nil))
            return try [
                $0.x.variance(axes: axes, correction: $0.correction(), keepsAxes: keeps),
                $0.x.mean(axes: axes, keepsAxes: keeps),
            ]
        }
        addList("std_mean", "(x.standardDeviation(…), x.mean(…))") {
            let (axes, keeps) = try ($0.axes(), $0.keepsAxes(nil))
            return try [
                $0.x.standardDeviation(axes: axes, correction: $0.correction(), keepsAxes: keeps),
                $0.x.mean(axes: axes, keepsAxes: keeps),
            ]
        }
        add("logsumexp", "x.logSumExp(axes: axes, keepsAxes: keeps)") {
            try $0.x.logSumExp(axes: $0.axes(), keepsAxes: $0.keepsAxes())
        }
        addExtremes()
        tolerance = .elementwise
    }

    private mutating func addExtremes() {
        add("amax", "x.amax(axes: axes, keepsAxes: keeps)") {
            try $0.x.amax(axes: $0.axes(), keepsAxes: $0.keepsAxes())
        }
        add("amin", "x.amin(axes: axes, keepsAxes: keeps)") {
            try $0.x.amin(axes: $0.axes(), keepsAxes: $0.keepsAxes())
        }
        add("any", "x.any(axes: axes, keepsAxes: keeps)") { try $0.x.any(axes: $0.axes(), keepsAxes: $0.keepsAxes()) }
        add("all", "x.all(axes: axes, keepsAxes: keeps)") { try $0.x.all(axes: $0.axes(), keepsAxes: $0.keepsAxes()) }
        add("argmax", "x.argmax(axis: axis, keepsAxis: keeps)") {
            try $0.x.argmax(axis: $0.intIfAny(1, "dim"), keepsAxis: $0.keepsAxes())
        }
        add("argmin", "x.argmin(axis: axis, keepsAxis: keeps)") {
            try $0.x.argmin(axis: $0.intIfAny(1, "dim"), keepsAxis: $0.keepsAxes())
        }
        add("max.reduction_no_dim", "x.amax()") { $0.amax() }
        add("min.reduction_no_dim", "x.amin()") { $0.amin() }
        addList("max.reduction_with_dim", "x.max(axis: axis, keepsAxis: keeps)") {
            let result = try $0.x.max(axis: $0.int(1, "dim"), keepsAxis: $0.keepsAxes())
            return [result.values, result.indices]
        }
        addList("min.reduction_with_dim", "x.min(axis: axis, keepsAxis: keeps)") {
            let result = try $0.x.min(axis: $0.int(1, "dim"), keepsAxis: $0.keepsAxes())
            return [result.values, result.indices]
        }
    }
}

extension Arguments {
    /// The correction of a variance, which older calls spell `unbiased`.
    fileprivate func correction() throws -> Double {
        if let unbiased = value(nil, "unbiased"), case .boolean(let isUnbiased) = unbiased { return isUnbiased ? 1 : 0 }
        return try double(nil, "correction", 1)
    }
}
