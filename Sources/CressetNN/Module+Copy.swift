import Cresset

extension Module {
    /// A deep copy: another model of the same structure with the same values, which train apart from now on.
    ///
    /// Swift cannot repeat an initialiser it was not told of, so the structure is made once more by `makeStructure`,
    /// without drawing from the random generator. Parameters, buffers, what is frozen and the modes of all modules are
    /// taken over; memory is shared until one of the two changes. Tensors that the structure shares stay shared.
    ///
    /// ```swift
    /// let teacher = try student.copy { ResNet.resnet18(classes: 10) }
    /// ```
    /// - Throws: `StateDict.Mismatch` where the structure made is another.
    public func copy(_ makeStructure: () throws -> Self) throws -> Self {
        let copy = try Generator.$current.withValue(Generator()) { try makeStructure() }
        try copy.load(stateDict())
        // By names: what one of the two shares and the other does not must not shift the rest.
        let others = Dictionary(copy.entries(duplicates: true).map { ($0.name, $0.part) }) { first, _ in first }
        for (name, own) in entries(duplicates: true) {
            switch (own, others[name]) {
            case (.parameter(let own), .parameter(let other)):
                other.replace(withoutGradients { own.value })
                other.requiresGradient = own.requiresGradient
            case (.buffer(let own), .buffer(let other)): other.replace(own.value)
            default: break
            }
        }
        for ((_, own), (_, other)) in zip(namedModules, copy.namedModules) where own.keepsMode {
            other.isTraining = own.isTraining
        }
        return copy
    }
}
