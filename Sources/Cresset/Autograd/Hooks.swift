import Synchronization

/// A hook attached to a gradient; it stays as long as the tensor's place on the tape.
public struct GradientHook: Sendable {
    fileprivate let hooks: GradientHooks
    fileprivate let id: UInt64

    /// Removes the hook: it is no longer called.
    public func remove() { hooks.remove(id) }
}

extension Tensor {
    /// Calls `hook` with the gradient with respect to this tensor in every sweep, as soon as it is complete.
    ///
    /// The hook's result replaces the gradient; nil leaves it unchanged. The hook of a leaf runs when the last operator
    /// that used the leaf has passed its gradient on, while the sweep continues with earlier operators: the right time
    /// to exchange it with other machines. If a part of the network is ``checkpointed(_:_:)-(Tensor,_)``, leaves are
    /// complete only after it. A row-sparse gradient is passed as a dense tensor and stays dense.
    ///
    /// ```swift
    /// hidden.onGradient { $0.clamp(min: -1, max: 1) }
    /// ```
    /// Traps for a tensor without a history, and for a gradient of a different shape.
    @discardableResult
    public func onGradient(_ hook: @escaping @Sendable (_ gradient: Tensor) -> Tensor?) -> GradientHook {
        guard let edge = body.edge else {
            fail(
                "onGradient", "the tensor of shape \(shape) has no gradient",
                hint: "use requiringGradient(), or compute it from tensors that do")
        }
        let hooks = edge.node.hooks ?? GradientHooks(isOfLeaf: edge.node.isLeaf)
        edge.node.hooks = hooks
        return GradientHook(hooks: hooks, id: hooks.add(slot: edge.slot, hook))
    }

    /// Calls `hook` with the gradient with respect to this tensor, without changing it.
    @discardableResult
    public func onGradient(_ hook: @escaping @Sendable (_ gradient: Tensor) -> Void) -> GradientHook {
        onGradient { gradient -> Tensor? in
            hook(gradient)
            return nil
        }
    }
}

/// The hooks of a node.
final class GradientHooks: Sendable {
    private struct Entry: Sendable {
        let id: UInt64
        let slot: Int
        let hook: @Sendable (Tensor) -> Tensor?
    }

    private struct State: Sendable {
        var entries: [Entry] = []
        var nextID: UInt64 = 0
    }

    private let state = Mutex(State())
    private let isOfLeaf: Bool

    /// How many leaves have hooks: if there are none, no sweep looks for them.
    private static let leafCount = Atomic<Int>(0)
    static var existForLeaves: Bool { leafCount.load(ordering: .relaxed) > 0 }

    init(isOfLeaf: Bool) {
        self.isOfLeaf = isOfLeaf
        if isOfLeaf { GradientHooks.leafCount.wrappingAdd(1, ordering: .relaxed) }
    }

    deinit {
        if isOfLeaf { GradientHooks.leafCount.wrappingSubtract(1, ordering: .relaxed) }
    }

    func add(slot: Int, _ hook: @escaping @Sendable (Tensor) -> Tensor?) -> UInt64 {
        state.withLock {
            $0.nextID += 1
            $0.entries.append(Entry(id: $0.nextID, slot: slot, hook: hook))
            return $0.nextID
        }
    }

    func remove(_ id: UInt64) { state.withLock { $0.entries.removeAll { $0.id == id } } }

    /// The gradient after all hooks, in the order in which they were added.
    func applied(to gradient: Tensor, slot: Int) -> Tensor {
        // Called without the lock, because a hook may remove itself.
        let entries = state.withLock { $0.entries }
        return entries.reduce(gradient) { gradient, entry in
            guard entry.slot == slot, let new = entry.hook(gradient) else { return gradient }
            if new.shape != gradient.shape {
                fail("onGradient", "a hook returned shape \(new.shape) for a gradient of shape \(gradient.shape)")
            }
            return new
        }
    }
}

/// Determines during a sweep when the gradients of leaves with hooks are complete.
struct LeafCountdown {
    private struct Leaf {
        let node: Node
        var uses = 0
    }

    private var open: [ObjectIdentifier: Leaf] = [:]
    private var done: Set<ObjectIdentifier> = []
    /// Parts to be recomputed, which may use any leaf.
    private var recomputations = 0

    /// Counts the uses of each leaf with hooks below `root`; nil if no leaf anywhere has any.
    init?(from root: Node) {
        guard GradientHooks.existForLeaves else { return nil }
        var seen: Set<ObjectIdentifier> = [ObjectIdentifier(root)]
        var stack = [root]
        while let node = stack.popLast() {
            if node.isRecomputed { recomputations += 1 }
            for edge in node.inputs {
                let key = ObjectIdentifier(edge.node)
                if edge.node.isLeaf {
                    if edge.node.hooks != nil { open[key, default: Leaf(node: edge.node)].uses += 1 }
                } else if seen.insert(key).inserted {
                    stack.append(edge.node)
                }
            }
        }
    }

    /// The leaves that are complete once `node` has passed its gradients on.
    mutating func passed(_ node: Node) -> [Node] {
        for edge in node.inputs { open[ObjectIdentifier(edge.node)]?.uses -= 1 }
        if node.isRecomputed { recomputations -= 1 }
        guard recomputations == 0, !open.isEmpty else { return [] }
        let complete = open.filter { $0.value.uses == 0 }
        for key in complete.keys {
            open[key] = nil
            done.insert(key)
        }
        return complete.values.map(\.node).sorted { $0.sequence > $1.sequence }
    }

    func isDone(_ leaf: Node) -> Bool { done.contains(ObjectIdentifier(leaf)) }
}

extension Node {
    fileprivate var isRecomputed: Bool { if case .recomputed = rule { true } else { false } }
}
