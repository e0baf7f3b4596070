import Cresset

/// Creates modules only to look at: their names, shapes and types, whatever their size.
///
/// Nothing is drawn, and parameters are zeros that take no memory. Such a module must not be trained.
package func withoutInitialValues<R>(_ body: () throws -> R) rethrows -> R {
    try InitialValues.$areOmitted.withValue(true, operation: body)
}

enum InitialValues {
    @TaskLocal static var areOmitted = false
}

extension Parameter {
    /// A parameter of zeros, for an initialiser to change.
    convenience init(zeros shape: Shape, dtype: DType) {
        let zeros = Tensor.zeros(InitialValues.areOmitted ? [] : shape, dtype: dtype, device: .current)
        self.init(zeros.broadcast(to: shape))
    }
}
