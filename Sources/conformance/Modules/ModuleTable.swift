import Cresset
import CressetNN

/// A layer that was created, and how it is called.
struct MadeModule {
    let module: any Module
    let call: (Arguments) throws -> Value

    /// A layer that takes one tensor.
    init(_ layer: any Layer) {
        module = layer
        call = { .tensor(layer(try $0.x)) }
    }

    init(_ module: any Module, _ call: @escaping (Arguments) throws -> Value) {
        self.module = module
        self.call = call
    }
}

/// A row of the page "From PyTorch": a layer by its name in PyTorch and in Cresset.
struct ModuleRow: Sendable {
    let torch: String
    let swift: String
    /// Differences from PyTorch.
    var note = ""
    /// Makes the layer from the arguments of PyTorch's constructor.
    let make: @Sendable (Arguments) throws -> MadeModule
    /// Names of the state that the constructor's tensors already fill.
    var constructorState: Set<String> = []

    func isConstructorsOwn(_ name: String) -> Bool { constructorState.contains(name) }
}

/// Every supported layer, by PyTorch's name.
struct ModuleTable: Sendable {
    private(set) var rows: [ModuleRow] = []
    private var index: [String: Int] = [:]

    static let shared: ModuleTable = {
        var table = ModuleTable()
        table.addActivationModules()
        table.addLinearModules()
        table.addConvolutionModules()
        table.addPaddingModules()
        table.addPoolModules()
        table.addNormalizationModules()
        table.addRecurrentModules()
        table.addAttentionModules()
        table.addLossModules()
        return table
    }()

    subscript(torch: String) -> ModuleRow? { index[torch].map { rows[$0] } }

    mutating func add(_ torch: String, _ swift: String, _ make: @escaping @Sendable (Arguments) throws -> any Layer) {
        addAny(torch, swift) {
            // Values are never changed in place here: the option has no meaning.
            _ = try $0.bool(nil, "inplace", false)
            return MadeModule(try make($0))
        }
    }

    /// Sets the "differences" column for the layers with these names.
    mutating func note(_ text: String, _ names: String...) {
        for name in names { rows[index[name]!].note = text }
    }

    mutating func addAny(_ torch: String, _ swift: String, _ make: @escaping @Sendable (Arguments) throws -> MadeModule)
    {
        index[torch] = rows.count
        rows.append(ModuleRow(torch: torch, swift: swift, make: make))
    }
}

extension Arguments {
    func perAxis(_ position: Int?, _ name: String) throws -> PerAxis? { try intList(position, name).map(PerAxis.init) }

    func perAxis(_ position: Int?, _ name: String, _ standard: PerAxis) throws -> PerAxis {
        try perAxis(position, name) ?? standard
    }

    func requiredPerAxis(_ position: Int?, _ name: String) throws -> PerAxis {
        guard let value = try perAxis(position, name) else { throw Failure("argument \(name) is missing") }
        return value
    }
}
