import Cresset

/// How closely numbers must agree, as the format specifies.
enum Tolerance {
    /// |ours - expected| <= 1e-5 + 1e-4 |expected|, element by element.
    case elementwise
    /// The same, or within 1e-4 of the largest magnitude expected: for sums of many terms in float32.
    case accumulated
    /// Within 2e-4 of the largest magnitude expected: for what many operators in turn leave of float32. Where that is
    /// below 0.001 it counts as 0.001, as for the script that draws the programs: gradients that are 0 come out as what
    /// rounding leaves of them.
    case program
}

/// Compares a tensor with the expected one; shapes and dtypes are compared too.
struct Agreement {
    var tolerance = Tolerance.elementwise
    /// Where PyTorch returns float64 the cases hold float32.
    var mayBeFloat64 = false

    /// - Throws: ``Failure`` saying where they differ and by how much.
    func check(_ ours: Tensor, _ expected: Tensor, _ what: String) throws {
        guard ours.shape == expected.shape else {
            throw Failure("\(what) has shape \(ours.shape), not \(expected.shape)")
        }
        let dtypesAgree =
            ours.dtype == expected.dtype || (mayBeFloat64 && ours.dtype == .float64 && expected.dtype == .float32)
        guard dtypesAgree else { throw Failure("\(what) has dtype \(ours.dtype), not \(expected.dtype)") }
        if !expected.dtype.isFloatingPoint {
            let (a, b): ([Int64], [Int64]) = (ours.scalars(), expected.scalars())
            guard let i = zip(a, b).enumerated().first(where: { $0.element.0 != $0.element.1 })?.offset else { return }
            throw Failure("\(what) differs at \(index(i, ours.shape)): \(a[i]), not \(b[i])")
        }
        let (a, b): ([Double], [Double]) = (ours.to(.float32).scalars(), expected.scalars())
        let largest = b.lazy.filter(\.isFinite).map { abs($0) }.max() ?? 0
        var worst: (excess: Double, index: Int)?
        for i in a.indices {
            let excess = excess(a[i], b[i], largest)
            if excess > 0, excess > worst?.excess ?? 0 { worst = (excess, i) }
        }
        guard let worst else { return }
        let (x, y) = (a[worst.index], b[worst.index])
        throw Failure("\(what) differs at \(index(worst.index, ours.shape)): \(x), not \(y) (off by \(abs(x - y)))")
    }

    private func excess(_ ours: Double, _ expected: Double, _ largest: Double) -> Double {
        if ours.isNaN || expected.isNaN { return ours.isNaN && expected.isNaN ? 0 : .infinity }
        if ours.isInfinite || expected.isInfinite { return ours == expected ? 0 : .infinity }
        let own = 1e-5 + 1e-4 * abs(expected)
        let allowed =
            switch tolerance {
            case .elementwise: own
            case .accumulated: max(own, 1e-4 * largest)
            case .program: 2e-4 * max(largest, 1e-3)
            }
        return abs(ours - expected) - allowed
    }

    private func index(_ flat: Int, _ shape: Shape) -> [Int] {
        var rest = flat
        return shape.reversed().map { length in
            defer { rest /= length }
            return rest % length
        }.reversed()
    }

    /// Compares results of any structure: tensors, lists of tensors, numbers, booleans.
    func check(_ ours: Value, _ expected: Value, _ what: String = "the result") throws {
        switch (ours, expected) {
        case (.tensor(let a), .tensor(let b)): try check(a, b, what)
        case (.list(let a), .list(let b)):
            guard a.count == b.count else { throw Failure("\(what) has \(a.count) parts, not \(b.count)") }
            for (i, (x, y)) in zip(a, b).enumerated() { try check(x, y, "\(what) \(i)") }
        case (.boolean(let a), .boolean(let b)) where a == b: return
        case (.integer(let a), .integer(let b)) where a == b: return
        case (.number(let a), .number(let b)) where excess(a, b, b) <= 0: return
        case (.none, .none): return
        default: throw Failure("\(what) is \(ours), not \(expected)")
        }
    }

    /// Computes the gradients of `outputs` with the seeds of the case, and compares those of the leaves.
    func checkGradients(_ outputs: [Tensor], _ json: JSON, leaves: [Tensor], _ tensors: CaseTensors) throws {
        guard let seedNames = json["grad_outputs"]?.array, let expected = json["grads"]?.array else { return }
        if expected.allSatisfy(\.isNull), !outputs.contains(where: \.requiresGradient) { return }
        let gradients = try Agreement.gradients(of: outputs, seeds: seedNames, tensors)
        for (i, (leaf, name)) in zip(leaves, expected).enumerated() {
            try check(gradient: gradients[leaf], name, tensors, "gradient \(i)")
        }
    }

    func check(gradient: Tensor?, _ name: JSON, _ tensors: CaseTensors, _ what: String) throws {
        switch (gradient, name.string) {
        case (nil, nil): return
        case (let gradient?, let name?): try check(gradient, tensors[name], what)
        case (nil, _?): throw Failure("\(what) is missing")
        case (_?, nil): throw Failure("\(what) should not exist")
        }
    }

    /// The gradients of all outputs that have a history, summed.
    static func gradients(of outputs: [Tensor], seeds: [JSON], _ tensors: CaseTensors) throws -> Gradients {
        let floating = outputs.filter(\.dtype.isFloatingPoint)
        let differentiable = floating.count == seeds.count ? floating : floating.filter(\.requiresGradient)
        guard differentiable.count == seeds.count else {
            throw Failure("\(differentiable.count) results require a gradient, not \(seeds.count)")
        }
        var sum = Gradients()
        for (output, seed) in zip(differentiable, seeds) {
            guard let name = seed.string else { continue }
            guard output.requiresGradient else { throw Failure("a result does not require a gradient") }
            sum += output.gradients(
                seed: try tensors[name].to(output.dtype).to(output.device), retainsGraph: seeds.count > 1)
        }
        return sum
    }
}
