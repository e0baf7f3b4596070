/// What may follow an operator in the same pass; part of ``Backend``.
package protocol FusionBackend: Sendable {
    /// Whether the operators of a kind take `epilogue`, for every floating-point type. If not, the caller runs the parts
    /// in sequence. No epilogue, and the rectifier, are always taken.
    ///
    /// - Parameters:
    ///   - epilogue: What is applied to the result.
    ///   - operation: The kind of operator.
    func supports(_ epilogue: Epilogue, after operation: FusibleOperation) -> Bool
}
