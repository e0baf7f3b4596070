/// What the operators of the current task do besides computing. Scoped by closures, never set directly.
@usableFromInline
struct Mode: Sendable {
    /// Whether operators on tensors with a history are recorded.
    @usableFromInline var records = true
    /// The 16-bit type in which products are computed inside ``withAutocast(_:_:)``.
    var autocast: DType?
    /// Where the first NaN is recorded inside ``detectingAnomalies(_:)``.
    var anomalies: AnomalyLog?
    /// What counts multiply-adds inside ``countingMultiplyAdds(_:)``.
    var multiplyAdds: MultiplyAddCounter?

    @TaskLocal @usableFromInline static var current = Mode()
}

/// Runs `body` without recording operators: no history, no memory held for a backward pass.
///
/// There is no separate inference mode: tensors are values, so there are no versions to count and nothing that
/// PyTorch's `inference_mode` could save in addition.
///
/// ```swift
/// let prediction = withoutGradients { model(x).argmax(axis: 1) }
/// ```
public func withoutGradients<R>(_ body: () throws -> R) rethrows -> R {
    var mode = Mode.current
    mode.records = false
    return try Mode.$current.withValue(mode) { try body() }
}

/// Whether operators are currently recorded: false inside ``withoutGradients(_:)``.
public var recordsGradients: Bool { Mode.current.records }

@usableFromInline func withRecording<R>(_ records: Bool, _ body: () throws -> R) rethrows -> R {
    var mode = Mode.current
    if mode.records == records { return try body() }
    mode.records = records
    return try Mode.$current.withValue(mode) { try body() }
}

/// The modes of the task that creates it, for threads that work on its behalf.
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
