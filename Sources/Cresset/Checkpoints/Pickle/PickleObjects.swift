import CressetBackend

extension PickleMachine {
    /// Names, calls and persistent objects.
    mutating func performObject(_ opcode: UInt8) throws(CheckpointError) {
        switch opcode {
        case UInt8(ascii: "c"):
            try pushGlobal()
        case 0x93:
            let (second, first) = (try pop(), try pop())
            guard let module = shortString(first), let name = shortString(second) else {
                throw CheckpointError(.corrupt, "its pickle names a class by what is not a string")
            }
            line = Array(module.utf8)
            try pushGlobal(moduleCount: line.count, name)
        case UInt8(ascii: "R"), 0x81:
            let arguments = try pop()
            try call(pop(), arguments)
        case 0x92:
            _ = try pop()
            let arguments = try pop()
            try call(pop(), arguments)
        case UInt8(ascii: "i"):
            let arguments = try make(makeTuple(popToMark()))
            try pushGlobal()
            try call(pop(), arguments)
        case UInt8(ascii: "o"):
            let items = try popToMark()
            guard let callee = items.first else { throw Self.underflow }
            try call(callee, make(makeTuple(Array(items.dropFirst()))))
        case UInt8(ascii: "b"):
            let state = try pop()
            try build(top(), state)
        case UInt8(ascii: "Q"): try pushPersistent(pop())
        case UInt8(ascii: "P"): try pushPersistent(make(.text(readLine())))
        default:
            throw CheckpointError(
                .corrupt,
                "its pickle has the operation 0x\(String(opcode, radix: 16)) at byte \(reader.filePosition - 1), which no weight file needs"
            )
        }
    }

    /// Reads the two lines that name a class or function, and pushes it.
    private mutating func pushGlobal() throws(CheckpointError) {
        line.removeAll(keepingCapacity: true)
        try appendShortLine("a name")
        try pushGlobal(moduleCount: line.count, nil)
    }

    /// Pushes the value named by the module in ``line`` and `name`, or by the name on the next line.
    private mutating func pushGlobal(moduleCount: Int, _ name: String?) throws(CheckpointError) {
        line.append(UInt8(ascii: "\n"))
        if let name { line.append(contentsOf: name.utf8) } else { try appendShortLine("a name") }
        if let known = globals[line] {
            try push(known)
            return
        }
        let reference = try global(
            module: String(decoding: line[..<moduleCount], as: UTF8.self),
            name: String(decoding: line[(moduleCount + 1)...], as: UTF8.self))
        globals[line] = reference
        try push(reference)
    }

    /// The value that a name refers to.
    private mutating func global(module: String, name: String) throws(CheckpointError) -> Reference {
        if PickleGlobal.isHostile(module: module, name: name) {
            throw CheckpointError(
                .hostile,
                "refused: loading it in Python would call \(printable(module, limit: 60)).\(printable(name, limit: 60))",
                hint: "it is not a plain weight file; nothing in it was executed; get weights from a source you trust")
        }
        guard names.count < Self.nameLimit, globals.count < Self.nameLimit else {
            throw CheckpointError(.corrupt, "its pickle names more than \(Self.nameLimit) classes and functions")
        }
        let global =
            arrayGlobal(module: module, name: name) ?? PickleGlobal.named(module: module, name: name) { intern($0) }
        return try make(.global(global))
    }

    /// What calling `callee` in Python would create, as data.
    private mutating func call(_ callee: Reference, _ arguments: Reference) throws(CheckpointError) {
        if case .opaque = value(callee) {
            try push(callee)
            return
        }
        guard case .global(let global) = value(callee) else {
            throw CheckpointError(.corrupt, "its pickle calls what cannot be called")
        }
        // Nothing in the table takes many arguments; a long tuple called repeatedly would cost quadratic time.
        guard let items = items(arguments), items.count <= 64 else {
            throw CheckpointError(.corrupt, "its pickle calls a function without a short tuple of arguments")
        }
        try push(result(of: global, Array(items)))
    }

    private mutating func result(of global: PickleGlobal, _ items: [Reference]) throws(CheckpointError) -> PickleValue {
        switch global {
        case .dictionaryType: return try makeDictionary(from: items)
        case .listType: return makeList(try copiedItems(items.first))
        case .setType: return .set
        case .tupleType: return try makeTuple(copiedItems(items.first))
        case .rebuildTensor, .rebuildTensorV2, .rebuildTensorV3: return try rebuildTensor(by: global, items)
        case .rebuildParameter, .parameterType:
            guard let first = items.first else { return .emptyParameter }
            switch value(first) {
            case .tensor, .unreadableTensor, .opaque: return value(first)
            case .none: return .emptyParameter
            default: throw CheckpointError(.corrupt, "its pickle makes a parameter from what is not a tensor")
            }
        case .rebuildFromType: return try rebuildFromType(items)
        case .rebuildDeviceTensor: return try rebuildDeviceTensor(items)
        case .uninitializedType: return try unreadable(.uninitialized)
        case .tensorType: return .opaque(intern("torch.Tensor"))
        case .newObject:
            guard let first = items.first, case .global(let type) = value(first) else {
                throw CheckpointError(.corrupt, "its pickle makes an object of no class")
            }
            if case .newObject = type { throw CheckpointError(.corrupt, "its pickle makes an object of no class") }
            return try result(of: type, Array(items.dropFirst()))
        case .encode:
            guard let first = items.first, case .text(let text) = value(first) else { return .none }
            return .bytes(text)
        case .rebuildArray: return try makeArray()
        case .arrayElement: return makeArrayElement(items)
        case .storageType, .untypedStorage, .dtype: return .opaque(intern("torch storage"))
        case .foreignType(let name, _): return .opaque(name)
        case .rebuildForeign(let kind): return try unreadable(.rebuilt(by: names[Int(kind)]))
        case .opaque(let name): return .opaque(name)
        }
    }

    /// `OrderedDict([[key, value], …])`, as Python 2 wrote it, or an empty one.
    private mutating func makeDictionary(from items: [Reference]) throws(CheckpointError) -> PickleValue {
        let dictionary = makeDictionary()
        guard case .dictionary(let index) = dictionary else { return dictionary }
        for argument in items {
            if case .dictionary(let other) = value(argument) {
                try charge(dictionaries[Int(other)].count)
                dictionaries[Int(index)] = dictionaries[Int(other)]
            }
            for pair in try copiedItems(argument) {
                guard let pair = self.items(pair), pair.count == 2 else {
                    throw CheckpointError(.corrupt, "its pickle makes a dictionary of what are not pairs")
                }
                dictionaries[Int(index)].append((pair[pair.startIndex], pair[pair.startIndex + 1]))
            }
        }
        return dictionary
    }

    /// The items of a tuple or list that is copied into another one, counted against the budget.
    private mutating func copiedItems(_ reference: Reference?) throws(CheckpointError) -> [Reference] {
        guard let reference, let items = items(reference) else { return [] }
        try charge(items.count)
        return Array(items)
    }

    /// Counts copied items: a few bytes can name a long list over and over.
    private mutating func charge(_ count: Int) throws(CheckpointError) {
        copiesLeft -= count
        guard copiesLeft >= 0 else {
            throw CheckpointError(.corrupt, "its pickle copies its lists to more items than fit")
        }
    }

    private mutating func build(_ target: Reference, _ state: Reference) throws(CheckpointError) {
        switch value(target) {
        case .emptyParameter:
            // Parameters of 2016: (tensor, gradient, hooks, requires_grad, volatile).
            guard let first = items(state)?.first else { return }
            if case .tensor = value(first) { values[Int(target)] = value(first) }
        case .array(let index): try build(array: index, state)
        case .tensor, .unreadableTensor, .dictionary, .list, .opaque, .set: break
        default: throw CheckpointError(.corrupt, "its pickle gives a state to what has none")
        }
    }
}
