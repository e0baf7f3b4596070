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
