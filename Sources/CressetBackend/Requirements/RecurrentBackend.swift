/// Recurrent layers, float32 and row-major; part of ``Backend``.
package protocol RecurrentBackend: Sendable {
    /// All steps of a recurrent layer. `projected`, (T, N, gates · H), is the inputs' contribution to the gates; `out`
    /// and `cells` (LSTM only) are (T, N, H) with H a multiple of 16. `gates`, (T, N, 4 H), receives what the gradient
    /// of a layer with several gates needs, if one will be requested.
    ///
    /// - Parameters:
    ///   - projected: The inputs' part of each gate.
    ///   - layer: The layer's weights and first states.
    ///   - gates: The gates of each step.
    ///   - cells: The cells of each step.
    ///   - out: The destination of the result.
    func recurrent(
        _ projected: Operand, layer: RecurrentOperands, gates: Operand?, cells: Operand?, into out: Operand)
    /// The gradients of ``recurrent(_:layer:gates:cells:into:)`` from that of its result, `states`. `hidden` and `cell`
    /// hold the gradients of the last states, and receive those of the first. `recurrent` receives that of the
    /// recurrent matrix's product; it is the memory of `out` except for GRUs.
    ///
    /// - Parameters:
    ///   - gradient: The gradient of the result.
    ///   - layer: The layer's weights and first states.
    ///   - states: The states of each step.
    ///   - gates: The gates of each step.
    ///   - cells: The cells of each step.
    ///   - hidden: The destination of the gradient of the initial state.
    ///   - cell: The destination of the gradient of the initial cell.
    ///   - out: The destination of the result.
    ///   - recurrent: The destination of the recurrent weights' gradient.
    func recurrentGradient(
        _ gradient: Operand, layer: RecurrentOperands, states: Operand, gates: Operand?, cells: Operand?,
        hidden: Operand, cell: Operand?, into out: Operand, recurrent: Operand)
}
