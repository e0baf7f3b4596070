import Cresset

/// A row of the page "From PyTorch": how an operator is called here, and the call itself.
struct OperatorRow: Sendable {
    let torch: String
    let swift: String
    /// Differences from PyTorch.
    var note = ""
    var tolerance = Tolerance.elementwise
    var answersInFloat64 = false
    /// Whether second derivatives are supported.
    var isTwiceDifferentiable = true
    /// Calls the operator with arguments in PyTorch's order and under PyTorch's names.
    let body: @Sendable (Arguments) throws -> Value
}

/// Every supported operator, by PyTorch's name.
struct OperatorTable: Sendable {
    private(set) var rows: [OperatorRow] = []
    private var index: [String: Int] = [:]
    /// The tolerance for the rows that follow.
    var tolerance = Tolerance.elementwise

    static let shared: OperatorTable = {
        var table = OperatorTable()
        table.addArithmetic()
        table.addElementary()
        table.addActivations()
        table.addComparison()
        table.addReductions()
        table.addViews()
        table.addJoining()
        table.addIndexing()
        table.addMatrix()
        table.addNetworks()
        table.addLosses()
        table.addCreation()
        return table
    }()

    subscript(torch: String) -> OperatorRow? { index[torch].map { rows[$0] } }

    /// An operator with one result.
    mutating func add(_ torch: String, _ swift: String, _ body: @escaping @Sendable (Arguments) throws -> Tensor) {
        addAny(torch, swift) { .tensor(try body($0)) }
    }

    /// Sets the "differences" column for the operators with these names.
    mutating func note(_ text: String, _ names: String...) {
        for name in names { rows[index[name]!].note = text }
    }

    /// Marks operators for which only first derivatives are supported.
    mutating func once(_ names: String...) {
        for name in names {
            rows[index[name]!].isTwiceDifferentiable = false
            rows[index[name]!].note += (rows[index[name]!].note.isEmpty ? "" : "; ") + "differentiates once"
        }
    }

    /// An operator with several results.
    mutating func addList(_ torch: String, _ swift: String, _ body: @escaping @Sendable (Arguments) throws -> [Tensor])
    {
        addAny(torch, swift) { .tensors(try body($0)) }
    }

    /// An operator with a result of any kind.
    mutating func addAny(
        _ torch: String, _ swift: String, answersInFloat64: Bool = false,
        _ body: @escaping @Sendable (Arguments) throws -> Value
    ) {
        index[torch] = rows.count
        rows.append(
            OperatorRow(
                torch: torch, swift: swift, tolerance: tolerance, answersInFloat64: answersInFloat64, body: body))
    }
}
