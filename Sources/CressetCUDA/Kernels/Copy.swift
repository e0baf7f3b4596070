import CCUDA
import CressetBackend

extension CUDABackend {
    package func fill(_ out: Operand, with value: Scalar) {
        if out.elementCount == 0 { return }
        if chains.isRecording,
            chains.take(PointwiseCall(operation: .fill(value), inputs: [], out: out), on: self)
        {
            return
        }
        launchFill(out, with: value)
    }

    func launchFill(_ out: Operand, with value: Scalar) {
        var parameters = cresset_elementwise(out)
        parameters.bits = Self.elementBits(of: value, as: out.dtype)
        let size = out.dtype.itemSize
        let plan = cresset_elementwise_prepare(&parameters, 0, Int32(size), 1, 1, 1)
        if plan.layout == 0 && setMemory(out, parameters.bits, count: Int(parameters.count)) { return }
        let kernel = kernel(
            .copy, "fill", variant: Int(plan.layout) | size << 4 | 1 << 12,
            defines: ["FILLS=1", "TO=\(out.dtype.kernelBits)", "LAYOUT=\(plan.layout)"])
        launch(kernel, plan, parameters)
    }

    /// Leaves a fill to the driver if the pattern has at most 4 bytes.
    private func setMemory(_ out: Operand, _ bits: UInt64, count: Int) -> Bool {
        activate()
        let address = UInt64(UInt(bitPattern: out.pointer))
        let bytes = count * out.dtype.itemSize
        let byte = bits & 0xff
        if bits == byte * (0x0101_0101_0101_0101 & (.max >> UInt64(64 - out.dtype.itemSize * 8))) {
            check(driver.cuMemsetD8Async(address, UInt8(byte), bytes, stream), "cuMemsetD8Async")
        } else if out.dtype.itemSize == 4 {
            check(driver.cuMemsetD32Async(address, UInt32(bits), count, stream), "cuMemsetD32Async")
        } else {
            return false
        }
        return true
    }

    /// The bytes of an element, in the low bytes.
    static func elementBits(of value: Scalar, as dtype: DType) -> UInt64 {
        let number = value.doubleValue
        return switch dtype {
        case .float32: UInt64(Float(number).bitPattern)
        case .float64: number.bitPattern
        case .bfloat16: UInt64(BFloat16(Float(number)).bitPattern)
        case .float16: UInt64(Float16(Float(number)).bitPattern)
        case .bool: value.int64Value != 0 ? 1 : 0
        default: UInt64(bitPattern: value.int64Value) & (.max >> UInt64(64 - dtype.itemSize * 8))
        }
    }

    package func copy(_ source: Operand, to out: Operand) {
        if out.elementCount == 0 { return }
        if chains.isRecording, ElementOrder(of: source, in: out) == .same {
            let operation: PointwiseCall.Operation = source.dtype == out.dtype ? .move : .convert
            if chains.take(PointwiseCall(operation: operation, inputs: [source], out: out), on: self) { return }
        }
        launchCopy(source, to: out)
    }

    /// Copies by a kernel alone. Only this one is used for temporary memory, which is released before a chain would be
    /// launched.
    func launchCopy(_ source: Operand, to out: Operand) {
        if out.elementCount == 0 { return }
        var parameters = cresset_elementwise(out, source)
        let isMove = source.dtype == out.dtype
        var tiles = cresset_transpose()
        var plan = cresset_elementwise_plan()
        if cresset_transpose_prepare(&parameters.walk, &tiles, &plan) {
            tiles.out = out.pointer
            tiles.in = UnsafeRawPointer(source.pointer)
            launch(
                copyKernel("transpose", source.dtype, out.dtype, isMove, plan.layout), grid: plan.blocks,
                block: Self.elementwiseThreads, tiles)
            return
        }
        plan = cresset_elementwise_prepare(
            &parameters, 1, Int32(out.dtype.itemSize), Int32(source.dtype.itemSize), 1, 1)
        if isMove && plan.layout == 0 && parameters.still == 0 {
            if source.pointer == out.pointer { return }
            activate()
            check(
                driver.cuMemcpyDtoDAsync_v2(
                    UInt64(UInt(bitPattern: out.pointer)), UInt64(UInt(bitPattern: source.pointer)),
                    Int(parameters.count) * out.dtype.itemSize, stream), "cuMemcpyDtoDAsync_v2")
            return
        }
        launch(copyKernel("copy", source.dtype, out.dtype, isMove, plan.layout), plan, parameters)
    }

    @inline(__always)
    private func copyKernel(
        _ entry: StaticString, _ from: DType, _ to: DType, _ isMove: Bool, _ layout: Int32
    ) -> Kernel {
        let sizes = isMove ? 1 << 12 | from.itemSize : Int(from.rawValue) << 4 | Int(to.rawValue)
        return kernel(
            .copy, entry, variant: sizes << 3 | Int(layout),
            defines: [
                "FILLS=0", "FROM=\(isMove ? from.kernelBits : from.kernelName)",
                "TO=\(isMove ? to.kernelBits : to.kernelName)", "LAYOUT=\(layout)",
            ])
    }
}
