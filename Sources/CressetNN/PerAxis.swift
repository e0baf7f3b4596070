/// A number for each spatial axis: written as one number for all of them, or as an array.
public struct PerAxis: Sendable, Hashable, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral {
    public let values: [Int]

    public init(_ value: Int) { values = [value] }
    public init(_ values: [Int]) { self.values = values }
    public init(integerLiteral value: Int) { values = [value] }
    public init(arrayLiteral elements: Int...) { values = elements }

    /// The numbers for `count` axes. Traps when there are neither one nor `count`.
    func expanded(_ count: Int) -> [Int] {
        guard values.count == 1 || values.count == count else {
            fatalError("\(values) does not give a number for each of \(count) axes")
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
