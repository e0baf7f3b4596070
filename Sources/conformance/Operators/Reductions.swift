import Cresset

extension Arguments {
    /// PyTorch's `dim`, nil if it means all axes.
    func axes(_ position: Int? = 1) throws -> [Int]? { try intList(position, "dim") }

    func keepsAxes(_ position: Int? = 2) throws -> Bool { try bool(position, "keepdim", false) }

    /// The input, converted first if a dtype is requested.
    func convertedInput() throws -> Tensor {
        let dtype = try dtypeIfAny(nil)
        return try dtype.map { try x.to($0) } ?? x
    }
}

extension OperatorTable {
    /// Operators that reduce axes.
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
        addList("var_mean", "(x.variance(axes: axes), x.mean(axes: axes))") {
            let (axes, keeps) = try ($0.axes(), $0.keepsAxes(nil))
            return try [
                $0.x.variance(axes: axes, correction: $0.correction(), keepsAxes: keeps),
                $0.x.mean(axes: axes, keepsAxes: keeps),
            ]
        }
        addList("std_mean", "(x.standardDeviation(axes: axes), x.mean(axes: axes))") {
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
        addScans()
        addNorms()
        addMatrixNorms()
        tolerance = .elementwise
        note("no axes means all axes; several are an array", "sum", "mean", "any", "all")
        note("gives (values, indices)", "max.reduction_with_dim", "min.reduction_with_dim", "median")
        note("correction 1 is unbiased, as in PyTorch", "var", "std")
        // The norms by singular values.
        once("linalg.matrix_norm", "linalg.norm")
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
        addList("aminmax", "(x.amin(axes: axes), x.amax(axes: axes))") {
            let (axes, keeps) = try ($0.intIfAny(nil, "dim").map { [$0] }, $0.keepsAxes(nil))
            return try [$0.x.amin(axes: axes, keepsAxes: keeps), $0.x.amax(axes: axes, keepsAxes: keeps)]
        }
        add("count_nonzero", "(x .!= 0).sum(axes: axes)") { try ($0.x .!= 0).sum(axes: $0.axes()) }
        addAny("median", "x.median(axis: axis, keepsAxis: keeps)") {
            guard let axis = try $0.intIfAny(1, "dim") else { return .tensor(try $0.x.median()) }
            let result = try $0.x.median(axis: axis, keepsAxis: $0.keepsAxes())
            return .tensors([result.values, result.indices])
        }
        add("quantile", "x.quantile(q, axis: axis, keepsAxis: keeps, interpolation: .linear)") {
            let name = try $0.string(nil, "interpolation", "linear")
            return try $0.x.quantile(
                $0.tensor(1, "q"), axis: $0.intIfAny(2, "dim"), keepsAxis: $0.keepsAxes(3),
                interpolation: QuantileInterpolation(rawValue: name)!)
        }
    }
}

extension OperatorTable {
    /// Running sums and similar operators.
    private mutating func addScans() {
        add("nansum", "Tensor.select(x.isNaN(), 0, x).sum(axes: axes)") {
            let x = try $0.x
            return try Tensor.select(x.isNaN(), 0, x).sum(axes: $0.axes(), keepsAxes: $0.keepsAxes())
        }
        add("nanmean", "Tensor.select(x.isNaN(), 0, x).sum(axes: axes) / x.isNaN().logicalNot().sum(axes: axes)") {
            let (x, axes, keeps) = try ($0.x, $0.axes(), $0.keepsAxes())
            let count = x.isNaN().logicalNot().sum(axes: axes, keepsAxes: keeps)
            return Tensor.select(x.isNaN(), 0, x).sum(axes: axes, keepsAxes: keeps) / count
        }
        add("cumsum", "x.cumulativeSum(axis: axis)") { try $0.convertedInput().cumulativeSum(axis: $0.int(1, "dim")) }
        add("cumprod", "x.cumulativeProduct(axis: axis)") {
            try $0.convertedInput().cumulativeProduct(axis: $0.int(1, "dim"))
        }
        add("logcumsumexp", "x.logCumulativeSumExp(axis: axis)") {
            try $0.x.logCumulativeSumExp(axis: $0.int(1, "dim"))
        }
        addList("cummax", "x.cumulativeMax(axis: axis)") {
            let result = try $0.x.cumulativeMax(axis: $0.int(1, "dim"))
            return [result.values, result.indices]
        }
        addList("cummin", "x.cumulativeMin(axis: axis)") {
            let result = try $0.x.cumulativeMin(axis: $0.int(1, "dim"))
            return [result.values, result.indices]
        }
        add("diff", "x.differences(order: count, axis: axis)") {
            let axis = try $0.int(2, "dim", -1)
            let parts = try [$0.tensorIfAny(3, "prepend"), $0.x, $0.tensorIfAny(4, "append")].compactMap { $0 }
            if try $0.int(1, "n", 1) == 0 { return try $0.x }
            let x = parts.count == 1 ? parts[0] : Tensor.concatenated(parts, axis: axis)
            return try x.differences(order: $0.int(1, "n", 1), axis: axis)
        }
        add("trapezoid", "y.trapezoid(x: x, axis: axis)") {
            let axis = try $0.int(nil, "dim", -1)
            if let x = try $0.tensorIfAny(1, "x") { return try $0.x.trapezoid(x: x, axis: axis) }
            return try $0.x.trapezoid(spacing: $0.double(nil, "dx", 1), axis: axis)
        }
    }

    /// Norms and distances.
    private mutating func addNorms() {
        add("norm", "x.norm(order: p, axes: axes, keepsAxes: keeps)") {
            try $0.x.norm(order: $0.order(1, "p"), axes: $0.axes(2), keepsAxes: $0.keepsAxes(3))
        }
        add("linalg.vector_norm", "x.norm(order: p, axes: axes, keepsAxes: keeps)") {
            try $0.x.norm(order: $0.order(1, "ord"), axes: $0.axes(2), keepsAxes: $0.keepsAxes(3))
        }
        add("dist", "(x - y).norm(order: p)") { try ($0.x - $0.y).norm(order: $0.order(2, "p")) }
        add("nn.functional.normalize", "x.normalized(order: p, axis: axis)") {
            try $0.x.normalized(
                order: $0.order(1, "p"), axis: $0.int(2, "dim", 1), epsilon: $0.double(3, "eps", 1e-12))
        }
        add("nn.functional.cosine_similarity", "x.cosineSimilarity(y, axis: axis)") {
            try $0.x.cosineSimilarity(
                $0.tensor(1, "x2"), axis: $0.int(2, "dim", 1), epsilon: $0.double(3, "eps", 1e-8))
        }
        add("nn.functional.pairwise_distance", "x.pairwiseDistance(y, order: p)") {
            try $0.x.pairwiseDistance(
                $0.tensor(1, "x2"), order: $0.order(2, "p"), epsilon: $0.double(3, "eps", 1e-6),
                keepsAxis: $0.keepsAxes(4))
        }
        add("cdist", "x.distances(to: y, order: p)") {
            // How PyTorch computes it, which does not affect the result.
            _ = try $0.stringIfAny(3, "compute_mode")
            return try $0.x.distances(to: $0.tensor(1, "x2"), order: $0.order(2, "p"))
        }
        add("renorm", "x.renormalized(order: p, axis: axis, maximum: high)") {
            try $0.x.renormalized(order: $0.order(1, "p"), axis: $0.int(2, "dim"), maximum: $0.double(3, "maxnorm"))
        }
    }
}

extension Arguments {
    /// The order of a norm.
    fileprivate func order(_ position: Int, _ name: String) throws -> Double { try double(position, name, 2) }

    /// The correction of a variance, which older calls name `unbiased`.
    fileprivate func correction() throws -> Double {
        if let unbiased = value(nil, "unbiased"), case .boolean(let isUnbiased) = unbiased { return isUnbiased ? 1 : 0 }
        return try double(nil, "correction", 1)
    }
}

extension OperatorTable {
    /// Norms of matrices.
    mutating func addMatrixNorms() {
        add("linalg.matrix_norm", "x.matrixNorm(.nuclear, axes: (first, second), keepsAxes: keeps)") {
            let axes = try $0.axes(2) ?? [-2, -1]
            return try $0.x.matrixNorm(
                $0.matrixOrder() ?? .frobenius, axes: (axes[0], axes[1]), keepsAxes: $0.keepsAxes(3))
        }
        add("linalg.norm", "x.norm(order: p, axes: axes); x.matrixNorm(.nuclear)") {
            let (x, axes, keeps) = try ($0.x, $0.axes(2), $0.keepsAxes(3))
            let order = $0.value(1, "ord") ?? .none
            if case .none = order { return x.norm(axes: axes, keepsAxes: keeps) }
            let isMatrix = axes.map { $0.count == 2 } ?? (x.rank == 2)
            guard isMatrix, let matrixOrder = try $0.matrixOrder() else {
                return try x.norm(order: $0.double(1, "ord"), axes: axes, keepsAxes: keeps)
            }
            let pair = axes ?? [0, 1]
            return x.matrixNorm(matrixOrder, axes: (pair[0], pair[1]), keepsAxes: keeps)
        }
    }
}

extension Arguments {
    fileprivate func matrixOrder() throws -> MatrixNormOrder? {
        switch value(1, "ord") {
        case nil, .some(.none): return nil
        case .string("fro")?: return .frobenius
        case .string("nuc")?: return .nuclear
        default:
            let orders: [Double: MatrixNormOrder] = [
                1: .one, -1: .smallestOne, 2: .spectral, -2: .smallestSpectral, .infinity: .infinity,
                -.infinity: .smallestInfinity,
            ]
            return try orders[double(1, "ord")]
        }
    }
}
