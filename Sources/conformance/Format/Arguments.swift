import Cresset

/// The arguments of one call as PyTorch received them, read by position or by PyTorch's name.
///
/// It records which ones were read, so that an option an operator does not support is a failure and is not silently
/// ignored.
final class Arguments {
    private let positional: [Value]
    let named: [String: Value]
    private var unread: Set<String>

    init(positional: [Value], named: [String: Value]) {
        self.positional = positional
        self.named = named
        unread = Set(named.keys).union(positional.indices.map { "number \($0)" })
        // Has no meaning on a single device, and is not a leaf.
        _ = value(nil, "device")
        if case .boolean(false)? = named["requires_grad"] { unread.remove("requires_grad") }
    }

    /// Arguments that were never read.
    var leftOver: [String] { unread.sorted() }

    var count: Int { positional.count }

    /// The argument, or nil if it was not given.
    func value(_ position: Int?, _ name: String) -> Value? {
        if let value = named[name] {
            unread.remove(name)
            return value
        }
        guard let position, position < positional.count else { return nil }
        unread.remove("number \(position)")
        return positional[position]
    }

    /// Like ``value(_:_:)``, but `None` is nil too.
    private func given(_ position: Int?, _ name: String) -> Value? {
        if let value = value(position, name) { if case .none = value { nil } else { value } } else { nil }
    }

    private func require<T>(_ value: T?, _ position: Int?, _ name: String) throws -> T {
        guard let value else {
            throw Failure("argument \(name) (\(position.map(String.init) ?? "by name")) is missing")
        }
        return value
    }

    private func wrong(_ name: String, _ value: Value, _ kind: String) -> Failure {
        Failure("argument \(name) is not \(kind): \(value)")
    }

    // MARK: Tensors

    /// The first argument.
    var x: Tensor { get throws { try tensor(0, "input") } }
    /// The second argument.
    var y: Tensor { get throws { try tensor(1, "other") } }

    func tensor(_ position: Int?, _ name: String) throws -> Tensor {
        try require(tensorIfAny(position, name), position, name)
    }

    /// A number becomes a tensor without axes.
    func tensorIfAny(_ position: Int?, _ name: String) throws -> Tensor? {
        guard let value = given(position, name) else { return nil }
        switch value {
        case .tensor(let tensor): return tensor
        case .integer(let value): return Tensor(value)
        case .boolean(let value): return Tensor(value)
        case .number(let value): return Tensor(value)
        default: throw wrong(name, value, "a tensor")
        }
    }

    func tensors(_ position: Int?, _ name: String) throws -> [Tensor] {
        let value = try require(given(position, name), position, name)
        return value.tensors
    }

    /// All positional arguments, for functions that take any number of tensors.
    func allTensors() -> [Tensor] { positional.indices.flatMap { value($0, "tensors")?.tensors ?? [] } }

    // MARK: Numbers

    func scalar(_ position: Int?, _ name: String) throws -> Scalar? {
        guard let value = given(position, name) else { return nil }
        switch value {
        case .integer(let value): return .integer(Int64(value))
        case .number(let value): return .float(value)
        case .boolean(let value): return .boolean(value)
        case .tensor(let tensor) where tensor.elementCount == 1:
            return tensor.dtype.isFloatingPoint
                ? .float(tensor.item())
                : tensor.dtype == .bool ? .boolean(tensor.item() != 0) : .integer(Int64(tensor.item()))
        default: throw wrong(name, value, "a number")
        }
    }

    func doubleIfAny(_ position: Int?, _ name: String) throws -> Double? { try scalar(position, name)?.doubleValue }
    func double(_ position: Int?, _ name: String, _ standard: Double) throws -> Double {
        try doubleIfAny(position, name) ?? standard
    }
    func double(_ position: Int?, _ name: String) throws -> Double {
        try require(doubleIfAny(position, name), position, name)
    }
    /// Numbers; a single one becomes a list of one.
    func doublesIfAny(_ position: Int?, _ name: String) throws -> [Double]? {
        guard let value = given(position, name) else { return nil }
        guard case .list(let items) = value else { return try [double(position, name)] }
        return try items.map {
            switch $0 {
            case .number(let value): value
            case .integer(let value): Double(value)
            default: throw wrong(name, value, "a list of numbers")
            }
        }
    }
    func intIfAny(_ position: Int?, _ name: String) throws -> Int? {
        try scalar(position, name).map { Int($0.int64Value) }
    }
    func int(_ position: Int?, _ name: String, _ standard: Int) throws -> Int {
        try intIfAny(position, name) ?? standard
    }
    func int(_ position: Int?, _ name: String) throws -> Int { try require(intIfAny(position, name), position, name) }
    func bool(_ position: Int?, _ name: String, _ standard: Bool) throws -> Bool {
        try scalar(position, name).map { $0.doubleValue != 0 } ?? standard
    }

    /// Integers; a single one becomes a list of one, and a list may be spread over the remaining positional arguments.
    func intsIfAny(_ position: Int?, _ name: String) throws -> [Int]? {
        guard let first = given(position, name) else { return nil }
        if case .integer = first, let position, position + 1 < positional.count,
            positional[position...].allSatisfy({ if case .integer = $0 { true } else { false } })
        {
            return try positional.indices[position...].map { try int($0, name) }
        }
        return try Arguments.integers(first) { self.wrong(name, first, "a list of integers") }
    }
    func ints(_ position: Int?, _ name: String) throws -> [Int] {
        try require(intsIfAny(position, name), position, name)
    }
    func ints(_ position: Int?, _ name: String, _ standard: [Int]) throws -> [Int] {
        try intsIfAny(position, name) ?? standard
    }

    /// Integers, not spread; a single one becomes a list of one.
    func intList(_ position: Int?, _ name: String) throws -> [Int]? {
        guard let value = given(position, name) else { return nil }
        return try Arguments.integers(value) { self.wrong(name, value, "a list of integers") }
    }

    private static func integers(_ value: Value, _ error: () -> Failure) throws -> [Int] {
        switch value {
        case .integer(let value): return [value]
        case .tensor(let tensor) where !tensor.dtype.isFloatingPoint: return tensor.scalars()
        case .list(let items):
            return try items.map {
                guard case .integer(let value) = $0 else { throw error() }
                return value
            }
        default: throw error()
        }
    }

    /// Integers, some of which may be `None`.
    func optionalInts(_ position: Int?, _ name: String) throws -> [Int?] {
        let value = try require(given(position, name), position, name)
        guard case .list(let items) = value else {
            return try Arguments.integers(value) { self.wrong(name, value, "sizes") }
        }
        return try items.map {
            if case .none = $0 { return nil }
            return try Arguments.integers($0) { self.wrong(name, value, "sizes") }[0]
        }
    }

    // MARK: Others

    func stringIfAny(_ position: Int?, _ name: String) throws -> String? {
        guard let value = given(position, name) else { return nil }
        guard case .string(let text) = value else { throw wrong(name, value, "a string") }
        return text
    }
    func string(_ position: Int?, _ name: String, _ standard: String) throws -> String {
        try stringIfAny(position, name) ?? standard
    }

    func dtypeIfAny(_ position: Int?, _ name: String = "dtype") throws -> DType? {
        guard let value = given(position, name) else { return nil }
        guard case .dtype(let dtype) = value else { throw wrong(name, value, "a dtype") }
        return dtype
    }

    /// PyTorch's `reduction`.
    func reduction(_ position: Int? = nil) throws -> Reduction {
        let name = try string(position, "reduction", "mean")
        guard let reduction = Reduction(rawValue: name) else { throw Failure("reduction \(name) is not known") }
        return reduction
    }
}
