import Synchronization

/// Runs `body`, counting the multiply-adds of its matrix products, convolutions and recurrent layers.
///
/// These are nearly all of a network's work; pointwise operators, normalisations and pools are not counted. Backward
/// passes count too, if they are inside. A floating-point operation (FLOP) is half of a multiply-add.
///
/// ```swift
/// let (scores, count) = countingMultiplyAdds { model(x) }
/// ```
/// - Source: PyTorch's `FlopCounterMode`, which counts each multiply-add twice.
public func countingMultiplyAdds<R>(_ body: () throws -> R) rethrows -> (result: R, count: Int) {
    let counter = MultiplyAddCounter()
    return (try counter.counting(body), counter.count)
}

/// The multiply-adds of a scope, which can be read while it is open.
package final class MultiplyAddCounter: Sendable {
    private let total = Atomic<Int>(0)
    /// How many scopes are open in all tasks: operators outside any scope only read this.
    private static let openScopes = Atomic<Int>(0)

    package init() {}

    package var count: Int { total.load(ordering: .relaxed) }

    package func counting<R>(_ body: () throws -> R) rethrows -> R {
        var mode = Mode.current
        mode.multiplyAdds = self
        Self.openScopes.wrappingAdd(1, ordering: .relaxed)
        defer { Self.openScopes.wrappingSubtract(1, ordering: .relaxed) }
        return try Mode.$current.withValue(mode) { try body() }
    }

    /// Adds `terms` for each element of a result.
    static func add(_ terms: Int, forEach result: Tensor) {
        guard openScopes.load(ordering: .relaxed) > 0, let counter = Mode.current.multiplyAdds else { return }
        counter.total.wrappingAdd(terms * result.elementCount, ordering: .relaxed)
    }

    /// Adds those of a convolution with `weight`, of which `result` is the result or has its shape.
    static func add(convolution weight: Tensor, _ result: Tensor) {
        add(weight.shape.dropFirst().reduce(1, *), forEach: result)
    }
}
