import Cresset

extension Module {
    /// A deep copy: another model of the same structure with the same values; from now on the two train independently.
    ///
    /// Swift cannot repeat an unknown initialiser, so `makeStructure` creates the structure again, without drawing from
    /// the random generator. Parameters, buffers, frozen flags and the modes of all modules are copied over; memory is
    /// shared until one of the two changes. Tensors that the structure shares stay shared.
    ///
    /// ```swift
    /// let teacher = try student.copy { ResNet(.basic, layers: [2, 2, 2, 2], classes: 10) }
    /// ```
    /// - Throws: `StateDict.Mismatch` if the new structure differs.
    public func copy(_ makeStructure: () throws -> Self) throws -> Self {
        let copy = try Generator.$current.withValue(Generator()) { try makeStructure() }
        try copy.load(stateDict())
        // By name, so that sharing in one of the two but not in the other does not shift the rest.
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
