import CCUDA
import CressetBackend

// What copies and pointwise operators share: the walk over the operands, and names for the types of kernels.

extension DType {
    /// The name of the type in kernels.
    var kernelName: String {
        switch self {
        case .float32: "f32"
        case .float64: "f64"
        case .bfloat16: "bf16"
        case .float16: "f16"
        case .int64: "i64"
        case .int32: "i32"
        case .int16: "i16"
        case .int8: "i8"
        case .uint8: "u8"
        case .bool: "bool8"
        }
    }

    /// An integer type of the same size, for kernels that only move elements.
    var kernelBits: String { "u\(itemSize * 8)" }
}

extension cresset_walk {
    /// A walk over `shape`; strides are set later.
    @inline(__always)
    init(over shape: Shape) {
        self.init()
        shape.withPointer { cresset_walk_start(&self, Int32(shape.count), $0) }
    }

    @inline(__always)
    mutating func set(_ number: Int32, _ operand: Operand) {
        operand.strides.withPointer { cresset_walk_set(&self, number, $0) }
    }
}

extension cresset_elementwise {
    /// A walk over the elements of `out` and of up to three operands.
    @inline(__always)
    init(_ out: Operand, _ x: Operand? = nil, _ y: Operand? = nil, _ z: Operand? = nil) {
        self.init()
        self.out = out.pointer
        walk = cresset_walk(over: out.shape)
        walk.set(0, out)
        var inputs: Int32 = 0
        if let x {
            `in`.0 = UnsafeRawPointer(x.pointer)
            walk.set(1, x)
            inputs = 1
        }
        if let y {
            `in`.1 = UnsafeRawPointer(y.pointer)
            walk.set(2, y)
            inputs = 2
        }
        if let z {
            `in`.2 = UnsafeRawPointer(z.pointer)
            walk.set(3, z)
            inputs = 3
        }
        cresset_walk_finish(&walk, inputs + 1, 0)
    }
}

extension CUDABackend {
    /// The maximum number of threads per block of an elementwise kernel; they always have exactly as many.
    static var elementwiseThreads: Int { 256 }

    @inline(__always)
    func launch(_ kernel: Kernel, _ plan: cresset_elementwise_plan, _ parameters: cresset_elementwise) {
        launch(kernel, grid: plan.blocks, block: Self.elementwiseThreads, parameters)
    }
}
