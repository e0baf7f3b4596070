/// A number passed along with tensors: stored exactly, whatever its kind.
@frozen
public enum Scalar: Sendable, Hashable {
    case float(Double)
    case integer(Int64)
    case boolean(Bool)

    @inlinable public var doubleValue: Double {
        switch self {
        case .float(let value): value
        case .integer(let value): Double(value)
        case .boolean(let value): value ? 1 : 0
        }
    }

    /// Truncates fractions; out-of-range values are clamped, NaN becomes 0.
    @inlinable public var int64Value: Int64 {
        switch self {
        case .float(let value):
            value.isNaN ? 0 : value >= 0x1p63 ? .max : value < -0x1p63 ? .min : Int64(value)
        case .integer(let value): value
        case .boolean(let value): value ? 1 : 0
        }
    }
}
