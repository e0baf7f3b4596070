import Cresset
import CressetNN

/// A layer that was made, and how it is called.
struct MadeModule {
    let module: any Module
    let call: (Arguments) throws -> Value

    /// A layer of one tensor.
    init(_ layer: any Layer) {
        module = layer
        call = { .tensor(layer(try $0.x)) }
    }

    init(_ module: any Module, _ call: @escaping (Arguments) throws -> Value) {
        self.module = module
        self.call = call
    }
}

/// A line of the page "From PyTorch": a layer by its name there and here.
struct ModuleRow: Sendable {
    let torch: String
    let swift: String
    /// What is different here.
    var note = ""
    /// Makes the layer from the arguments of PyTorch's constructor.
    let make: @Sendable (Arguments) throws -> MadeModule
    /// Names of the state that the constructor's tensors fill already.
    var constructorState: Set<String> = []

    func isConstructorsOwn(_ name: String) -> Bool { constructorState.contains(name) }
}

/// Every layer that is known, by PyTorch's name.
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
            // Values here are never changed in place: the option says nothing.
            _ = try $0.bool(nil, "inplace", false)
            return MadeModule(try make($0))
        }
    }

    /// Says what is different here in the layers of these names.
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
