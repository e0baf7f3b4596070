import CressetCPU

/// The product of two square matrices of integers of 8 bits, to measure how fast a processor is at it.
package struct IntegerProduct {
    private let x, out: Operand
    private let product: QuantizedConvolution

    /// Compiles it; nil if oneDNN has none that is fast.
    ///
    /// - Parameter side: The rows and columns of each matrix, a multiple of 64.
    package init?(side: Int) {
        func memory(_ shape: Shape, _ dtype: DType) -> Operand {
            let storage = CPUBackend.shared.allocate(shape, dtype)
            storage.pointer.initializeMemory(as: UInt8.self, repeating: 0, count: storage.byteCount)
            return Operand(
                pointer: storage.pointer, dtype: dtype, shape: shape, strides: shape.channelsLastStrides,
                storage: storage)
        }
        let scale = QuantizedScale(largest: 1, isSigned: false)
        x = memory([1, side, side / 64, 64], .uint8)
        out = memory([1, side, side / 64, 64], .uint8)
        let (ones, zeros): (Shape, Shape) = ([1, 1], [0, 0])
        let window = WindowGeometry(
            kernel: ones, stride: ones, paddingBefore: zeros, paddingAfter: zeros, dilation: ones)
        guard
            let product = QuantizedConvolution(
                x, input: scale, weight: memory([side, side, 1, 1], .float32), bias: nil,
                geometry: ConvolutionGeometry(window: window, groups: 1), addend: nil, epilogue: .none, out: out,
                output: scale)
        else { return nil }
        self.product = product
    }

    package func run() { product.run(x, into: out) }
}
