/// How a recurrent layer computes the next state. Raw values are shared with `CKernels.h`.
package enum RecurrentKind: Int32, Sendable {
    /// h' = activation(x + U h).
    case tanh = 0
    case relu
    /// h' = n + z (h - n) with n = tanh(x + r (U h + b)), from the gates r, z, n.
    case gated
    /// c' = f c + i g and h' = o tanh(c'), from the gates i, f, g, o.
    case longShortTerm

    /// The number of vectors of the hidden length that the matrices produce.
    package var gates: Int {
        switch self {
        case .tanh, .relu: 1
        case .gated: 3
        case .longShortTerm: 4
        }
    }
}

/// The operands of a recurrent layer besides its input.
@frozen
package struct RecurrentOperands {
    package var kind: RecurrentKind
    /// The recurrent matrix, (gates · H, H).
    package var weight: Operand
    /// The bias added to its product, (gates · H), for GRUs only.
    package var bias: Operand?
    /// The states before the first step, (N, H); cells for LSTMs only.
    package var hidden: Operand
    package var cell: Operand?
    /// Whether the steps are taken from last to first.
    package var isReversed: Bool

    /// Creates one from its parts.
    ///
    /// - Parameters:
    ///   - kind: Which kind of network.
    ///   - weight: The weights.
    ///   - bias: A tensor that is added at the end; nil for none.
    ///   - hidden: The initial states; nil for zeros.
    ///   - cell: The initial cells; nil for zeros.
    ///   - isReversed: Whether the sequence is read from the end.
    @inlinable package init(
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
