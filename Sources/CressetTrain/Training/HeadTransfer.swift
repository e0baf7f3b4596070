import Cresset

/// How the last layer of one network is reused by a network for other classes.
///
/// Classes are matched by name. The row of a class that the weights do not know keeps the new network's random numbers;
/// without names only the number of classes can be compared.
package struct HeadTransfer {
    /// The weights, with a head for the new classes.
    package let state: StateDict
    /// What to report about it.
    package let remark: String

    private static let names = ["fc.weight", "fc.bias"]

    /// - Parameters:
    ///   - state: The weights, under the network's names.
    ///   - known: The classes of the weights, if they are recorded.
    ///   - own: The new network's values.
    ///   - classes: The new network's classes.
    package init(_ state: StateDict, known: [String]?, own: StateDict, classes: [String]) {
        guard let count = HeadTransfer.classCount(state, own), known == nil || known?.count == count else {
            // What does not fit is reported when the weights are loaded.
            (self.state, remark) = (state, "")
            return
        }
        guard let known else {
            let fits = count == classes.count
            self.state = fits ? state : HeadTransfer.head(of: own, in: state)
            remark = fits ? "head as in the file" : "new head"
            return
        }
        if known == classes {
            (self.state, remark) = (state, "the same classes")
            return
        }
        let positions = Dictionary(zip(known, known.indices), uniquingKeysWith: { first, _ in first })
        let rows = classes.map { positions[$0] }
        let (kept, new) = (classes.filter { positions[$0] != nil }, classes.filter { positions[$0] == nil })
        if kept.isEmpty {
            self.state = HeadTransfer.head(of: own, in: state)
            remark = "new head, since its classes were \(Failure.list(known))"
            return
        }
        self.state = HeadTransfer.permuted(state, own, rows, count)
        remark =
            new.isEmpty
            ? "head matched by class name"
            : "head kept for \(Failure.list(kept)), new for \(Failure.list(new))"
    }

    /// The number of classes in `state`, if its head is of the network's kind.
    static func classCount(_ state: StateDict, _ own: StateDict) -> Int? {
        let shapes = names.map { (state[$0]?.shape, own[$0]?.shape) }
        let isOfItsKind = shapes.allSatisfy { theirs, ours in
            guard let theirs, let ours else { return false }
            return theirs.count == ours.count && theirs.dropFirst().elementsEqual(ours.dropFirst())
        }
        let counts = Set(shapes.compactMap { $0.0?.first })
        return isOfItsKind && counts.count == 1 ? counts.first : nil
    }

    /// `state` with the head of `own`.
    private static func head(of own: StateDict, in state: StateDict) -> StateDict {
        var state = state
        for name in names { state[name] = own[name] }
        return state
    }

    /// `state` with a head made of its rows in the order of `rows`; for nil, of the row of `own`.
    private static func permuted(_ state: StateDict, _ own: StateDict, _ rows: [Int?], _ count: Int) -> StateDict {
        var state = state
        let indices = Tensor(rows.enumerated().map { Int64($1 ?? count + $0) }, shape: [rows.count])
        for name in names {
            guard let theirs = state[name], let ours = own[name] else { continue }
            let all = Tensor.concatenated([theirs.to(ours.dtype), ours], axis: 0)
            state[name] = withoutGradients { all.indexSelect(axis: 0, indices: indices) }
        }
        return state
    }
}
