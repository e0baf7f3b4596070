/// What the operators of the present task do besides computing. Scoped by closures, never set.
@usableFromInline
struct Mode: Sendable {
    /// Whether operators on tensors with history are recorded.
    @usableFromInline var records = true
    /// The short type in which products are computed, inside ``withAutocast(_:_:)``.
    var autocast: DType?
    /// Where the first NaN is noted, inside ``detectingAnomalies(_:)``.
    var anomalies: AnomalyLog?

    @TaskLocal @usableFromInline static var current = Mode()
}

/// Runs `body` without recording operators: no history, no memory held for a backward pass.
///
/// There is no inference mode beside it: tensors are values, so that there are no versions to count and nothing that
/// PyTorch's `inference_mode` could save on top.
///
/// ```swift
/// let prediction = withoutGradients { model(x).argmax(axis: 1) }
/// ```
public func withoutGradients<R>(_ body: () throws -> R) rethrows -> R {
    var mode = Mode.current
    mode.records = false
    return try Mode.$current.withValue(mode) { try body() }
}

/// Whether operators are recorded here: false inside ``withoutGradients(_:)``.
public var recordsGradients: Bool { Mode.current.records }

@usableFromInline func withRecording<R>(_ records: Bool, _ body: () throws -> R) rethrows -> R {
    var mode = Mode.current
    if mode.records == records { return try body() }
    mode.records = records
    return try Mode.$current.withValue(mode) { try body() }
}

/// The modes of the task that makes it, for threads that work for it.
package struct InheritedModes: Sendable {
    private let mode = Mode.current
    private let generator = Generator.current
    private let device = Device.current

    package init() {}

    package func apply<R>(_ body: () throws -> R) rethrows -> R {
        try Mode.$current.withValue(mode) {
            try Generator.$current.withValue(generator) { try withDevice(device) { try body() } }
        }
    }
}
