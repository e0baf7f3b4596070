import Cresset
import CressetNN
import CressetOptim
import Testing

/// Gradients that are infinite, NaN or too large for their type: PyTorch 2.13's values.
@Suite struct ExtremeGradientTests {
    /// PyTorch's values, `clip_grad_norm_`'s for two parameters.
    @Test func normsThatAreNotFinite() throws {
        func clipped(
            _ a: [Float], _ b: [Float] = [0], _ maximum: Double = 1, order: Double = 2, dtype: DType = .float32
        ) -> [Double] {
            let (p, q) = (Parameter(.zeros([a.count], dtype: dtype)), Parameter(.zeros([b.count], dtype: dtype)))
            var gradients = Gradients()
            gradients[p] = Tensor(a).to(dtype)
            gradients[q] = Tensor(b).to(dtype)
            let norm = gradients.clip(norm: maximum, order: order).item()
            return [norm] + gradients[p]!.scalars() + gradients[q]!.scalars()
        }
        func agree(_ ours: [Double], _ theirs: [Double]) -> Bool {
            zip(ours, theirs).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) || abs($0 - $1) <= 1e-5 * abs($1) }
        }
        // Overflow in float32, of one tensor and of the norms of two.
        #expect(clipped([3e38, 3e38], [1, 2]) == [.infinity, 0, 0, 0, 0])
        #expect(clipped([3e38], [3e38], order: 1) == [.infinity, 0, 0])
        #expect(agree(clipped([3e38], [3e38], order: .infinity), [Double(Float(3e38)), 1, 1]))
        #expect(agree(clipped([.infinity, 1]), [.infinity, .nan, 0, 0]))
        #expect(agree(clipped([.infinity, 1], order: .infinity), [.infinity, .nan, 0, 0]))
        #expect(agree(clipped([.nan, 1], [2]), [.nan, .nan, .nan, .nan]))
        #expect(clipped([3, 4], [0], 10) == [5, 3, 4, 0] && clipped([3, 4], [0], 0) == [5, 0, 0, 0])
        let four: [Float] = [1, -2, 3]
        #expect(
            agree(clipped(four, [4], order: 0.5), [37.7765694, 0.0264714, -0.0529429, 0.0794143, 0.1058857]))
        #expect(agree(clipped(four, [4], order: 3), [4.6415889, 0.215443, -0.430887, 0.64633, 0.861774]))
        #expect(clipped([200, 200], [0], dtype: .float16)[0] == 282.75)
        #expect(clipped([300, 300], [0], dtype: .bfloat16)[0] == 424)

        let (p, q) = (Parameter(.zeros([1])), Parameter(.zeros([1])))
        var gradients = Gradients()
        gradients[p] = Tensor([2] as [Float])
        gradients[q] = Tensor([Float.infinity])
        #expect(throws: OptimizerError.normNotFinite(.infinity, order: 2)) { try gradients.clip(finiteNorm: 1) }
        #expect(gradients[p]!.item() == 2)
        #expect(try gradients.clip(finiteNorm: 1, of: [p]) == 2)
        #expect(abs(gradients[p]!.item() - 1) < 1e-6 && gradients[q]!.item() == .infinity)
    }

    /// Moments above one half go back from the new value, and NaN stays in the largest: PyTorch's values.
    @Test func momentsAsPyTorchMovesThem() throws {
        func moments(
            _ optimizer: (Parameter) throws -> GradientOptimizer, _ gradients: [[Float]]
        ) throws -> [[Double]] {
            let p = Parameter(.ones([gradients[0].count]))
            let optimizer = try optimizer(p)
            return gradients.map {
                var all = Gradients()
                all[p] = Tensor($0)
                optimizer.step(all)
                return p.value.scalars()
            }
        }
        let adam = try moments({ try Adam([$0], lr: 0.1, betas: (0.2, 0.9)) }, [[1e8], [1], [1]])
        #expect(zip(adam, [0.9, 0.87578386, 0.86988348]).allSatisfy { abs($0[0] - $1) < 1e-6 })
        let steps: [[Float]] = [[.nan, 1], [1, 1]]
        let adamax = try moments({ try Adamax([$0], lr: 0.1) }, steps)
        #expect(adamax[1][0].isNaN && abs(adamax[1][1] - 0.8) < 1e-6)
    }
}
