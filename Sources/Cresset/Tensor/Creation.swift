extension Tensor {
    /// A tensor of the given numbers, in row-major order; one axis unless `shape` says otherwise.
    ///
    /// Elements keep their type: `Double` becomes float64. Literals without a shape are a ``TensorLiteral``.
    ///
    /// Traps if `shape` does not have as many elements as there are values.
    ///
    /// - Parameters:
    ///   - values: The elements, row by row.
    ///   - shape: The lengths of the axes; their product is the number of elements.
    ///   - device: The device of the new tensor.
    @_disfavoredOverload
    public init<T: TensorScalar>(_ values: [T], shape: Shape? = nil, device: Device = .current) {
        let shape = shape ?? [values.count]
        guard shape.elementCount == values.count else {
            fail("Tensor", "\(values.count) values do not fill the shape \(shape), which holds \(shape.elementCount)")
        }
        self.init(dtype: T.dtype, shape: shape, device: device) { bytes in
            T.requireLayout()
            values.withUnsafeBytes { bytes.copyMemory(from: $0) }
        }
    }

    /// A tensor without axes that contains one number: a `Double` becomes float32, as Python's numbers do in PyTorch.
    ///
    /// `Tensor.full([], x, dtype: .float64)` keeps its full precision.
    ///
    /// - Parameters:
    ///   - value: The number, or the elements.
    ///   - device: The device of the new tensor.
    public init<T: TensorScalar>(_ value: T, device: Device = .current) {
        self = .full([], value, device: device)
    }

    /// A tensor of the given bytes, in row-major order and native byte order.
    ///
    /// Traps if their number does not match `shape` and `dtype`.
    ///
    /// - Parameters:
    ///   - bytes: The elements' bytes, row by row, in this machine's order.
    ///   - dtype: The type of the elements.
    ///   - shape: The lengths of the axes; their product is the number of elements.
    ///   - device: The device of the new tensor.
    public init(bytes: UnsafeRawBufferPointer, dtype: DType, shape: Shape, device: Device = .current) {
        guard bytes.count == shape.elementCount * dtype.itemSize else {
            fail("Tensor", "\(bytes.count) bytes do not fill a \(dtype) tensor of shape \(shape)")
        }
        self.init(dtype: dtype, shape: shape, device: device) { $0.copyMemory(from: bytes) }
    }

    /// A tensor whose memory `initializing` fills, in row-major order; for a GPU it is filled on the host and copied.
    ///
    /// - Parameters:
    ///   - dtype: The type of the elements.
    ///   - shape: The lengths of the axes; their product is the number of elements.
    ///   - device: The device of the new tensor.
    ///   - initializing: Called with the memory, which it must fill.
    public init(
        dtype: DType, shape: Shape, device: Device = .current,
        initializing: (UnsafeMutableRawBufferPointer) throws -> Void
    ) rethrows {
        self = .uninitialized(shape, dtype: dtype, device: .cpu)
        try initializing(hostBytes)
        self = to(device)
    }

    /// A tensor whose elements are all `value`. Traps if an integer type cannot represent it.
    ///
    /// - Parameters:
    ///   - shape: The lengths of the axes.
    ///   - value: What every element is.
    ///   - dtype: that of `value` where nil, but float32 for a `Double`.
    ///   - device: The device of the new tensor.
    public static func full<T: TensorScalar>(
        _ shape: Shape, _ value: T, dtype: DType? = nil, device: Device = .current
    ) -> Tensor {
        let dtype = dtype ?? (T.dtype == .float64 ? .float32 : T.dtype)
        guard dtype.holds(value.scalar) else { fail("full", "\(value) does not fit in \(dtype)") }
        return .filled(shape, value.scalar, dtype: dtype, device: device)
    }

    @usableFromInline static func filled(
        _ shape: Shape, strides: Shape? = nil, _ value: Scalar, dtype: DType, device: Device
    ) -> Tensor {
        let out = Tensor.uninitialized(shape, strides: strides, dtype: dtype, device: device)
        device.backend.fill(out.operand, with: value)
        return out
    }

    /// A tensor of zeros.
    ///
    /// - Parameters:
    ///   - shape: The lengths of the axes.
    ///   - dtype: The type of the elements.
    ///   - device: The device of the new tensor.
    public static func zeros(_ shape: Shape, dtype: DType = .float32, device: Device = .current) -> Tensor {
        filled(shape, .integer(0), dtype: dtype, device: device)
    }

    /// A tensor of ones.
    ///
    /// - Parameters:
    ///   - shape: The lengths of the axes.
    ///   - dtype: The type of the elements.
    ///   - device: The device of the new tensor.
    public static func ones(_ shape: Shape, dtype: DType = .float32, device: Device = .current) -> Tensor {
        filled(shape, .integer(1), dtype: dtype, device: device)
    }

    /// Zeros with the shape, layout, dtype and device of `other`.
    public static func zeros(like other: Tensor) -> Tensor {
        filled(other.shape, strides: other.denseStrides, .integer(0), dtype: other.dtype, device: other.device)
    }

    /// Ones with the shape, layout, dtype and device of `other`.
    public static func ones(like other: Tensor) -> Tensor {
        filled(other.shape, strides: other.denseStrides, .integer(1), dtype: other.dtype, device: other.device)
    }

    /// The numbers from `start` up to, but excluding, `end` in steps of `step`; int64 if all three are integers, else
    /// float32.
    ///
    /// - Parameters:
    ///   - start: The first number.
    ///   - end: The number before which it ends.
    ///   - step: The distance between two numbers; negative to count down.
    ///   - dtype: The type of the elements.
    ///   - device: The device of the new tensor.
    public static func arange<T: TensorScalar>(
        _ start: T, _ end: T, step: T, dtype: DType? = nil, device: Device = .current
    ) -> Tensor {
        let (a, b, s) = (start.scalar.doubleValue, end.scalar.doubleValue, step.scalar.doubleValue)
        guard s != 0, (b - a) / s >= 0, a.isFinite, b.isFinite else {
            fail("arange", "steps of \(s) do not lead from \(a) to \(b)")
        }
        let dtype = dtype ?? (T.dtype.isFloatingPoint ? .float32 : .int64)
        let (first, stride) = (start.scalar.int64Value, step.scalar.int64Value)
        let count: Int
        if T.dtype.isFloatingPoint {
            count = Int(((b - a) / s).rounded(.up))
        } else {
            // Exact even where doubles are not; the distance may exceed an Int64.
            let last = end.scalar.int64Value
            let way = stride > 0 ? UInt64(bitPattern: last &- first) : UInt64(bitPattern: first &- last)
            count = Int(way / stride.magnitude + (way % stride.magnitude == 0 ? 0 : 1))
        }
        if device.cudaIndex != nil {
            // Computed on the device: a copy from the host could not be part of a captured step.
            let numbers = Tensor.ones([count], dtype: .int64, device: device).cumulativeSum(axis: 0) - 1
            if dtype.isFloatingPoint { return (numbers.to(.float64) * s + a).to(dtype) }
            return (stride == 1 && first == 0 ? numbers : numbers * stride + first).to(dtype)
        }
        if dtype.isFloatingPoint {
            return Tensor((0..<count).map { a + Double($0) * s }, device: device).to(dtype)
        }
        return Tensor((0..<count).map { first &+ Int64($0) &* stride }, device: device).to(dtype)
    }

    /// The integers from 0 up to, but excluding, `end`.
    ///
    /// - Parameters:
    ///   - end: The number before which it ends.
    ///   - device: The device of the new tensor.
    public static func arange(_ end: Int, device: Device = .current) -> Tensor {
        arange(0, end, step: 1, device: device)
    }

    /// `count` numbers evenly spaced from `start` to `end`, both included.
    ///
    /// For integer dtypes the ends, and then the numbers between, are rounded towards zero.
    ///
    /// - Parameters:
    ///   - start: The first number.
    ///   - end: The last number.
    ///   - count: The number of elements.
    ///   - dtype: The type of the elements.
    ///   - device: The device of the new tensor.
    public static func linspace(
        _ start: Double, _ end: Double, count: Int, dtype: DType = .float32, device: Device = .current
    ) -> Tensor {
        let (start, end) = dtype.isFloatingPoint ? (start, end) : (start.rounded(.towardZero), end.rounded(.towardZero))
        let step = count > 1 ? (end - start) / Double(count - 1) : 0
        // The second half is counted from the end, so that the last value is exact.
        let values = (0..<count).map { i in
            i < count / 2 || count == 1 ? start + step * Double(i) : end - step * Double(count - 1 - i)
        }
        return Tensor(values, device: device).to(dtype)
    }

    /// `count` powers of `base`, with exponents evenly spaced from `start` to `end`, both included.
    ///
    /// - Parameters:
    ///   - start: The exponent of the first number.
    ///   - end: The exponent of the last number.
    ///   - count: The number of elements.
    ///   - base: What is raised to the powers.
    ///   - dtype: The type of the elements.
    ///   - device: The device of the new tensor.
    public static func logspace(
        _ start: Double, _ end: Double, count: Int, base: Double = 10, dtype: DType = .float32,
        device: Device = .current
    ) -> Tensor {
        let (start, end) = dtype.isFloatingPoint ? (start, end) : (start.rounded(.towardZero), end.rounded(.towardZero))
        let exponents = linspace(start, end, count: count, dtype: .float64, device: device)
        return Tensor.full([], base, dtype: .float64, device: device).power(exponents).to(dtype)
    }

    /// A matrix with ones on the diagonal and zeros elsewhere.
    ///
    /// - Parameters:
    ///   - rows: The number of rows.
    ///   - columns: The number of columns; nil for as many as rows.
    ///   - dtype: The type of the elements.
    ///   - device: The device of the new tensor.
    public static func eye(_ rows: Int, _ columns: Int? = nil, dtype: DType = .float32, device: Device = .current)
        -> Tensor
    {
        let columns = columns ?? rows
        if device.cudaIndex != nil {
            return (arange(rows, device: device).unsqueezed(at: 1) .== arange(columns, device: device)).to(dtype)
        }
        var values = [Float](repeating: 0, count: rows * columns)
        for i in 0..<Swift.min(rows, columns) { values[i * columns + i] = 1 }
        return Tensor(values, shape: [rows, columns], device: device).to(dtype)
    }

    /// Strides that store this tensor's elements without gaps, in their current order if that is possible.
    @usableFromInline var denseStrides: Shape {
        let rows = shape.rowMajorStrides
        if strides.agrees(with: rows, over: shape) { return rows }
        let pixels = shape.channelsLastStrides
        if rank >= 3 && strides.agrees(with: pixels, over: shape) { return pixels }
        let order = (0..<rank).sorted { strides[$0] == strides[$1] ? $0 < $1 : strides[$0] > strides[$1] }
        if order.contains(where: { strides[$0] == 0 && shape[$0] > 1 }) { return shape.rowMajorStrides }
        var result = shape
        var step = 1
        for axis in order.reversed() {
            result[axis] = step
            step *= Swift.max(shape[axis], 1)
        }
        return result
    }
}
