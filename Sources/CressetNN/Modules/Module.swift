import Cresset

/// A part of a network: a layer, or a class that contains layers.
///
/// Parts are found by reflection over stored properties that are ``Parameter``, ``Buffer``, `Module`, or arrays and
/// optionals of these. Names are those of PyTorch's state dicts: `runningMean` becomes `running_mean`, the third
/// element of `layers` becomes `layers.2`. Reflection runs when the structure is requested, never in a step.
///
/// ```swift
/// final class Classifier: Layer {
///     let hidden = Linear(784, 128)
///     let output = Linear(128, 10)
///     func forward(_ x: Tensor) -> Tensor { output(hidden(x).relu()) }
/// }
/// ```
public protocol Module: AnyObject, CustomStringConvertible {
    /// The name under which modules of this class are printed: the class's own by default.
    static var className: String { get }
    /// The text between the parentheses when the module is printed, as PyTorch writes it: `3, 64, kernel_size=7`.
    var details: String { get }
    /// Whether the module behaves as in training, set for a whole model with ``Module/train(_:)`` and ``Module/eval()``.
    ///
    /// A module for which it matters stores it: `var isTraining = true`. For other modules it is that of the first
    /// module inside that stores it; if there is none it traps, because any answer would be silently wrong.
    var isTraining: Bool { get set }
}

/// A module that maps one tensor to another.
///
/// A layer implements `forward`; callers write `layer(x)`, which lets hooks see the result.
public protocol Layer: Module {
    /// The computation of the layer. Call `layer(x)` instead: hooks see only that.
    ///
    /// - Parameter x: The input.
    func forward(_ x: Tensor) -> Tensor
}

extension Layer {
    /// The layer's result, reported to the hook of ``withForwardHook(_:body:)`` if there is one.
    ///
    /// - Parameter x: The input.
    public func callAsFunction(_ x: Tensor) -> Tensor {
        guard let hook = ForwardHook.current else { return forward(x) }
        return hook.result(of: self, x)
    }
}

extension Module {
    public static var className: String { String(describing: self) }
    public var details: String { "" }
    public var isTraining: Bool {
        get {
            guard let keeper = namedModules.first(where: { $0.module.keepsMode }) else {
                fatalError(
                    "\(Self.className) does not know whether it is training\n  hint: declare `var isTraining = true` in "
                        + "it; train() and eval() will set it")
            }
            return keeper.module.isTraining
        }
        set {}
    }

    /// Whether ``isTraining`` is a stored property.
    var keepsMode: Bool {
        mirrors.contains { $0.children.contains { $0.label == "isTraining" } }
    }

    /// The stored properties class by class, those of the superclasses first.
    private var mirrors: [Mirror] {
        sequence(first: Mirror(reflecting: self), next: \.superclassMirror).reversed()
    }
}

/// What a module contains under one name.
public enum Part {
    case parameter(Parameter)
    case buffer(Buffer)
    case module(any Module)
}

extension Module {
    /// The module's own parts, in the order of declaration.
    public var parts: [(name: String, part: Part)] {
        if let list = self as? any NamedParts { return list.namedParts.map { ($0.name, .module($0.module)) } }
        var parts: [(String, Part)] = []
        for level in mirrors {
            for child in level.children {
                guard let label = child.label else { continue }
                collect(child.value, as: stateDictName(label), into: &parts)
            }
        }
        return parts
    }

    private func collect(_ value: Any, as name: String, into parts: inout [(String, Part)]) {
        switch value {
        case let parameter as Parameter: parts.append((name, .parameter(parameter)))
        case let buffer as Buffer: parts.append((name, .buffer(buffer)))
        case let module as any Module: parts.append((name, .module(module)))
        case let modules as [any Module]:
            for (i, module) in modules.enumerated() { parts.append(("\(name).\(i)", .module(module))) }
        case let buffers as [Buffer]:
            for (i, buffer) in buffers.enumerated() { parts.append(("\(name).\(i)", .buffer(buffer))) }
        case let parameters as [Parameter]:
            for (i, parameter) in parameters.enumerated() { parts.append(("\(name).\(i)", .parameter(parameter))) }
        default:
            if Mirror(reflecting: value).holdsParts {
                fatalError(
                    "\(Self.className): the parts in \(name) would not be found\n  hint: store modules, parameters and "
                        + "buffers as properties, optionals or arrays; for custom names use Sequential(named:)")
            }
        }
    }

    /// Every module of the tree with its name, this one (named "") first.
    public var namedModules: [(name: String, module: any Module)] {
        var result: [(String, any Module)] = [("", self)]
        for (name, part) in parts {
            guard case .module(let module) = part else { continue }
            result += module.namedModules.map { ($0.name.isEmpty ? name : "\(name).\($0.name)", $0.module) }
        }
        return result
    }

    /// Every entry of the state dict in PyTorch's order: a module's parameters, its buffers, then its modules.
    ///
    /// A shared entry is listed once, under its first name, unless `duplicates`.
    func entries(duplicates: Bool = false) -> [(name: String, part: Part)] {
        var seen: Set<ObjectIdentifier> = []
        var result: [(String, Part)] = []
        func visit(_ module: any Module, _ prefix: String) {
            let parts = module.parts
            for (name, part) in parts {
                if case .parameter(let it) = part, duplicates || seen.insert(ObjectIdentifier(it)).inserted {
                    result.append((prefix + name, part))
                }
            }
            for (name, part) in parts {
                if case .buffer(let it) = part, duplicates || seen.insert(ObjectIdentifier(it)).inserted {
                    result.append((prefix + name, part))
                }
            }
            for (name, part) in parts {
                if case .module(let child) = part { visit(child, prefix + name + ".") }
            }
        }
        visit(self, "")
        return result
    }

    /// Every parameter of the tree with its state-dict name, shared ones once.
    public var namedParameters: [(name: String, parameter: Parameter)] {
        entries().compactMap { name, part in if case .parameter(let it) = part { (name, it) } else { nil } }
    }

    /// Every parameter of the tree, shared ones once.
    public var parameters: [Parameter] { namedParameters.map(\.parameter) }

    /// Every buffer of the tree with its state-dict name.
    public var namedBuffers: [(name: String, buffer: Buffer)] {
        entries().compactMap { name, part in if case .buffer(let it) = part { (name, it) } else { nil } }
    }

    /// The number of elements of all parameters.
    public var parameterCount: Int { parameters.reduce(0) { $0 + $1.elementCount } }

    /// Puts the whole tree into training mode, or out of it.
    ///
    /// - Parameter isTraining: Whether it is for training, or else for inference.
    @discardableResult
    public func train(_ isTraining: Bool = true) -> Self {
        for (_, module) in namedModules { module.isTraining = isTraining }
        return self
    }

    /// Puts the whole tree into evaluation mode: running statistics are used, nothing is dropped.
    @discardableResult
    public func eval() -> Self { train(false) }

    /// Calls `body` with every module of the tree, this one first.
    public func apply(_ body: (any Module) throws -> Void) rethrows {
        for (_, module) in namedModules { try body(module) }
    }

    /// Converts all floating-point parameters and buffers to `dtype`. Call it before creating an optimizer, whose state
    /// has the parameters' types.
    @discardableResult
    public func to(_ dtype: DType) -> Self {
        for parameter in parameters { parameter.value = withoutGradients { parameter.value.to(dtype) } }
        for (_, buffer) in namedBuffers where buffer.dtype.isFloatingPoint { buffer.value = buffer.value.to(dtype) }
        return self
    }

    /// Moves all parameters and buffers to `device`. They keep their identity: an optimizer continues with them, and
    /// moves its state at its next step.
    ///
    /// ```swift
    /// let model = try ModelZoo.make("resnet18").to(CUDA.isAvailable ? .cuda(0) : .cpu)
    /// ```
    @discardableResult
    public func to(_ device: Device) -> Self {
        withoutGradients {
            for parameter in parameters where parameter.device != device {
                parameter.replace(parameter.value.to(device))
            }
            for (_, buffer) in namedBuffers where buffer.device != device { buffer.replace(buffer.value.to(device)) }
        }
        return self
    }

    /// Freezes (or unfreezes) the parameters whose state-dict names match a pattern of letters and `*`; all if nil.
    ///
    /// A frozen parameter gets no gradient and no optimizer changes it. Batch normalisation also keeps its running
    /// statistics fixed while its parameters are all frozen. Traps if no name matches: a mistyped pattern would
    /// silently train everything.
    ///
    /// - Parameters:
    ///   - pattern: The names to match; `*` matches anything.
    ///   - isFrozen: Whether they are frozen.
    public func freeze(matching pattern: String? = nil, _ isFrozen: Bool = true) {
        let matching = namedParameters.filter { name, _ in pattern.map { name.matches(pattern: $0) } ?? true }
        if let pattern, matching.isEmpty {
            let names = namedParameters.map(\.name)
            fatalError(
                "freeze: no parameter matches \"\(pattern)\"\n  hint: their names are "
                    + names.prefix(10).joined(separator: ", ") + (names.count > 10 ? ", …" : ""))
        }
        for (_, parameter) in matching { parameter.requiresGradient = !isFrozen }
    }
}

extension Mirror {
    /// Whether a collection or tuple contains modules, parameters or buffers, at any depth.
    fileprivate var holdsParts: Bool {
        switch displayStyle {
        case .collection, .dictionary, .set, .tuple, .optional:
            // The first few elements show what a collection contains; checking a long one of numbers would be
            // expensive.
            children.prefix(8).contains { _, value in
                value is any Module || value is Parameter || value is Buffer || Mirror(reflecting: value).holdsParts
            }
        default: false
        }
    }
}

extension String {
    /// Whether the whole string matches a pattern in which `*` stands for any text.
    package func matches(pattern: String) -> Bool {
        let pieces = pattern.split(separator: "*", omittingEmptySubsequences: false)
        if pieces.count == 1 { return self == pattern }
        guard hasPrefix(pieces[0]), hasSuffix(pieces[pieces.count - 1]) else { return false }
        guard count >= pieces[0].count + pieces[pieces.count - 1].count else { return false }
        var rest = dropFirst(pieces[0].count).dropLast(pieces[pieces.count - 1].count)
        for piece in pieces.dropFirst().dropLast() where !piece.isEmpty {
            guard let range = rest.firstRange(of: piece) else { return false }
            rest = rest[range.upperBound...]
        }
        return true
    }
}

/// A container that names its modules itself: `Sequential`.
protocol NamedParts {
    var namedParts: [(name: String, module: any Module)] { get }
}

/// camelCase in PyTorch's spelling: `runningMean` becomes `running_mean`; capitalised names are kept (`AuxLogits`).
func stateDictName(_ label: String) -> String {
    let label = label.trimmingPrefix("$__lazy_storage_$_")
    var name = ""
    var previousIsLower = false
    let startsUpper = label.first?.isUppercase ?? false
    for character in label {
        if character.isUppercase && previousIsLower && !startsUpper { name += "_" }
        name += startsUpper ? String(character) : character.lowercased()
        previousIsLower = character.isLowercase || character.isNumber
    }
    return name
}
