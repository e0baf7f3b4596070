extension StateDict {
    /// The names of the tensors that contain infinities or NaN, in order.
    ///
    /// Examines every number.
    public var nonFiniteNames: [String] {
        withoutGradients {
            filter { $0.tensor.dtype.isFloatingPoint && $0.tensor.isFinite().all().item() == 0 }.map(\.name)
        }
    }
}
