import Cresset

/// The average of a model's weights over training, which often performs better than the final weights.
///
/// ```swift
/// let average = WeightAverage(model, .exponential(decay: 0.999))
/// for batch in batches {
///     optimizer.step(...)
///     average.update()
/// }
/// average.withAveragedWeights { evaluate(model) }
/// ```
///
/// With batch normalisation, call the model's `updateBatchNorm` while the averaged weights are in place.
///
/// *Source*: Izmailov et al., "Averaging Weights Leads to Wider Optima and Better Generalization", 2018 (mean); Polyak and
/// Juditsky, "Acceleration of Stochastic Approximation by Averaging", 1992.
public final class WeightAverage {
    /// The weight given to the newest parameters.
    public enum Kind: Sendable, Equatable {
        /// The same as all others: stochastic weight averaging.
        case mean
        /// 1 - decay.
        case exponential(decay: Double)
    }

    public let kind: Kind
    /// How often ``update()`` was called.
    public private(set) var updateCount = 0
    private let module: any Module
    private let named: [(name: String, parameter: Parameter)]
    private var averages: [Tensor]
    /// Statistics computed with the averaged weights, in the order of the buffers; valid until the next update.
    private var statistics: [Tensor]?

    /// An average that starts with the current weights of `module`. Traps if a decay is not in 0...1.
    ///
    /// - Parameters:
    ///   - module: The network whose weights are averaged.
    ///   - kind: How they are averaged.
    public init(_ module: some Module, _ kind: Kind = .mean) {
        if case .exponential(let decay) = kind, !(decay >= 0 && decay <= 1) {
            fatalError("WeightAverage: a decay of \(decay) must be in 0...1")
        }
        self.module = module
        self.kind = kind
        named = module.namedParameters
        averages = named.map { entry in
            entry.parameter.update { FusedStep.state(for: $0, copying: $0) }
        }
    }

    /// Includes the model's current weights in the average; the first ones become the average.
    public func update() {
        let weight: Double =
            switch kind {
            case _ where updateCount == 0: 1
            case .mean: 1 / Double(updateCount + 1)
            case .exponential(let decay): 1 - decay
            }
        updateCount += 1
        statistics = nil
        if averages.isEmpty { return }
        var none: [Tensor] = []
        let targets = averages.indices.map { i in
            let value = withoutGradients { named[i].parameter.value }
            averages[i] = averages[i].to(value.device)
            return FusedStep.lend(&averages[i], gradient: value, state: &none)
        }
        FusedStep.run(targets, OptimizerStep(.average(weight: weight)), device: averages[0].device)
    }

    /// Swaps the model's weights and the average; a second call swaps them back.
    public func exchange() {
        for i in averages.indices {
            let parameter = named[i].parameter
            let own = withoutGradients { parameter.value }
            parameter.value = averages[i].to(parameter.device).to(parameter.dtype)
            averages[i] = parameter.update { FusedStep.state(for: $0, copying: own) }
        }
    }

    /// Runs `body` while the model has the averaged weights.
    ///
    /// Buffers that `body` changes (with `updateBatchNorm`) belong to the average: the model gets its own back
    /// afterwards, and ``stateDict()`` and the next call of this method use the average's, until the next ``update()``.
    public func withAveragedWeights<R>(_ body: () throws -> R) rethrows -> R {
        let buffers = module.namedBuffers.map(\.buffer)
        let own = buffers.map(\.value)
        exchange()
        if let statistics { for (buffer, value) in zip(buffers, statistics) { buffer.value = value } }
        let before = buffers.map(\.value.contents)
        defer {
            if buffers.map(\.value.contents) != before { statistics = buffers.map(\.value) }
            for (buffer, value) in zip(buffers, own) { buffer.value = value }
            exchange()
        }
        return try body()
    }

    /// The model's state dict with the averaged weights: the one to save and deploy.
    public func stateDict() -> StateDict {
        var values: [ObjectIdentifier: Tensor] = [:]
        for (entry, average) in zip(named, averages) {
            // Later changes in place must not affect the returned tensors.
            values[ObjectIdentifier(entry.parameter)] = (average + 0).to(entry.parameter.dtype)
        }
        for (entry, value) in zip(module.namedBuffers, statistics ?? []) {
            values[ObjectIdentifier(entry.buffer)] = value
        }
        return module.stateDict(replacing: values)
    }

    /// Resumes from a saved average.
    ///
    /// - Parameters:
    ///   - state: The averages by name.
    ///   - updateCount: The number of weights averaged so far.
    /// - Throws: `StateDict.Mismatch` if it belongs to another model.
    public func load(_ state: StateDict, updateCount: Int) throws(StateDict.Mismatch) {
        let fitted = try module.fitted(state)
        for i in averages.indices {
            if let tensor = fitted[named[i].name] {
                averages[i] = named[i].parameter.update { FusedStep.state(for: $0, copying: tensor) }
            }
        }
        self.updateCount = updateCount
    }
}
