/// How a recurrent layer goes from one state to the next. Raw values are shared with `CKernels.h`.
public enum RecurrentKind: Int32, Sendable {
    /// h' = activation(x + U h).
    case tanh = 0
    case relu
    /// h' = n + z (h - n) with n = tanh(x + r (U h + b)), from the gates r, z, n.
    case gated
    /// c' = f c + i g and h' = o tanh(c'), from the gates i, f, g, o.
    case longShortTerm

    /// How many vectors of the hidden length the matrices give.
    public var gates: Int {
        switch self {
        case .tanh, .relu: 1
        case .gated: 3
        case .longShortTerm: 4
        }
    }
}

/// What a recurrent layer has beside its input.
@frozen
public struct RecurrentOperands {
    public var kind: RecurrentKind
    /// The recurrent matrix, (gates · H, H).
    public var weight: Operand
    /// What is added to its product, (gates · H), for gated units only.
    public var bias: Operand?
    /// The states before the first step, (N, H); cells for long short-term memory only.
    public var hidden: Operand
    public var cell: Operand?
    /// Whether the last step is the first one taken.
    public var isReversed: Bool

    @inlinable public init(
        kind: RecurrentKind, weight: Operand, bias: Operand?, hidden: Operand, cell: Operand?, isReversed: Bool
    ) {
        self.kind = kind
        self.weight = weight
        self.bias = bias
        self.hidden = hidden
        self.cell = cell
        self.isReversed = isReversed
    }
}
