import Cresset

/// What a case passes to an operator or expects from it: the values listed in the format's table.
enum Value {
    case tensor(Tensor)
    case list([Value])
    case integer(Int)
    case number(Double)
    case boolean(Bool)
    case string(String)
    case dtype(DType)
    case slice(start: Int?, end: Int?, step: Int?)
    case ellipsis
    case none

    static func tensors(_ tensors: [Tensor]) -> Value { .list(tensors.map(Value.tensor)) }

    /// The tensors contained, in order of appearance.
    var tensors: [Tensor] {
        switch self {
        case .tensor(let tensor): [tensor]
        case .list(let items): items.flatMap(\.tensors)
        default: []
        }
    }
}

extension DType {
    init(torchName: String) throws {
        guard let dtype = DType.allCases.first(where: { $0.name == torchName }) else {
            throw Failure("dtype \(torchName) is not supported")
        }
        self = dtype
    }
}

/// Turns a case's JSON into values; tensors marked `requires_grad` become leaves, listed in order.
struct ValueReader {
    let tensors: CaseTensors
    let device: Device
    let isStrided: Bool
    /// Whether floating tensors become float64.
    var isDouble = false
    /// The 16-bit type that float32 tensors become, if one is requested.
    var reduced: DType?
    /// What replaces the leaves, in order.
    var replacements: [Tensor]?
    private(set) var leaves: [Tensor] = []
    /// The values of a program computed so far, by their numbers.
    var computed: [Int: Tensor] = [:]

    init(tensors: CaseTensors, options: Options) {
        self.tensors = tensors
        device = options.device
        isStrided = options.isStrided
    }

    mutating func value(_ json: JSON) throws -> Value {
        switch json {
        case .array(let items): return .list(try items.all.map { try value($0) })
        case .string(let text): return .string(text)
        case .integer(let value): return .integer(value)
        case .number(let value): return .number(value)
        case .boolean(let value): return .boolean(value)
        case .null: return .none
        case .object:
            if let name = json["tensor"]?.string {
                return .tensor(try tensor(name, json["requires_grad"]?.boolean ?? false))
            }
            if let number = json["value"]?.integer { return .tensor(try tensor(number)) }
            if let value = json.double { return .number(value) }
            if let name = json["dtype"]?.string {
                let dtype = try DType(torchName: name)
                return .dtype(isDouble && dtype.isFloatingPoint ? .float64 : dtype)
            }
            if json["ellipsis"] != nil { return .ellipsis }
            if let parts = json["slice"]?.array, parts.count == 3 {
                return .slice(start: parts[0].integer, end: parts[1].integer, step: parts[2].integer)
            }
            throw Failure("an unknown kind of object: \(json.members!.map(\.key))")
        }
    }

    /// A value of a program.
    func tensor(_ number: Int) throws -> Tensor {
        guard let tensor = computed[number] else { throw Failure("value \(number) is used before it is computed") }
        return tensor
    }

    private mutating func tensor(_ name: String, _ isLeaf: Bool) throws -> Tensor {
        var tensor = try tensors[name].to(device)
        if isDouble && tensor.dtype.isFloatingPoint { tensor = tensor.to(.float64) }
        if let reduced, tensor.dtype == .float32 { tensor = tensor.to(reduced) }
        if isStrided { tensor = tensor.scattered }
        guard isLeaf else { return tensor }
        leaves.append(replacements?[leaves.count] ?? tensor.requiringGradient())
        return leaves.last!
    }
}

extension Tensor {
    /// The same elements with gaps of one element between them in memory and the last axis outermost.
    fileprivate var scattered: Tensor {
        guard (1..<8).contains(rank), elementCount > 0 else { return self }
        let reversed = Array((0..<rank).reversed())
        let turned = permuted(reversed)
        return Tensor.stacked([turned, turned], axis: rank).selected(axis: rank, index: 0).permuted(reversed)
    }
}
