import Synchronization

/// The first NaN that an operator produced, found by ``detectingAnomalies(_:)``.
public struct GradientAnomaly: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Place: String, Sendable, Hashable {
        /// In the operator's result.
        case result
        /// In a gradient that the operator passed to one of its inputs.
        case gradient
    }

    /// The operator's name, which is that of its function.
    public let operation: String
    public let place: Place
    /// The shape of the tensor that contains the NaN.
    public let shape: Shape

    public var description: String {
        """
        the \(place) of \(operation) contains NaN, in a tensor of shape \(shape)
          hint: \(place == .result ? "its inputs are NaN or outside its domain" : "its result is finite, its derivative not")
        """
    }
}

/// Runs `body`, looking for NaN in the result and the gradients of every recorded operator.
///
/// Slow, since it reads every tensor again: it is meant for finding out where a loss became NaN. Both the computation
/// and its `gradients()` belong inside.
/// `gradients()` belong inside.
///
/// ```swift
/// let gradients = try detectingAnomalies { model(x).crossEntropy(y).gradients() }
/// ```
/// - Throws: ``GradientAnomaly`` with the first operator that produced NaN, once `body` has ended; otherwise what
///   `body` throws.
public func detectingAnomalies<R>(_ body: () throws -> R) throws -> R {
    let log = AnomalyLog()
    var mode = Mode.current
    mode.anomalies = log
    AnomalyLog.openScopes.wrappingAdd(1, ordering: .relaxed)
    defer { AnomalyLog.openScopes.wrappingSubtract(1, ordering: .relaxed) }
    let result = Result { try Mode.$current.withValue(mode) { try body() } }
    if let anomaly = log.first.withLock({ $0 }) { throw anomaly }
    return try result.get()
}

/// Records the first NaN of a scope.
final class AnomalyLog: Sendable {
    let first = Mutex<GradientAnomaly?>(nil)

    /// How many scopes are open in all tasks: operators outside any scope only read this.
    static let openScopes = Atomic<Int>(0)

    /// Whether the current task may be in a scope.
    static var isOpen: Bool { openScopes.load(ordering: .relaxed) > 0 }

    static func inspect(_ tensor: Tensor, _ place: GradientAnomaly.Place, of operation: StaticString) {
        guard let log = Mode.current.anomalies, log.first.withLock({ $0 == nil }) else { return }
        guard tensor.dtype.isFloatingPoint, tensor.elementCount > 0 else { return }
        let holdsNaN = withoutGradients { tensor.detached().isNaN().any().item() != 0 }
        if !holdsNaN { return }
        log.first.withLock {
            $0 = $0 ?? GradientAnomaly(operation: "\(operation)", place: place, shape: tensor.shape)
        }
    }
}
