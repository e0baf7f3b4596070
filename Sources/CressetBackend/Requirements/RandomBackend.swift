/// Random numbers as PyTorch draws them; part of ``Backend``.
package protocol RandomBackend: Sendable {
    /// How ``random(_:seed:offset:into:)`` distributes numbers over threads.
    var randomGeometry: RandomGeometry { get }
    /// Fills `out`, which is dense, in memory order, with the numbers that PyTorch's generator gives on a GPU with this
    /// geometry for `seed`, starting at `offset`, a multiple of 4. The next call's offset is larger by the geometry's
    /// increment.
    ///
    /// - Parameters:
    ///   - distribution: The distribution to draw from.
    ///   - seed: The random seed: equal seeds give equal numbers.
    ///   - offset: The position in the stream of random numbers.
    ///   - out: The destination of the result.
    func random(_ distribution: RandomDistribution, seed: UInt64, offset: UInt64, into out: Operand)
}
