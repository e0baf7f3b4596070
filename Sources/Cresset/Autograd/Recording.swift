extension Tensor {
    /// Whether gradients flow through this tensor.
    @inlinable public var requiresGradient: Bool { body.edge != nil }

    /// The same elements as a leaf of the tape, so that gradients with respect to it can be computed.
    ///
    /// Traps for integer and bool tensors.
    public func requiringGradient() -> Tensor {
        guard dtype.isFloatingPoint else {
            fail("requiringGradient", "a \(dtype) tensor has no gradient", hint: "convert it to a floating-point dtype")
        }
        let leaf = window(shape: shape, strides: strides)
        leaf.body.edge = Edge(Node("leaf", .leaf, first: nil))
        return leaf
    }

    /// A leaf without elements, to mark tensors with: it identifies a parameter whose value changes.
    package static func gradientLeaf() -> Tensor {
        Tensor.uninitialized([0], dtype: .float32, device: .cpu).requiringGradient()
    }

    /// This tensor, marked as the leaf `marker`.
    package func asLeaf(_ marker: Tensor) -> Tensor {
        guard dtype.isFloatingPoint else {
            fail("Parameter", "a \(dtype) tensor has no gradient", hint: "keep integers in a Buffer")
        }
        let leaf = window(shape: shape, strides: strides)
        leaf.body.edge = marker.body.edge
        return leaf
    }

    /// Whether an operator on these tensors should be recorded.
    @inlinable static func records(_ x: Tensor) -> Bool { x.body.edge != nil && Mode.current.records }
    @inlinable static func records(_ x: Tensor, _ y: Tensor) -> Bool {
        (x.body.edge != nil || y.body.edge != nil) && Mode.current.records
    }

    // Each of these takes the fresh result of an operator as `self` and connects it to the operator's inputs.

    @usableFromInline func recorded(
        _ name: StaticString, _ x: Tensor, _ gradient: @escaping @Sendable (Tensor) -> Tensor
    ) -> Tensor {
        guard Tensor.records(x) else { return self }
        return connected(Node(name, .unary(gradient), first: x.body.edge))
    }

    /// A rule that returns the gradient of a table's rows.
    func recordedRows(
        _ name: StaticString, _ x: Tensor, _ gradient: @escaping @Sendable (Tensor) -> SparseRows
    ) -> Tensor {
        guard Tensor.records(x) else { return self }
        return connected(Node(name, .rows(gradient), first: x.body.edge))
    }

    /// The rule receives the gradient and the result.
    @usableFromInline func recordedWithResult(
        _ name: StaticString, _ x: Tensor, _ gradient: @escaping @Sendable (Tensor, Tensor) -> Tensor
    ) -> Tensor {
        guard Tensor.records(x) else { return self }
        return connected(Node(name, .unaryWithResult(self, gradient), first: x.body.edge))
    }

    /// A rule for each of the two inputs; only those that are needed run.
    @usableFromInline func recorded(
        _ name: StaticString, _ x: Tensor, _ y: Tensor, _ gradientX: @escaping @Sendable (Tensor) -> Tensor,
        _ gradientY: @escaping @Sendable (Tensor) -> Tensor
    ) -> Tensor {
        guard Tensor.records(x, y) else { return self }
        return connected(Node(name, .binary(gradientX, gradientY), first: x.body.edge, second: y.body.edge))
    }

    @usableFromInline func recorded(
        _ name: StaticString, _ inputs: [Tensor], _ gradients: @escaping @Sendable (Tensor) -> [Tensor?]
    ) -> Tensor {
        guard inputs.contains(where: \.requiresGradient), Mode.current.records else { return self }
        return connected(Node(name, .many(gradients), first: nil, others: inputs.map(\.body.edge)))
    }

    /// A rule for all inputs to which the gradient may come as two tensors to be added.
    func recordedInParts(
        _ name: StaticString, _ inputs: [Tensor],
        _ gradients: @escaping @Sendable (consuming Tensor, Tensor?) -> [Tensor?]
    ) -> Tensor {
        guard inputs.contains(where: \.requiresGradient), Mode.current.records else { return self }
        return connected(Node(name, .parts(gradients), first: nil, others: inputs.map(\.body.edge)))
    }

    /// Connects several results of one operator; the rule receives a gradient for each, nil if a result was not used.
    @usableFromInline static func recorded(
        _ name: StaticString, results: [Tensor], _ inputs: [Tensor],
        _ gradients: @escaping @Sendable ([Tensor?]) -> [Tensor?]
    ) -> [Tensor] {
        guard inputs.contains(where: \.requiresGradient), Mode.current.records else { return results }
        let count = results.count
        // The sweep knows the results up to the last one used.
        let rule: @Sendable ([Tensor?]) -> [Tensor?] = {
            gradients($0 + [Tensor?](repeating: nil, count: count - $0.count))
        }
        let node = Node(name, .bundle(rule), first: nil, others: inputs.map(\.body.edge))
        return results.enumerated().map { slot, result in
            guard result.dtype.isFloatingPoint else { return result }
            if AnomalyLog.isOpen { AnomalyLog.inspect(result, .result, of: name) }
            let body = result.window(shape: result.shape, strides: result.strides).body
            body.edge = Edge(node, slot: slot)
            return Tensor(body: body)
        }
    }

    /// The rule receives the gradient and the result, and returns the gradients of any number of inputs.
    func recordedWithResult(
        _ name: StaticString, _ inputs: [Tensor], _ gradients: @escaping @Sendable (Tensor, Tensor) -> [Tensor?]
    ) -> Tensor {
        guard inputs.contains(where: \.requiresGradient), Mode.current.records else { return self }
        return connected(Node(name, .manyWithResult(self, gradients), first: nil, others: inputs.map(\.body.edge)))
    }

    /// A result that is recomputed for its gradients; recorded whatever the inputs are.
    func recordedForRecomputation(
        _ name: StaticString, _ inputs: [Tensor], _ sweep: @escaping @Sendable (Tensor) -> Sweep
    ) -> Tensor {
        connected(Node(name, .recomputed(sweep), first: nil, others: inputs.map(\.body.edge)))
    }

    // A new body, because the rule may hold the unconnected result.
    private func connected(_ node: Node) -> Tensor {
        if AnomalyLog.isOpen { AnomalyLog.inspect(self, .result, of: node.name) }
        return Tensor(
            body: TensorBody(
                storage: body.storage, pointer: body.pointer, shape: shape, strides: strides, dtype: dtype,
                device: device, edge: Edge(node)))
    }
}
