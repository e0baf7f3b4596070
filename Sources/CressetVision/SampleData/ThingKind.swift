import CressetData

/// A kind of object that can be drawn, by the name of its class.
struct ThingKind: Sendable {
    let name: String
    /// One of the kind; colours and proportions differ.
    let make: @Sendable (inout SampleRandom) -> Thing

    init(_ name: String, _ make: @escaping @Sendable (inout SampleRandom) -> Thing) {
        self.name = name
        self.make = make
    }

    /// All kinds, toys first.
    static let all = Toys.kinds + Household.kinds
}

extension [ThingKind] {
    /// An object of one of the kinds, at random.
    func any(_ random: inout SampleRandom) -> Thing { self[random.integer(below: count)].make(&random) }
}
