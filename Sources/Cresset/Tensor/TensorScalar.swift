/// A Swift number that can be an element of a tensor, or be combined with one in an expression: `x * 2`.
public protocol TensorScalar: Sendable {
    /// The element type of a tensor of such numbers.
    static var dtype: DType { get }
    /// The number, stored exactly.
    var scalar: Scalar { get }
    /// The nearest number of this type; out-of-range values are clamped.
    ///
    /// - Parameter scalar: The number; it is rounded to the type.
    init(scalar: Scalar)
}

extension TensorScalar {
    /// Traps for a type whose memory layout differs from that of its dtype, such as one declared outside the framework.
    static func requireLayout() {
        guard MemoryLayout<Self>.stride == dtype.itemSize else {
            fail("\(Self.self)", "has \(MemoryLayout<Self>.stride) bytes, but \(dtype) has \(dtype.itemSize)")
        }
    }
}

extension Float: TensorScalar {
    public static var dtype: DType { .float32 }
    public var scalar: Scalar { .float(Double(self)) }
    public init(scalar: Scalar) { self = Float(scalar.doubleValue) }
}

extension Double: TensorScalar {
    public static var dtype: DType { .float64 }
    public var scalar: Scalar { .float(self) }
    public init(scalar: Scalar) { self = scalar.doubleValue }
}

extension BFloat16: TensorScalar {
    public static var dtype: DType { .bfloat16 }
    public var scalar: Scalar { .float(Double(floatValue)) }
    public init(scalar: Scalar) { self = BFloat16(Float(scalar.doubleValue)) }
}

extension Bool: TensorScalar {
    public static var dtype: DType { .bool }
    public var scalar: Scalar { .boolean(self) }
    public init(scalar: Scalar) { self = scalar.doubleValue != 0 }
}

/// Integers are 64 bits wide in tensors unless a narrower Swift type is used.
extension TensorScalar where Self: FixedWidthInteger {
    public var scalar: Scalar { .integer(Int64(self)) }
    public init(scalar: Scalar) { self = Self(clamping: scalar.int64Value) }
}

extension Int: TensorScalar { public static var dtype: DType { .int64 } }
extension Int64: TensorScalar { public static var dtype: DType { .int64 } }
extension Int32: TensorScalar { public static var dtype: DType { .int32 } }
extension Int16: TensorScalar { public static var dtype: DType { .int16 } }
extension Int8: TensorScalar { public static var dtype: DType { .int8 } }
extension UInt8: TensorScalar { public static var dtype: DType { .uint8 } }

extension DType {
    /// Whether an integer type can hold a number but for its fraction; other types take any. As in PyTorch, uint8 takes
    /// negative numbers, which wrap.
    @usableFromInline func holds(_ number: Scalar) -> Bool {
        guard isInteger else { return true }
        if case .float(let value) = number, !(value >= -0x1p63 && value < 0x1p63) { return false }
        let value = number.int64Value
        if self == .uint8 { return (-255...255).contains(value) }
        let bits = Int64(itemSize * 8 - 1)
        return value >> bits == 0 || value >> bits == -1
    }
}
