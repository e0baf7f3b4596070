import Cresset
import Testing

/// Pools over equal parts of each axis, compared with the definition.
@Suite struct AdaptivePoolTests {
    struct Size: Sendable {
        let shape: Shape
        let output: [Int]
    }

    static let sizes = [
        Size(shape: [2, 3, 7], output: [3]), Size(shape: [2, 20, 7, 5], output: [3, 4]),
        Size(shape: [1, 3, 4, 4], output: [2, 2]), Size(shape: [1, 2, 3, 2], output: [5, 7]),
        Size(shape: [2, 17, 5, 4, 3], output: [2, 3, 1]), Size(shape: [2, 3, 6, 6], output: [1, 1]),
    ]

    private func part(_ i: Int, of count: Int, _ length: Int) -> Range<Int> {
        i * length / count..<((i + 1) * length + count - 1) / count
    }

    /// The parts of the input in the order of the output, axis by axis.
    private func parts(_ x: Tensor, _ output: [Int]) -> [Tensor] {
        output.indices.reduce([x]) { parts, axis in
            parts.flatMap { one in
                (0..<output[axis]).map { i in
                    let range = part(i, of: output[axis], x.shape[axis + 2])
                    return one.narrowed(axis: axis + 2, start: range.lowerBound, count: range.count)
                }
            }
        }
    }

    @Test(arguments: sizes, [DType.float32, .float64, .bfloat16])
    func valuesMatchTheDefinition(_ size: Size, dtype: DType) {
        let x = Tensor.normal(size.shape, generator: Generator(seed: 2)).to(dtype)
        let channels: Shape = [size.shape[0], size.shape[1]]
        let cells = parts(x.to(.float64), size.output).map { $0.reshaped([channels[0], channels[1], -1]) }
        let result = Shape(Array(channels) + size.output)
        let means = Tensor.stacked(cells.map { $0.mean(axes: [2]) }, axis: 2).reshaped(result)
        let largest = Tensor.stacked(cells.map { $0.amax(axes: [2]) }, axis: 2).reshaped(result)
        let found = x.adaptiveMaxPool(output: size.output)
        #expect((found.values.to(.float64) - largest).abs().amax().item() == 0)
        let flat = x.reshaped([channels[0], channels[1], -1])
        let named = flat.gather(axis: 2, indices: found.indices.reshaped([channels[0], channels[1], -1]))
        #expect((named.reshaped(result) - found.values).abs().amax().item() == 0)
        let error = (x.adaptiveAveragePool(output: size.output).to(.float64) - means).abs().amax().item()
        #expect(error < (dtype == .bfloat16 ? 1e-2 : 1e-6))
    }

    @Test(arguments: sizes) func gradientsAreTheSlopes(_ size: Size) throws {
        let x = Tensor.uniform(size.shape, in: -1..<1, dtype: .float64, generator: Generator(seed: 3))
        let order = x.elementCount < 100 ? 2 : 1
        try checkGradients([x], order: order) { $0[0].adaptiveMaxPool(output: size.output).values.squared() }
        try checkGradients([x], order: order) { $0[0].adaptiveAveragePool(output: size.output).squared() }
    }

    @Test func otherTypesAnswerToo() {
        let x = Tensor([3, 1, 4, 1, 5], shape: [1, 1, 5])
        let (values, indices) = x.adaptiveMaxPool(output: [2])
        #expect(values.dtype == .int64 && values.scalars() == [4, 5] as [Int] && indices.scalars() == [2, 4] as [Int])
        #expect(x.to(.float16).adaptiveAveragePool(output: [5]).dtype == .float16)
    }
}
