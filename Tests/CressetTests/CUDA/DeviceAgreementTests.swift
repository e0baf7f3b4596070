import Cresset
import Foundation
import Testing

/// Inputs on which a GPU and the CPU easily differ: views, NaN and infinities, no elements, equal elements, long lines.
@Suite struct DeviceAgreementTests {
    @Test func viewsAreReadInTheirOrder() async {
        await #expect(processExitsWith: .success) {
            setenv("CRESSET_CUDA_DRIVER", try FakeMachine.libraryPath(), 1)
            let generator = Generator(seed: 1)
            let x = Tensor.normal([4, 6, 5], generator: generator)
            compare("matrix products", [x]) { x in
                let (a, repeated) = (x[0].selected(axis: 0, index: 1), x[0][.slice(to: 1)].broadcast(to: [4, 6, 5]))
                return [
                    a.transposed(0, 1).matmul(a), a[.all, .slice(from: 1, step: 2)].matmul(a[.slice(to: 2), .all]),
                    repeated.matmul(x[0].transposed(1, 2)), repeated.transposed(1, 2).matmul(repeated),
                ]
            }
            compare("in place", [x]) { x in
                var a = x[0]
                a[1..., .slice(step: 2), 2] += x[0][0, .slice(step: 2), 1]
                let before = a
                a[.all, .all, 1..<3] = a[.all, .all, 2..<4]
                a *= a
                return [a, before, x[0]]
            }
            compare("lines", [x]) { x in
                let a = x[0].permuted([2, 0, 1])[1..<4]
                return [
                    a.softmax(axis: 0), a.cumulativeSum(axis: 0), a.sorted(axis: 1).values, a.argmax(axis: 2),
                    a.topK(3, axis: 2).values, a.layerNormalized(shape: [4, 6]), a.groupNormalized(groups: 2),
                ]
            }
            compare("layers", [.normal([2, 4, 5, 6], generator: generator)]) { x in
                let views = [x[0], x[0].channelsLast(), x[0].transposed(2, 3), x[0][.all, .slice(step: 2)]]
                return views.flatMap { view -> [Tensor] in
                    let view = view.requiringGradient()
                    let (zeros, ones) = (Tensor.zeros([view.shape[1]]), Tensor.ones([view.shape[1]]))
                    let normal = view.batchNormalized(
                        mean: zeros, variance: ones, weight: ones * 2, bias: zeros, usesBatch: true)
                    let (values, indices) = view.maxPool(kernel: [2, 2], Window(stride: [2, 2]))
                    return [normal, indices, gradient(normal * normal * normal, view), gradient(values * values, view)]
                }
            }
        }
    }

    @Test func nonFiniteNumbersAndTiesAreOrderedAlike() async {
        await #expect(processExitsWith: .success) {
            setenv("CRESSET_CUDA_DRIVER", try FakeMachine.libraryPath(), 1)
            let (nan, infinity) = (Float.nan, Float.infinity)
            let x = Tensor([1, nan, -infinity, 3, infinity, -0.0, 0, -2, nan, 5, 5, -5] as [Float], shape: [3, 4])
            for dtype in [DType.float32, .float16] {
                compare("\(dtype)", [x.to(dtype)]) { x in
                    let (a, b) = (x[0], x[0].flipped(axes: [1]))
                    return [
                        a.relu(), a.clamp(min: -1, max: 2), a.maximum(b), a.fmin(b), a.amax(axes: [1]),
                        a.argmax(axis: 1), a.argmin(axis: 0), a.cumulativeMax(axis: 1).indices,
                        a.sorted(axis: 1).indices, a.sorted(axis: 0, descending: true).indices,
                        a.flattened().topK(5).indices, a.median(axis: 1).values, a.softmax(axis: 1),
                        a.logCumulativeSumExp(axis: 1),
                        a.reshaped([1, 1, 3, 4]).maxPool(kernel: [2, 2], Window()).indices,
                    ]
                }
            }
            compare("nothing but -infinity", [.full([2, 5], -infinity)]) { x in
                [x[0].argmax(axis: 1), x[0].topK(2).indices, x[0].softmax(axis: 1), x[0].logSumExp(axes: [1])]
            }
            compare("ties", [.integers([2, 3000], in: 0..<5, generator: Generator(seed: 5))]) { x in
                let a = x[0].to(.float32).requiringGradient()
                return [
                    a.argmax(axis: 1), a.sorted(axis: 1, descending: true).indices, a.cumulativeMax(axis: 1).indices,
                    a.kthValue(1500, axis: 1).values, gradient(a.amax(axes: [1]), a),
                    gradient(a.max(axis: 1).values, a),
                ]
            }
            compare("long lines", [.normal([1, 70_000], generator: Generator(seed: 6))]) { x in
                [
                    x[0].sorted(axis: 1).indices, x[0].cumulativeMax(axis: 1).indices, x[0].softmax(axis: 1),
                    x[0].transposed(0, 1).argmax(axis: 1), x[0].reshaped([70_000, 1, 1]).matmul(.ones([1, 2])),
                ]
            }
        }
    }

    @Test func noElementsAreEnough() async {
        await #expect(processExitsWith: .success) {
            setenv("CRESSET_CUDA_DRIVER", try FakeMachine.libraryPath(), 1)
            compare("layers", [.zeros([0, 3, 4, 4])]) { x in
                let a = x[0].requiringGradient()
                let filters = Tensor.ones([2, 3, 3, 3]).requiringGradient()
                let matrix = Tensor.ones([5, 48]).requiringGradient()
                let pictures = a.convolution(weight: filters, bias: .ones([2]))
                let rows = a.flattened(from: 1).linear(weight: matrix, bias: .ones([5]))
                return [
                    pictures, gradient(pictures, filters), rows, gradient(rows, matrix),
                    a.maxPooled(kernel: [2, 2], Window(stride: [2, 2])), a.adaptiveAveragePool(output: [1, 1]),
                    a.layerNormalized(shape: [4]), a.softmax(axis: 1), a.amax(axes: [1]), a.mean(), a.variance(),
                    rows.crossEntropy(.zeros([0], dtype: .int64)), Tensor.ones([2, 0]).matmul(.ones([0, 3])),
                ]
            }
            compare("indices", [.ones([5, 3])]) { x in
                let (table, none) = (x[0].requiringGradient(), Tensor.zeros([0], dtype: .int64))
                return [
                    table.embedding(none), gradient(table.embedding(none), table), table[none],
                    table.scatterAdd(axis: 0, indices: .zeros([0, 3], dtype: .int64), .zeros([0, 3])),
                    table.maskedSelect(table .> 9), none.unique().values, none.oneHot(classes: 3),
                ]
            }
        }
    }
}

/// Expects the same results of the same work on both devices; NaN counts as equal to NaN.
private func compare(_ name: String, _ inputs: [Tensor], _ work: ([Tensor]) -> [Tensor]) {
    let expected = work(inputs)
    let found = withDevice(.cuda(0)) { work(inputs.map { $0.to(.cuda(0)) }) }
    for (index, (own, other)) in zip(found, expected).enumerated() {
        let own = own.to(.cpu)
        #expect(own.dtype == other.dtype && own.shape == other.shape, "\(name), result \(index)")
        if own.shape != other.shape { continue }
        let isClose = own.isAllClose(to: other, absoluteTolerance: 1e-5, equalNaN: own.dtype.isFloatingPoint)
        #expect(isClose, "\(name), result \(index): \(own) rather than \(other)")
    }
}

private func gradient(_ result: Tensor, _ input: Tensor) -> Tensor {
    result.sum().gradients()[input] ?? .zeros(like: input)
}
