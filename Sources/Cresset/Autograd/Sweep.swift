/// One backward pass: nodes in descending order of their sequence, each with the gradients that have reached it.
@usableFromInline struct Sweep {
    struct Pending {
        let node: Node
        var gradient: Tensor?  // slot 0
        /// What is still to be added to `gradient`, for a rule that takes two parts.
        var part: Tensor?
        var others: [Tensor?] = []  // slots 1…

        /// Adds the parts: for whoever reads the gradient before the rule does.
        mutating func join() {
            if let rest = part.take() { gradient! += rest }
        }

        mutating func apply(_ hooks: GradientHooks) {
            gradient = gradient.map { hooks.applied(to: $0, slot: 0) }
            for i in others.indices { others[i] = others[i].map { hooks.applied(to: $0, slot: i + 1) } }
        }
    }

    private(set) var result = Gradients()
    /// Gradients of tensors from before `floor`, with which the enclosing sweep continues.
    private(set) var outside: [(edge: Edge, gradient: Tensor)] = []
    private let keepsTape: Bool
    /// Nodes with a smaller sequence belong to the enclosing sweep.
    private let floor: UInt64
    private var countdown: LeafCountdown?
    /// The operator whose gradients are checked for NaN.
    private var inspected: StaticString?
    private var wanted: [ObjectIdentifier: Set<Int>] = [:]
    private var waiting: [ObjectIdentifier: Pending] = [:]
    private var heap: [Node] = []

    init(wanted tensors: [Tensor], keepsTape: Bool, floor: UInt64 = 0) {
        for edge in tensors.compactMap(\.body.edge) {
            wanted[ObjectIdentifier(edge.node), default: []].insert(edge.slot)
        }
        self.keepsTape = keepsTape
        self.floor = floor
    }

    /// Determines when the gradients of leaves with hooks will be complete.
    mutating func countLeaves(from root: Node) { countdown = LeafCountdown(from: root) }

    mutating func add(_ gradient: Tensor, to edge: Edge) {
        if let inspected { AnomalyLog.inspect(gradient, .gradient, of: inspected) }
        if edge.node.isLeaf { return result.add(gradient, to: edge) }
        if edge.node.sequence < floor { return outside.append((edge, gradient)) }
        let key = ObjectIdentifier(edge.node)
        if waiting[key] == nil {
            waiting[key] = Pending(node: edge.node)
            push(edge.node)
        }
        if edge.slot == 0 {
            if edge.node.takesParts, !recordsGradients, let first = waiting[key]!.gradient,
                first.dtype == gradient.dtype
            {
                waiting[key]!.join()
                waiting[key]!.part = gradient
                return
            }
            accumulate(gradient, into: &waiting[key]!.gradient)
        } else {
            while waiting[key]!.others.count < edge.slot { waiting[key]!.others.append(nil) }
            accumulate(gradient, into: &waiting[key]!.others[edge.slot - 1])
        }
    }

    private func accumulate(_ gradient: Tensor, into sum: inout Tensor?) {
        guard let old = sum.take() else {
            sum = gradient
            return
        }
        var new = old
        new += gradient
        sum = new
    }

    mutating func run() {
        while let node = pop() {
            let key = ObjectIdentifier(node)
            guard var pending = waiting.removeValue(forKey: key) else { continue }
            if node.hooks != nil || wanted[key] != nil { pending.join() }
            if let hooks = node.hooks { pending.apply(hooks) }
            keepWanted(node, pending)
            inspected = AnomalyLog.isOpen ? node.name : nil
            step(node, consume pending)
            for leaf in countdown?.passed(node) ?? [] { result.applyHooks(of: leaf) }
            if !keepsTape { node.spend() }
        }
        // Leaves that no gradient flowed to, or that only a recomputation led to.
        if let countdown {
            for leaf in result.hookedLeaves where !countdown.isDone(leaf) { result.applyHooks(of: leaf) }
        }
    }

    /// Records the gradients of the requested results of `node`.
    private mutating func keepWanted(_ node: Node, _ pending: Pending) {
        guard let slots = wanted[ObjectIdentifier(node)] else { return }
        for slot in slots {
            let gradient = slot == 0 ? pending.gradient : pending.others.count >= slot ? pending.others[slot - 1] : nil
            if let gradient { result.keep(gradient, of: Edge(node, slot: slot)) }
        }
    }

    private mutating func step(_ node: Node, _ pending: consuming Pending) {
        switch node.rule {
        case .leaf: break
        case .spent:
            fail(
                "gradients", "the tape of \(node.name) was already used up by an earlier sweep",
                hint: "pass retainsGraph: true to the first call")
        case .unary(let rule):
            if let edge = node.first { add(rule(pending.gradient!), to: edge) }
        case .rows(let rule):
            guard let edge = node.first else { return }
            if recordsGradients && pending.gradient!.requiresGradient {
                fail(
                    "\(node.name)", "a row-sparse gradient has no derivative",
                    hint: "do not use isSparse if you need second derivatives")
            }
            let rows = rule(pending.gradient!)
            if edge.node.isLeaf { result.add(rows, to: edge) } else { add(rows.dense(), to: edge) }
        case .unaryWithResult(let result, let rule):
            var connected = result
            if keepsTape { connected = result.reconnected(node) }
            if let edge = node.first { add(rule(pending.gradient!, connected), to: edge) }
        case .binary(let first, let second):
            if let edge = node.first { add(first(pending.gradient!), to: edge) }
            if let edge = node.second { add(second(pending.gradient!), to: edge) }
        case .many(let rule):
            distribute(rule(pending.gradient!), node)
        case .parts(let rule):
            let part = pending.part
            distribute(rule(pending.gradient.take()!, part), node)
        case .manyWithResult(let result, let rule):
            distribute(rule(pending.gradient!, keepsTape ? result.reconnected(node) : result), node)
        case .recomputed(let rule):
            let inner = rule(pending.gradient!)
            result += inner.result
            for (edge, gradient) in inner.outside { add(gradient, to: edge) }
        case .bundle(let rule):
            distribute(rule([pending.gradient] + pending.others), node)
        }
    }

    private mutating func distribute(_ gradients: [Tensor?], _ node: Node) {
        for (edge, gradient) in zip(node.others, gradients) {
            if let edge, let gradient { add(gradient, to: edge) }
        }
    }

    // A binary heap with the largest sequence on top.
    private mutating func push(_ node: Node) {
        heap.append(node)
        var child = heap.count - 1
        while child > 0, heap[(child - 1) / 2].sequence < heap[child].sequence {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    private mutating func pop() -> Node? {
        guard let top = heap.first else { return nil }
        let last = heap.removeLast()
        if heap.isEmpty { return top }
        heap[0] = last
        var parent = 0
        while true {
            var largest = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < heap.count && heap[child].sequence > heap[largest].sequence { largest = child }
            if largest == parent { return top }
            heap.swapAt(parent, largest)
            parent = largest
        }
    }
}

extension Tensor {
    /// The result of `node` with its history, for a rule that is itself recorded.
    fileprivate func reconnected(_ node: Node) -> Tensor {
        let copy = window(shape: shape, strides: strides)
        copy.body.edge = Edge(node)
        return copy
    }
}
