import Cresset
import CressetNN

/// How the head of one network is reused by a network for other classes.
///
/// Classes are matched by name. The row of a class that the weights do not know keeps the new network's random numbers;
/// without names only the number of classes can be compared.
package struct HeadTransfer {
    /// The weights, with a head for the new classes.
    package let state: StateDict
    /// What to report about it.
    package let remark: String

    /// Matches the classes of `state` with those of a network.
    ///
    /// - Parameters:
    ///   - state: The weights, under the network's names.
    ///   - known: The classes of the weights, if they are recorded.
    ///   - model: The new network, whose random numbers are used where the weights do not know a class.
    ///   - classes: The new network's classes.
    package init(_ state: StateDict, known: [String]?, model: any ClassificationModel, classes: [String]) {
        guard let count = HeadTransfer.classCount(state, model), known == nil || known?.count == count else {
            // What does not fit is reported when the weights are loaded.
            (self.state, remark) = (state, "")
            return
        }
        let entries = HeadTransfer.entries(of: model)
        guard let known else {
            let fits = count == classes.count
            self.state = fits ? state : HeadTransfer.replacing(entries, in: state)
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
            self.state = HeadTransfer.replacing(entries, in: state)
            remark = "new head, since its classes were \(Failure.list(known))"
            return
        }
        self.state = HeadTransfer.permuting(entries, in: state, rows, count)
        remark =
            new.isEmpty
            ? "head matched by class name"
            : "head kept for \(Failure.list(kept)), new for \(Failure.list(new))"
    }

    /// The number of classes in `state`, if its heads are of the network's kind and agree.
    static func classCount(_ state: StateDict, _ model: any ClassificationModel) -> Int? {
        let shapes = entries(of: model).map { (state[$0.name]?.shape, $0.tensor.shape) }
        let isOfItsKind = shapes.allSatisfy { theirs, ours in
            guard let theirs else { return false }
            return theirs.count == ours.count && theirs.dropFirst().elementsEqual(ours.dropFirst())
        }
        let counts = Set(shapes.compactMap { $0.0?.first })
        return isOfItsKind && counts.count == 1 ? counts.first : nil
    }

    /// The weights and biases of all heads, whose first axis is that of the classes.
    private static func entries(of model: any ClassificationModel) -> [(name: String, tensor: Tensor)] {
        model.heads.flatMap { head in head.layer.stateDict().map { ("\(head.name).\($0.name)", $0.tensor) } }
    }

    /// `state` with other heads.
    private static func replacing(_ heads: [(name: String, tensor: Tensor)], in state: StateDict) -> StateDict {
        var state = state
        for (name, own) in heads { state[name] = own }
        return state
    }

    /// `state` with heads made of its rows in the order of `rows`; for nil, of the network's own row.
    private static func permuting(
        _ heads: [(name: String, tensor: Tensor)], in state: StateDict, _ rows: [Int?], _ count: Int
    ) -> StateDict {
        var state = state
        let indices = Tensor(rows.enumerated().map { Int64($1 ?? count + $0) }, shape: [rows.count])
        for (name, own) in heads {
            guard let theirs = state[name] else { continue }
            let all = Tensor.concatenated([theirs.to(own.dtype), own], axis: 0)
            state[name] = withoutGradients { all.indexSelect(axis: 0, indices: indices) }
        }
        return state
    }
}
