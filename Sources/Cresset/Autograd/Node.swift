import CKernels
import Synchronization

/// An entry of the tape: one recorded operator, or a leaf for which gradients are collected.
@usableFromInline
final class Node: @unchecked Sendable {
    /// How the gradient of a result is turned into the gradients of the inputs.
    @usableFromInline enum Rule {
        case leaf
        /// A backward pass has been here and released what it needed.
        case spent
        case unary(@Sendable (Tensor) -> Tensor)
        /// The gradient of a table, of which only rows are needed.
        case rows(@Sendable (Tensor) -> SparseRows)
        /// Any number of inputs, with a gradient that may come in two parts whose sum it is. The first is handed over: where
        /// nothing else holds it, its memory may be written.
        case parts(@Sendable (consuming Tensor, Tensor?) -> [Tensor?])
        /// With the result, which the rule needs but must not capture (it would own its own node).
        case unaryWithResult(Tensor, @Sendable (Tensor, Tensor) -> Tensor)
        case binary(@Sendable (Tensor) -> Tensor, @Sendable (Tensor) -> Tensor)
        /// Any number of inputs; nil if no gradient flows.
        case many(@Sendable (Tensor) -> [Tensor?])
        /// Any number of inputs, with the result.
        case manyWithResult(Tensor, @Sendable (Tensor, Tensor) -> [Tensor?])
        /// A recomputed part of the network, with its own sweep.
        case recomputed(@Sendable (Tensor) -> Sweep)
        /// Several results, some of which may not have been used.
        case bundle(@Sendable ([Tensor?]) -> [Tensor?])
    }

    let name: StaticString
    /// Increases with each node: inputs always have a smaller one, so descending order is a valid order for the sweep.
    let sequence: UInt64
    var rule: Rule
    var first: Edge?
    var second: Edge?
    var others: [Edge?]
    /// Hooks called with the gradient when it is complete.
    var hooks: GradientHooks?
    /// How rules that need the result get it, if it need not be kept for them.
    var rematerialization: Rematerialization?

    private static let sequences = Atomic<UInt64>(0)

    /// The sequence number of the next node.
    static var nextSequence: UInt64 { sequences.load(ordering: .relaxed) }

    init(_ name: StaticString, _ rule: Rule, first: Edge?, second: Edge? = nil, others: [Edge?] = []) {
        self.name = name
        self.rule = rule
        self.first = first
        self.second = second
        self.others = others
        sequence = Node.sequences.wrappingAdd(1, ordering: .relaxed).oldValue
    }

    /// Drops the rule and the inputs: what the operator saved is freed as soon as the sweep has passed.
    func spend() {
        rule = .spent
        rematerialization = nil
        first = nil
        second = nil
        others = []
    }

    // Dropping the last result of a long chain would release its nodes recursively and overflow the stack; what a node
    // holds is therefore put on a list that the outermost release works off.
    deinit {
        if holdsNothingDeep { return }
        let slot = cresset_thread_slot()
        if let queue = slot.pointee {
            Unmanaged<Releases>.fromOpaque(queue).takeUnretainedValue().pending.append(take())
            return
        }
        let releases = Releases()
        slot.pointee = Unmanaged.passUnretained(releases).toOpaque()
        releases.pending.append(take())
        while let next = releases.pending.popLast() { _ = consume next }
        slot.pointee = nil
    }

    // Not bound to names in the deinitialiser: a name would keep its reference until after the list is processed.
    private var holdsNothingDeep: Bool {
        (first?.node.isLeaf ?? true) && (second?.node.isLeaf ?? true) && others.isEmpty
    }

    /// The connections to the tensors from which the node was computed.
    var inputs: [Edge] { [first, second].compactMap(\.self) + others.compactMap(\.self) }

    /// Whether the rule adds two gradients of the result in a pass over memory that it makes anyway.
    var takesParts: Bool { if case .parts = rule { true } else { false } }

    var isLeaf: Bool { if case .leaf = rule { true } else { false } }

    private func take() -> Payload {
        let payload = Payload(rule: rule, first: first, second: second, others: others)
        spend()
        return payload
    }

    private struct Payload {
        let rule: Rule
        let first, second: Edge?
        let others: [Edge?]
    }

    private final class Releases {
        var pending: [Payload] = []
    }
}

/// The connection of a tensor to the node that created it; `slot` distinguishes several results of one node.
@usableFromInline
struct Edge: Sendable {
    @usableFromInline let node: Node
    @usableFromInline var slot = 0

    /// Identifies a result among those of all operators.
    @usableFromInline struct Position: Hashable, Sendable {
        let node: ObjectIdentifier
        let slot: Int
    }

    var position: Position { Position(node: ObjectIdentifier(node), slot: slot) }

    init(_ node: Node, slot: Int = 0) {
        self.node = node
        self.slot = slot
    }
}
