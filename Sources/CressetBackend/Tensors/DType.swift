/// The type of a tensor's elements.
///
/// Raw values are shared with the C kernels (`CKernels.h`) and must not change.
@frozen
public enum DType: Int32, Sendable, CaseIterable, Hashable {
    case float32 = 0
    case float64 = 1
    case bfloat16 = 2
    case float16 = 3
    case int64 = 4
    case int32 = 5
    case int16 = 6
    case int8 = 7
    case uint8 = 8
    case bool = 9

    /// Bytes of one element.
    @inlinable public var itemSize: Int {
        switch self {
        case .float64, .int64: 8
        case .float32, .int32: 4
        case .bfloat16, .float16, .int16: 2
        case .int8, .uint8, .bool: 1
        }
    }

    /// Whether this is a floating-point type.
    @inlinable public var isFloatingPoint: Bool { rawValue <= DType.float16.rawValue }

    /// Whether this is an integer type; `bool` is not one.
    @inlinable public var isInteger: Bool { !isFloatingPoint && self != .bool }

    /// The name PyTorch uses, such as `float32`.
    public var name: String { "\(self)" }

    /// The result type of an operator on both types, by PyTorch's rules for two tensors.
    ///
    /// - Parameter other: The other type.
    @inlinable public func promoted(with other: DType) -> DType {
        if self == other { return self }
        if isFloatingPoint || other.isFloatingPoint {
            if !other.isFloatingPoint { return self }
            if !isFloatingPoint { return other }
            if self == .float64 || other == .float64 { return .float64 }
            // Two different types of at most 32 bits: bfloat16 and float16 promote to float32.
            return .float32
        }
        if self == .bool { return other }
        if other == .bool { return self }
        if self == .uint8 || other == .uint8 {
            let signed = self == .uint8 ? other : self
            return signed == .int8 ? .int16 : signed
        }
        return itemSize >= other.itemSize ? self : other
    }
}

/// A 16-bit floating-point number with float32's range: the upper half of a `Float`.
@frozen
public struct BFloat16: Sendable, Hashable {
    public var bitPattern: UInt16

    /// Creates one with these options.
    ///
    /// - Parameter bitPattern: The upper half of a float32's bits.
    @inlinable public init(bitPattern: UInt16) { self.bitPattern = bitPattern }

    /// Rounds to nearest, ties to even; NaN stays NaN.
    ///
    /// - Parameter value: The number; it is rounded to nearest, ties to even.
    @inlinable public init(_ value: Float) {
        let bits = value.bitPattern
        if value.isNaN {
            bitPattern = UInt16(truncatingIfNeeded: bits >> 16) | 0x40
        } else {
            let rounded = bits &+ 0x7FFF &+ ((bits >> 16) & 1)
            bitPattern = UInt16(truncatingIfNeeded: rounded >> 16)
        }
    }

    @inlinable public var floatValue: Float { Float(bitPattern: UInt32(bitPattern) << 16) }
}
