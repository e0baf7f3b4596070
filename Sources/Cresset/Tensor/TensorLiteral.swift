/// Numbers written out in the program, nested as deep as a tensor has axes: what `[[1, 2], [3, 4]]` becomes where a
/// ``Tensor`` is wanted.
///
/// The element type is the one that `torch.tensor` chooses: float32 if any number has a decimal point, else int64
/// where any is an integer, else bool. Nothing at all, `[]`, is float32.
public indirect enum TensorLiteral: ExpressibleByArrayLiteral, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, Sendable
{
    case real(Double)
    case integer(Int64)
    case boolean(Bool)
    case list([TensorLiteral])

    public init(floatLiteral value: Double) { self = .real(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(booleanLiteral value: Bool) { self = .boolean(value) }
    public init(arrayLiteral elements: TensorLiteral...) { self = .list(elements) }

    /// The lengths of the axes, according to the first elements.
    private var shape: [Int] {
        guard case .list(let elements) = self else { return [] }
        return [elements.count] + (elements.first?.shape ?? [])
    }

    /// Adds the numbers in row-major order. Traps if a list is longer or shorter than its neighbours, or is not a list.
    private func collect(_ shape: ArraySlice<Int>, _ place: String, into numbers: inout [Scalar]) {
        switch self {
        case .list(let elements):
            guard let length = shape.first else {
                fail("Tensor", "literal\(place) is a list, its neighbours are numbers", hint: Self.advice)
            }
            guard elements.count == length else {
                fail(
                    "Tensor", "literal\(place) has length \(elements.count), its neighbours \(length)",
                    hint: Self.advice)
            }
            for (i, element) in elements.enumerated() {
                element.collect(shape.dropFirst(), place + "[\(i)]", into: &numbers)
            }
        case _ where !shape.isEmpty:
            fail("Tensor", "literal\(place) is a number, its neighbours are lists", hint: Self.advice)
        case .real(let value): numbers.append(.float(value))
        case .integer(let value): numbers.append(.integer(value))
        case .boolean(let value): numbers.append(.boolean(value))
        }
    }

    private static let advice = "all lists of one depth have the same length"

    /// The tensor of these numbers.
    func tensor(device: Device) -> Tensor {
        let lengths = shape
        var numbers: [Scalar] = []
        collect(lengths[...], "", into: &numbers)
        let isReal = numbers.contains { if case .float = $0 { true } else { false } }
        let isBoolean = numbers.allSatisfy { if case .boolean = $0 { true } else { false } }
        if isReal || numbers.isEmpty {
            return Tensor(numbers.map { Float($0.doubleValue) }, shape: Shape(lengths), device: device)
        }
        if isBoolean { return Tensor(numbers.map { $0.doubleValue != 0 }, shape: Shape(lengths), device: device) }
        return Tensor(numbers.map(\.int64Value), shape: Shape(lengths), device: device)
    }
}

extension Tensor: ExpressibleByArrayLiteral {
    /// A tensor from a literal: `let x: Tensor = [[1.5, 2], [3, 4]]` is float32 of shape (2, 2).
    ///
    /// Traps if lists at the same depth differ in length.
    public init(arrayLiteral elements: TensorLiteral...) {
        self = TensorLiteral.list(elements).tensor(device: .current)
    }

    /// A tensor on `device` of `numbers` written out, nested as deep as it has axes, of the type that
    /// ``TensorLiteral`` names: `Tensor([[1.5, 2], [3, 4]])` is float32.
    ///
    /// Traps if lists at the same depth differ in length.
    ///
    /// - Parameters:
    ///   - numbers: The elements, one list per axis.
    ///   - device: The device of the new tensor.
    public init(_ numbers: TensorLiteral, device: Device = .current) { self = numbers.tensor(device: device) }

    /// A tensor of two axes on `device`, from `rows` of the same length; elements keep their type, so that `Double`
    /// becomes float64.
    ///
    /// Traps if the rows differ in length.
    ///
    /// - Parameters:
    ///   - rows: The number of rows.
    ///   - device: The device of the new tensor.
    @_disfavoredOverload
    public init<T: TensorScalar>(_ rows: [[T]], device: Device = .current) {
        let length = rows.first?.count ?? 0
        if let i = rows.firstIndex(where: { $0.count != length }) {
            fail(
                "Tensor", "row \(i) has length \(rows[i].count), row 0 \(length)", hint: "all rows have the same length"
            )
        }
        self.init(rows.flatMap { $0 }, shape: [rows.count, length], device: device)
    }
}
