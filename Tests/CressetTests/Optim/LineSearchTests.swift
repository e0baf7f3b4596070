import CressetOptim
import Testing

/// LBFGS with a line search and few evaluations, compared with PyTorch 2.15.
@Suite struct LineSearchTests {
    private func minimum(_ steps: Int, maxIter: Int, maxEval: Int?) throws -> [Double] {
        let (curvature, target) = (Tensor([1, 4, 0.5] as [Double]).to(.float64), Tensor([3, -1, 2]).to(.float64))
        let p = Parameter(.zeros([3], dtype: .float64))
        let optimizer = try LBFGS([p], lr: 0.1, maxIter: maxIter, maxEval: maxEval, lineSearch: .strongWolfe)
        for _ in 0..<steps {
            try optimizer.step {
                let distance = p.value - target
                return (curvature * distance.squared() + distance.power(4) * 0.1).sum()
            }
        }
        return withoutGradients { p.value.scalars() }
    }

    private func areClose(_ a: [Double], _ b: [Double]) -> Bool {
        zip(a, b).allSatisfy { abs($0 - $1) < 1e-9 }
    }

    @Test func theSearchKeepsToTheEvaluationsLeft() throws {
        let single = try minimum(3, maxIter: 1, maxEval: nil)
        #expect(areClose(single, [0.310_116_459_874_100_36, -0.197_288_289_502_528_75, 0.159_342_861_578_152_06]))
        let few = try minimum(3, maxIter: 4, maxEval: 6)
        #expect(areClose(few, [3.010_381_164_796_630_8, -0.999_728_007_572_062_5, 1.982_797_955_233_899]))
    }
}
