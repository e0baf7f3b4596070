/// Gradients of a scalar, keyed by the leaf or tensor they belong to.
///
/// A value: there is no hidden `.grad` and nothing to reset to zero. Accumulate with `+=`, and pass it to an optimizer.
public struct Gradients: Sendable {
    @usableFromInline var entries: [ObjectIdentifier: Entry] = [:]
    /// Of leaves without an entry.
    private var sparseEntries: [ObjectIdentifier: SparseEntry] = [:]

    /// Of requested intermediate tensors: they are not parameters, so they are excluded from norms and counts.
    private var inner: [Edge.Position: Entry] = [:]

    /// Whether a ``GradientScaler`` has divided them by its scale.
    package var isUnscaled = false

    @usableFromInline struct Entry: Sendable {
        // Keeps the node alive, so that its address stays unique.
        var edge: Edge
        var tensor: Tensor
    }

    private struct SparseEntry: Sendable {
        var edge: Edge
        var rows: SparseRows
    }

    /// No gradients.
    public init() {}

    /// The gradient with respect to `tensor`: a leaf, or a tensor named when the gradients were computed.
    ///
    /// A row-sparse gradient (`rows(of:)`) is returned as a dense tensor.
    public subscript(_ tensor: Tensor) -> Tensor? {
        get {
            guard let edge = tensor.body.edge else { return nil }
            if let entry = inner[edge.position] { return entry.tensor }
            let key = ObjectIdentifier(edge.node)
            return entries[key]?.tensor ?? sparseEntries[key]?.rows.dense()
        }
        set {
            guard let edge = tensor.body.edge else {
                fail("Gradients", "the tensor of shape \(tensor.shape) is not a leaf", hint: "use requiringGradient()")
            }
            if !edge.node.isLeaf {
                inner[edge.position] = newValue.map { Entry(edge: edge, tensor: $0) }
                return
            }
            entries[ObjectIdentifier(edge.node)] = newValue.map { Entry(edge: edge, tensor: $0) }
            sparseEntries[ObjectIdentifier(edge.node)] = nil
        }
    }

    /// The gradient with respect to a table whose rows were looked up with `isSparse`, if nothing else was done with
    /// it; nil for others.
    ///
    /// - Parameter tensor: The table of an embedding.
    public func rows(of tensor: Tensor) -> SparseRows? {
        tensor.body.edge.flatMap { sparseEntries[ObjectIdentifier($0.node)]?.rows }
    }

    /// Sets the gradient of a table to row-sparse values.
    ///
    /// - Parameters:
    ///   - rows: The rows and their gradients.
    ///   - tensor: The table of an embedding.
    public mutating func setRows(_ rows: SparseRows, of tensor: Tensor) {
        guard let edge = tensor.body.edge else {
            fail("Gradients", "the tensor of shape \(tensor.shape) is not a leaf", hint: "use requiringGradient()")
        }
        entries[ObjectIdentifier(edge.node)] = nil
        sparseEntries[ObjectIdentifier(edge.node)] = SparseEntry(edge: edge, rows: rows)
    }

    mutating func add(_ rows: SparseRows, to edge: Edge) {
        let key = ObjectIdentifier(edge.node)
        if entries[key] != nil {
            entries[key]!.tensor += rows.dense()
        } else if let old = sparseEntries[key] {
            sparseEntries[key]!.rows = old.rows + rows
        } else {
            sparseEntries[key] = SparseEntry(edge: edge, rows: rows)
        }
    }

    mutating func add(_ gradient: Tensor, to edge: Edge) {
        let key = ObjectIdentifier(edge.node)
        if entries[key] != nil {
            entries[key]!.tensor += gradient
        } else if let sparse = sparseEntries.removeValue(forKey: key) {
            entries[key] = Entry(edge: edge, tensor: sparse.rows.dense() + gradient)
        } else {
            entries[key] = Entry(edge: edge, tensor: gradient)
        }
    }

    /// Records the gradient of an intermediate tensor.
    mutating func keep(_ gradient: Tensor, of edge: Edge) {
        inner[edge.position] = Entry(edge: edge, tensor: gradient)
    }

    /// Lets the hooks of a leaf see, and replace, its gradient.
    mutating func applyHooks(of node: Node) {
        let key = ObjectIdentifier(node)
        guard let hooks = node.hooks, let gradient = entries[key]?.tensor ?? sparseEntries[key]?.rows.dense() else {
            return
        }
        sparseEntries[key] = nil
        entries[key] = Entry(edge: Edge(node), tensor: hooks.applied(to: gradient, slot: 0))
    }

    /// The leaves that have a gradient and hooks.
    var hookedLeaves: [Node] {
        (entries.values.map(\.edge.node) + sparseEntries.values.map(\.edge.node))
            .filter { $0.hooks != nil }.sorted { $0.sequence > $1.sequence }
    }

    /// The number of leaves that have a gradient.
    public var count: Int { entries.count + sparseEntries.count }

    /// Adds gradients leaf by leaf, to accumulate over several batches.
    ///
    /// Traps if only one of them has been unscaled by a gradient scaler.
    public static func += (a: inout Gradients, b: Gradients) {
        if a.count == 0 { a.isUnscaled = b.isUnscaled }
        if a.isUnscaled != b.isUnscaled && b.count > 0 {
            fail("Gradients", "scaled gradients cannot be added to unscaled ones", hint: "unscale both, or the sum")
        }
        for entry in b.entries.values { a.add(entry.tensor, to: entry.edge) }
        for entry in b.sparseEntries.values { a.add(entry.rows, to: entry.edge) }
        for (position, entry) in b.inner {
            if a.inner[position] == nil { a.inner[position] = entry } else { a.inner[position]!.tensor += entry.tensor }
        }
    }

    /// Replaces every gradient, for scaling and clipping. For a row-sparse gradient only the rows are passed.
    ///
    /// - Parameter transform: Returns the replacement for each gradient.
    public mutating func mapInPlace(_ transform: (Tensor) -> Tensor) {
        for key in entries.keys { entries[key]!.tensor = transform(entries[key]!.tensor) }
        for key in inner.keys { inner[key]!.tensor = transform(inner[key]!.tensor) }
        for key in sparseEntries.keys { sparseEntries[key]!.rows = sparseEntries[key]!.rows.mapped(transform) }
    }

    /// Lends the memory of all gradients for changing in place, by device, without gaps and uniquely owned.
    mutating func withOperands(_ body: ([(device: Device, operands: [Operand])]) -> Void) {
        var groups: [(device: Device, operands: [Operand])] = []
        func add(_ gradient: inout Tensor) {
            let place = groups.firstIndex { $0.device == gradient.device } ?? groups.count
            if place == groups.count { groups.append((gradient.device, [])) }
            groups[place].operands.append(gradient.ownedOperand())
        }
        // A loop over the dictionary itself would hold a second reference to every tensor, and each would be copied.
        for key in Array(entries.keys) { add(&entries[key]!.tensor) }
        for key in Array(inner.keys) { add(&inner[key]!.tensor) }
        for key in Array(sparseEntries.keys) {
            sparseEntries[key]!.rows = sparseEntries[key]!.rows.mapped { rows in
                var rows = rows
                add(&rows)
                return rows
            }
        }
        body(groups)
    }

    /// The gradients of all leaves, in the order in which these were created. For a row-sparse gradient only the rows.
    public var tensors: [Tensor] {
        let dense = entries.values.map { ($0.edge.node.sequence, $0.tensor) }
        let sparse = sparseEntries.values.map { ($0.edge.node.sequence, $0.rows.coalesced().values) }
        return (dense + sparse).sorted { $0.0 < $1.0 }.map(\.1)
    }
}

extension Tensor {
    /// The gradients of this tensor with respect to every leaf it was computed from.
    ///
    /// The tape is consumed, and what it saved is freed as the sweep proceeds, unless `retainsGraph` or `createsGraph`
    /// is set. Two tasks must not sweep tapes that share a part at the same time.
    /// - Parameters:
    ///   - seed: The gradient of this tensor itself; 1 for a scalar. Traps if nil and there is more than one element.
    ///   - tensors: Intermediate tensors whose gradients are also needed.
    ///   - retainsGraph: Whether the tape is kept for another sweep.
    ///   - createsGraph: Whether the sweep is itself recorded, for higher derivatives.
    public func gradients(
        seed: Tensor? = nil, withRespectTo tensors: [Tensor] = [], retainsGraph: Bool = false,
        createsGraph: Bool = false
    ) -> Gradients {
        guard let edge = body.edge else {
            fail(
                "gradients", "this tensor was not computed from anything that requires a gradient",
                hint: "was it computed inside withoutGradients, or from detached tensors, or is every parameter frozen?"
            )
        }
        guard seed != nil || elementCount == 1 else {
            fail(
                "gradients", "a tensor of shape \(shape) is not a scalar",
                hint: "reduce it with sum() or mean(), or give a seed")
        }
        require(sameDevice: seed, "gradients")
        if let seed, seed.shape != shape {
            fail("gradients", "the seed has shape \(seed.shape), but the tensor \(shape)")
        }
        // Derivatives are computed in the types of the forward pass.
        return withAutocast(nil) {
            withRecording(createsGraph) {
                var sweep = Sweep(wanted: tensors, keepsTape: retainsGraph || createsGraph)
                sweep.countLeaves(from: edge.node)
                sweep.add(seed ?? .ones(like: self), to: edge)
                sweep.run()
                return sweep.result
            }
        }
    }
}
