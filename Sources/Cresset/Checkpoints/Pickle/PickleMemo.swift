/// The values that a pickle has stored for later use, by number.
///
/// Picklers count from zero, so an array is enough for nearly all; a number far beyond its end is kept in a dictionary.
struct PickleMemo {
    private var dense: [PickleValue.Reference] = []
    private var sparse: [Int: PickleValue.Reference] = [:]
    /// The number of stored values.
    private(set) var count = 0

    private static let empty: PickleValue.Reference = -1
    private static let largestGap = 16

    mutating func removeAll() {
        dense.removeAll(keepingCapacity: true)
        sparse.removeAll()
        count = 0
    }

    subscript(key: Int) -> PickleValue.Reference? {
        get {
            guard dense.indices.contains(key) else { return sparse[key] }
            return dense[key] == Self.empty ? sparse[key] : dense[key]
        }
        set {
            guard let newValue else { return }
            if self[key] == nil { count += 1 }
            if key < dense.count, sparse[key] == nil {
                dense[key] = newValue
            } else if key >= dense.count, key <= dense.count + Self.largestGap, sparse[key] == nil {
                dense.append(contentsOf: repeatElement(Self.empty, count: key - dense.count))
                dense.append(newValue)
            } else {
                sparse[key] = newValue
            }
        }
    }
}
