/// What can be given for spatial axes: one number for all of them, or an array with one each.
public protocol AxisNumbers: Sendable {
    var perAxis: PerAxis { get }
}

extension Int: AxisNumbers {
    public var perAxis: PerAxis { PerAxis(self) }
}

extension Array: AxisNumbers where Element == Int {
    public var perAxis: PerAxis { PerAxis(self) }
}

extension Shape: AxisNumbers {
    public var perAxis: PerAxis { PerAxis(Array(self)) }
}

/// A number for each spatial axis: written as one number for all of them, or as an array.
public struct PerAxis: AxisNumbers, Hashable, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral {
    public let values: [Int]
    public var perAxis: PerAxis { self }

    /// Creates one with these options.
    ///
    /// - Parameter value: The number for all axes.
    public init(_ value: Int) { values = [value] }

    /// Creates one with these options.
    ///
    /// - Parameter values: A number for each axis.
    public init(_ values: [Int]) { self.values = values }
    public init(integerLiteral value: Int) { values = [value] }
    public init(arrayLiteral elements: Int...) { values = elements }

    /// The numbers for `count` axes. Traps unless there are one or `count` numbers.
    func expanded(_ count: Int) -> [Int] {
        guard values.count == 1 || values.count == count else {
            fatalError("\(values) does not have one number for each of \(count) axes")
        }
        return values.count == 1 ? [Int](repeating: values[0], count: count) : values
    }

    /// As Python prints a tuple: `(3, 3)`.
    func tuple(_ count: Int) -> String {
        let values = expanded(count).map(String.init)
        return count == 1 ? "(\(values[0]),)" : "(" + values.joined(separator: ", ") + ")"
    }

    /// As given: a number, or a tuple.
    var printed: String { values.count == 1 ? "\(values[0])" : tuple(values.count) }
}
